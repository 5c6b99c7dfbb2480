"""One row per pair of agents."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.aggregates import GroupedRows
from bustle.outputs.columns import Columns, Row
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_frame
from bustle.outputs.recorders.grouped import GroupedColumns
from bustle.outputs.recorders.recording import Recording, kept
from bustle.outputs.schema import network_columns
from bustle.scenarios.model import EdgeTable

_BATCH = 65_536


def edges(table: EdgeTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of ``table``: a network's edges in its order, or the pairs of an event sorted by source and target."""
    return _of_network(table, recording) if table.network is not None else _of_event(table, recording)


def _of_network(table: EdgeTable, recording: Recording) -> Iterator[pl.DataFrame]:
    assert table.network is not None
    model = recording.model
    columns = network_columns(model, table.network)
    row = Row(acting=pl.col("source"), candidate=pl.col("target"), now=pl.lit(model.clock.length))
    compiler = Columns(model, row, recording.agents)
    output = _with_ends([compiler.compile(column.value).alias(column.name) for column in table.columns], {})
    epoch = epoch_of(model.clock)
    for batch in recording.reader.batches_of("networks", table.network):
        frame = kept(held_frame(batch, columns, epoch), table.where, compiler)
        yield frame.with_columns(output).select(e.meta.output_name() for e in output)


def _of_event(table: EdgeTable, recording: Recording) -> Iterator[pl.DataFrame]:
    assert table.event is not None and table.source is not None and table.target is not None
    recording.refuse_changing(table)
    rows = Columns(recording.model, Row(now=pl.col("time")), recording.agents, recording.event_draws())
    ends = {"source": table.source, "target": table.target}
    keys = {f"key {name}": expr for name, expr in ends.items()}
    groups = GroupedColumns(recording, rows, {expr: pl.col(name) for name, expr in keys.items()})
    declared = [groups.compile(column.value).alias(column.name) for column in table.columns]
    output = _with_ends(declared, {name: f"key {name}" for name in ends})

    grouped = GroupedRows(list(keys), groups.reductions.reductions)
    for frame in recording.event_frames(table.event, table):
        keyed = kept(frame, table.where, rows).with_columns(rows.compile(e).alias(n) for n, e in keys.items())
        pairs = keyed.drop_nulls(list(keys))  # a pair without one of its ends is no edge
        if len(pairs):
            grouped.add(pairs)
    result = grouped.take()
    for first in range(0, len(result), _BATCH):
        part = result[first : first + _BATCH]
        yield part.with_columns(output).select(e.meta.output_name() for e in output)


def _with_ends(declared: list[pl.Expr], columns: dict[str, str]) -> list[pl.Expr]:
    """The declared columns after ``source`` and ``target``, unless they bear those names themselves."""
    taken = {e.meta.output_name() for e in declared}
    own = [pl.col(columns.get(name, name)).alias(name) for name in ("source", "target") if name not in taken]
    return [*own, *declared]
