"""One row per event."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bustle.outputs.cells import Cells, Rows
from bustle.outputs.columns import Columns, Row, computed
from bustle.outputs.recorders.recording import Recording, kept
from bustle.scenarios.model import EachTable

ROW = "row"
"""The name under which a column reads the number of its row."""


def each_event(table: EachTable, recording: Recording) -> Iterator[Rows]:
    """The rows of ``table`` in the order of the log, a batch of the log at a time; rows are numbered from 0."""
    recording.refuse_changing(table)
    compiler = Columns(recording.model, Row(now="time"), recording.agents, recording.event_draws())
    names = [column.name for column in table.columns]
    values = [compiler.compile(column.value) for column in table.columns]
    numbered = all(f.name != ROW for f in recording.model.events[table.event].fields)
    before = 0
    for batch in recording.event_rows(table.event, table):
        rows = kept(batch, table.where, compiler)
        if numbered:
            number = Cells(np.arange(before, before + rows.size))
            rows = Rows(rows.size, {**rows.columns, ROW: number})
        before += rows.size
        yield Rows(rows.size, dict(zip(names, computed(values, rows), strict=True)))
