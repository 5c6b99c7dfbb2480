"""One row per agent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.columns import Columns, Row
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_frame
from bustle.outputs.recorders.pools import PoolAggregates
from bustle.outputs.recorders.recording import Recording, kept, selected
from bustle.outputs.row_draws import RowDraws, RowKeys
from bustle.outputs.schema import agent_columns, snapshot_columns
from bustle.outputs.walk import expressions_in
from bustle.scenarios.model import AgentTable, Attr

_BATCH = 65_536


def agents_of(table: AgentTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of ``table`` in order of id.

    At the end of the run that is every agent there ever was, so that ids in other tables find their row; at an
    instant of ``at``, those that were there then, with the instant as ``time``.
    """
    return _at_instants(table, recording) if table.at else _at_end(table, recording)


def _at_end(table: AgentTable, recording: Recording) -> Iterator[pl.DataFrame]:
    model = recording.model
    read = {e.name for e in expressions_in(table) if isinstance(e, Attr) and e.population == table.population}
    columns = tuple(c for c in agent_columns(model.populations[table.population]) if c.name in {"id", *read})
    compiler = _compiler(table, recording, recording.agents, model.clock.length, frozenset(c.name for c in columns))
    epoch = epoch_of(model.clock)
    for batch in recording.reader.batches_of("agents", table.population, [c.name for c in columns]):
        yield selected(kept(held_frame(batch, columns, epoch), table.where, compiler), table.columns, compiler)


def _at_instants(table: AgentTable, recording: Recording) -> Iterator[pl.DataFrame]:
    model = recording.model
    columns = snapshot_columns(model, table.name)
    for time in _instants(table, recording):
        frames = {population: recording.agents.snapshot(table.name, population, time) for population in columns}
        then = recording.agents.at(time, frames)
        own = frozenset(c.name for c in columns[table.population] if c.name != "time")
        compiler = _compiler(table, recording, then, time, own)
        there = frames[table.population].filter(pl.col("retired").is_null())
        for first in range(0, len(there), _BATCH):
            rows = selected(kept(there[first : first + _BATCH], table.where, compiler), table.columns, compiler)
            if any(column.name == "time" for column in table.columns):
                yield rows
            else:
                yield rows.select(pl.lit(time, dtype=pl.Int64).alias("time"), pl.all())


def _instants(table: AgentTable, recording: Recording) -> list[int]:
    """The instants of the table's snapshots, in order."""
    start = epoch_of(recording.model.clock).start
    times: list[int] = []
    for batch in recording.reader.batches_of("snapshots", f"{table.name}.{table.population}", ["time"]):
        found = np.unique(batch.column("time").cast("int64").to_numpy()) - start
        times += [time for time in found.tolist() if not times or time > times[-1]]
    return times


def _compiler(
    table: AgentTable, recording: Recording, agents: AgentLookup, now: int, own: frozenset[str]
) -> Columns:
    model = recording.model
    pools = PoolAggregates(model, agents, now)
    draws = RowDraws(model, agents, recording.draw, RowKeys(agent=pl.col("id"), population=table.population))
    row = Row(acting=pl.col("id"), now=pl.lit(now, dtype=pl.Int64), own=own)
    compiler = Columns(model, row, agents, draws, aggregate=lambda expr: pools.compile(expr, compiler))
    return compiler
