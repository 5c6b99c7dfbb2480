"""One row per event."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.columns import Columns, Row
from bustle.outputs.recorders.recording import Recording, kept, selected
from bustle.scenarios.model import EachTable


def each_event(table: EachTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of ``table`` in the order of the log, a batch of the log at a time."""
    recording.refuse_changing(table)
    compiler = Columns(
        recording.model, Row(now=pl.col("time")), recording.agents, recording.event_draws()
    )
    for frame in recording.event_frames(table.event, table):
        yield selected(kept(frame, table.where, compiler), table.columns, compiler)
