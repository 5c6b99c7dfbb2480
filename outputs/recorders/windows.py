"""Aggregates of events over windows of time."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.aggregates import GroupedRows
from bustle.outputs.columns import Columns, Row
from bustle.outputs.recorders.grouped import GroupedColumns
from bustle.outputs.recorders.recording import Recording, kept
from bustle.scenarios.model import EachTable

_WINDOW = "window"


def windows_of_events(table: EachTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of a table with windows: one a window and group with events, sorted by window, then by group.

    Windows are counted from the scenario's start and include their first instant. Groups are sorted by id or code
    (the order in which a scenario lists a category's levels), missing ones first.
    """
    assert table.window is not None
    recording.refuse_changing(table)
    rows = Columns(recording.model, Row(now=pl.col("time")), recording.agents, recording.event_draws())
    names = [f"key {i}" for i in range(len(table.by))]
    keys = {column.value: pl.col(name) for column, name in zip(table.by, names, strict=True)}
    start = pl.col(_WINDOW) * table.window
    groups = GroupedColumns(recording, rows, keys, start)
    declared = [groups.compile(column.value).alias(column.name) for column in table.columns]
    own = [start.alias("time"), *(pl.col(n).alias(c.name) for n, c in zip(names, table.by, strict=True))]
    taken = {column.name for column in table.columns}
    output = [*(e for e in own if e.meta.output_name() not in taken), *declared]

    grouped = GroupedRows([_WINDOW, *names], groups.reductions.reductions)
    current = 0
    for frame in recording.event_frames(table.event, table):
        if not len(frame):
            continue
        windows = (pl.col("time") // table.window).alias(_WINDOW)
        by = [rows.compile(column.value).alias(name) for column, name in zip(table.by, names, strict=True)]
        keyed = kept(frame, table.where, rows).with_columns(windows, *by)
        if len(keyed):
            grouped.add(keyed)
        # Rows come in order of time, so nothing more reaches the windows before the last row's.
        last = frame.get_column("time")[-1] // table.window
        if last > current:
            current = last
            yield from _rows(grouped.take(pl.col(_WINDOW) < last), output)
    yield from _rows(grouped.take(), output)


def _rows(groups: pl.DataFrame, output: list[pl.Expr]) -> Iterator[pl.DataFrame]:
    if len(groups):
        yield groups.with_columns(output).select(e.meta.output_name() for e in output)
