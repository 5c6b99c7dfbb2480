"""One row per event."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.columns import Columns, Row
from bustle.outputs.recorders.recording import Recording, kept
from bustle.scenarios.model import EachTable

ROW = "row"
"""The name under which a column reads the number of its row."""


def each_event(table: EachTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of ``table`` in the order of the log, a batch of the log at a time; rows are numbered from 0."""
    recording.refuse_changing(table)
    compiler = Columns(recording.model, Row(now=pl.col("time")), recording.agents, recording.event_draws())
    numbered = all(f.name != ROW for f in recording.model.events[table.event].fields)
    before = 0
    for frame in recording.event_frames(table.event, table):
        rows = kept(frame, table.where, compiler)
        if numbered:
            rows = rows.with_columns(pl.int_range(before, before + len(rows), dtype=pl.Int64).alias(ROW))
        before += len(rows)
        computed = rows.with_columns(compiler.compile(c.value).alias(c.name) for c in table.columns)
        yield computed.select(c.name for c in table.columns)
