"""One row per agent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.arrow_memory import values_of
from bustle.outputs.cells import Cells, Rows
from bustle.outputs.columns import Columns, Row, computed
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_rows
from bustle.outputs.log import BATCH
from bustle.outputs.recorders.recording import Recording, kept
from bustle.outputs.schema import agent_columns, snapshot_columns
from bustle.scenarios.model import AgentTable, Attr
from bustle.scenarios.walk import expressions


def agents_of(table: AgentTable, recording: Recording) -> Iterator[Rows]:
    """The rows of ``table`` in order of id.

    At the end of the run that is every agent there ever was, so that ids in other tables find their row; at an
    instant of ``at``, those that were there then, with the instant as ``time``.
    """
    return _at_instants(table, recording) if table.at else _at_end(table, recording)


def _at_end(table: AgentTable, recording: Recording) -> Iterator[Rows]:
    model = recording.model
    read = {e.name for e in expressions(table) if isinstance(e, Attr) and e.population == table.population}
    columns = tuple(c for c in agent_columns(model.populations[table.population]) if c.name in {"id", *read})
    compiler = _compiler(recording, recording.agents, frozenset(c.name for c in columns))
    epoch = epoch_of(model.clock)
    for batch in recording.reader.batches_of("agents", table.population, [c.name for c in columns]):
        yield _rows(held_rows(batch, columns, epoch), table, compiler)


def _at_instants(table: AgentTable, recording: Recording) -> Iterator[Rows]:
    columns = snapshot_columns(recording.model, table.name)
    own = frozenset(c.name for c in columns[table.population] if c.name != "time")
    for time in _instants(table, recording):
        snapshots = {population: recording.agents.snapshot(table.name, population, time) for population in columns}
        compiler = _compiler(recording, recording.agents.at(snapshots), own)
        there = _there(snapshots[table.population])
        for first in range(0, there.size, BATCH):
            rows = _rows(there.cut(first, first + BATCH), table, compiler)
            yield Rows(rows.size, {"time": Cells(np.full(rows.size, time)), **rows.columns})


def _there(agents: Rows) -> Rows:
    """Those that have not retired."""
    missing = agents.columns["retired"].missing
    return agents.kept(np.zeros(agents.size, np.bool_) if missing is None else missing)


def _rows(agents: Rows, table: AgentTable, compiler: Columns) -> Rows:
    rows = kept(agents, table.where, compiler)
    cells = computed([compiler.compile(c.value) for c in table.columns], rows)
    return Rows(rows.size, {c.name: found for c, found in zip(table.columns, cells, strict=True)})


def _instants(table: AgentTable, recording: Recording) -> list[int]:
    """The instants of the table's snapshots, in order."""
    start = epoch_of(recording.model.clock).start
    times: list[int] = []
    for batch in recording.reader.batches_of("snapshots", f"{table.name}.{table.population}", ["time"]):
        found = np.unique(values_of(batch.column("time"), np.int64, None)) - start
        times += [time for time in found.tolist() if not times or time > times[-1]]
    return times


def _compiler(recording: Recording, agents: AgentLookup, own: frozenset[str]) -> Columns:
    return Columns(recording.model, Row(acting="id", own=own), agents)
