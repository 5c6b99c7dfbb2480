"""Looking up attributes of agents by id, over the agents' files of a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bustle.outputs.cells import Cells, Rows, cell_dtype, concatenated
from bustle.outputs.epoch import epoch_of
from bustle.outputs.event_sink import Values
from bustle.outputs.frames import held_rows
from bustle.outputs.held import accept, join, to_arrow
from bustle.outputs.log import LogReader, with_ids
from bustle.outputs.schema import LogColumn, agent_columns, snapshot_columns
from bustle.scenarios.model import Model

HeldColumns = Mapping[str, Values]
"""Columns of agents in held form, by name."""


class AgentLookup:
    """Columns of held values by population and attribute, read from the log when first asked for.

    What it holds grows with the agents and the attributes that tables read, never with the events.

    Args:
        reader: the log.
        model: the scenario.
    """

    def __init__(self, reader: LogReader, model: Model) -> None:
        self._reader = reader
        self._model = model
        self._epoch = epoch_of(model.clock)
        self._columns: dict[tuple[str, str], Cells] = {}
        self._identities: dict[str, npt.NDArray[np.int64] | None] = {}

    def at(self, snapshots: Mapping[str, Rows]) -> AgentLookup:
        """The same agents at an earlier moment: attributes that change come from ``snapshots``, by population."""
        earlier = AgentLookup(self._reader, self._model)
        earlier._columns = self._columns | {
            (population, name): cells for population, rows in snapshots.items() for name, cells in rows.columns.items()
        }
        return earlier

    def column(self, population: str, name: str) -> Cells:
        """The held values of an attribute, link, ``state``, ``born``, ``retired`` or ``identity``, by id."""
        key = (population, name)
        if key not in self._columns:
            wanted = tuple(c for c in agent_columns(self._model.populations[population]) if c.name == name)
            if not wanted:
                raise KeyError(f"{population}.{name}")
            self._columns[key] = self._read("agents", population, wanted).columns[name]
        return self._columns[key]

    def identities(self, population: str) -> npt.NDArray[np.int64] | None:
        """What keys the draws of each agent, int64 by id; None where that is its id, as it is unless agents spawn."""
        if population not in self._identities:
            identity = self.column(population, "identity").values
            same = np.array_equal(identity, np.arange(len(identity)))
            self._identities[population] = None if same else identity
        return self._identities[population]

    def snapshot(self, table: str, population: str, moment: int) -> Rows:
        """The snapshot of ``population`` taken at ``moment`` for agent table ``table``."""
        columns = snapshot_columns(self._model, table)[population]
        kept = [
            rows.kept(rows.columns["time"].values == moment)
            for rows in self._batches("snapshots", f"{table}.{population}", columns)
        ]
        return _joined(kept, columns)

    def _read(self, kind: str, name: str, columns: tuple[LogColumn, ...]) -> Rows:
        return _joined(list(self._batches(kind, name, columns)), columns)

    def _batches(self, kind: str, name: str, columns: tuple[LogColumn, ...]) -> Iterator[Rows]:
        for batch in self._reader.batches_of(kind, name, [c.name for c in columns]):
            yield held_rows(batch, columns, self._epoch)


class AgentsAtStart(AgentLookup):
    """The same of the agents at the start of a run, before there is a log: of what does not change afterwards.

    Args:
        model: the scenario.
        agents: columns in held form by population: links and attributes of populations that nobody joins.
    """

    def __init__(self, model: Model, agents: Mapping[str, HeldColumns]) -> None:
        self._model = model
        self._agents = agents
        self._epoch = epoch_of(model.clock)
        self._columns = {}
        self._identities = {}

    def _read(self, kind: str, name: str, columns: tuple[LogColumn, ...]) -> Rows:
        given = with_ids(self._agents[name], columns)
        arrays = [to_arrow(join([accept(given[c.name], c, owned=True)], c), c, self._epoch) for c in columns]
        return held_rows(pa.RecordBatch.from_arrays(arrays, [c.name for c in columns]), columns, self._epoch)


def _joined(parts: list[Rows], columns: tuple[LogColumn, ...]) -> Rows:
    if not parts:
        return Rows(0, {c.name: Cells(np.empty(0, cell_dtype(c.type))) for c in columns})
    size = sum(part.size for part in parts)
    return Rows(size, {c.name: concatenated([part.columns[c.name] for part in parts]) for c in columns})
