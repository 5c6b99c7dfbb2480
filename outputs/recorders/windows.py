"""Aggregates of events over windows of time."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.aggregates import GroupedRows, Reductions
from bustle.outputs.columns import Columns, Row
from bustle.outputs.recorders.recording import Recording, kept
from bustle.scenarios.model import EachTable

_WINDOW = "key window"


def windows_of_events(table: EachTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of a table with windows: one a window and group with events, sorted by window, then by group.

    Windows are counted from the scenario's start and include their first instant. Groups are sorted by id or code
    (the order in which a scenario lists a category's levels), missing ones first.
    """
    assert table.window is not None
    recording.refuse_changing(table)
    rows = Columns(recording.model, Row(now=pl.col("time")), recording.agents)
    reductions = Reductions(rows.compile)
    groups = Columns(recording.model, Row(), recording.agents, aggregate=reductions.aggregate)
    start = (pl.col(_WINDOW) * table.window).alias("time")
    keys = [f"key {i}" for i in range(len(table.by))]
    own = [start, *(pl.col(key).alias(column.name) for key, column in zip(keys, table.by, strict=True))]
    output = [*own, *(groups.compile(column.value).alias(column.name) for column in table.columns)]

    grouped = GroupedRows([_WINDOW, *keys], reductions.reductions)
    current = 0
    for frame in recording.event_frames(table.event, table):
        window = (pl.col("time") // table.window).alias(_WINDOW)
        by = [rows.compile(column.value).alias(key) for key, column in zip(keys, table.by, strict=True)]
        grouped.add(kept(frame, table.where, rows).with_columns(window, *by))
        last = frame.get_column("time")[-1] // table.window
        if last > current:
            # Rows come in order of time, so nothing more reaches the windows before the last row's.
            current = last
            yield from _presented(grouped.take(pl.col(_WINDOW) < last), output)
    yield from _presented(grouped.take(), output)


def _presented(groups: pl.DataFrame | None, output: list[pl.Expr]) -> Iterator[pl.DataFrame]:
    if groups is not None:
        yield groups.with_columns(output).select(e.meta.output_name() for e in output)
