"""Looking up attributes of agents by id, over the agents' files of a log."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import frame_dtype, held_frame
from bustle.outputs.log import LogReader
from bustle.outputs.schema import LogColumn, agent_columns, snapshot_columns
from bustle.scenarios.model import Model


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
        self._columns: dict[tuple[str, str], pl.Series] = {}

    def at(self, snapshots: dict[str, pl.DataFrame]) -> AgentLookup:
        """The same agents at an earlier moment: attributes that change come from ``snapshots``, by population."""
        earlier = AgentLookup(self._reader, self._model)
        earlier._columns = self._columns | {
            (population, name): frame.get_column(name)
            for population, frame in snapshots.items()
            for name in frame.columns
        }
        return earlier

    def column(self, population: str, name: str) -> pl.Series:
        """The held values of an attribute, link, ``state``, ``born``, ``retired`` or ``identity``, by id."""
        key = (population, name)
        if key not in self._columns:
            wanted = tuple(c for c in agent_columns(self._model.populations[population]) if c.name == name)
            if not wanted:
                raise KeyError(f"{population}.{name}")
            self._columns[key] = self._read("agents", population, wanted).get_column(name).rechunk()
        return self._columns[key]

    def snapshot(self, table: str, population: str, moment: int) -> pl.DataFrame:
        """The snapshot of ``population`` taken at ``moment`` for agent table ``table``."""
        columns = snapshot_columns(self._model, table)[population]
        frames = [
            frame.filter(pl.col("time") == moment)
            for frame in self._frames("snapshots", f"{table}.{population}", columns)
        ]
        return pl.concat(frames)

    def _read(self, kind: str, name: str, columns: tuple[LogColumn, ...]) -> pl.DataFrame:
        return pl.concat(list(self._frames(kind, name, columns)))

    def _frames(self, kind: str, name: str, columns: tuple[LogColumn, ...]) -> Iterator[pl.DataFrame]:
        yield pl.DataFrame(schema={c.name: frame_dtype(c.type) for c in columns})
        for batch in self._reader.batches_of(kind, name, [c.name for c in columns]):
            yield held_frame(batch, columns, self._epoch)
