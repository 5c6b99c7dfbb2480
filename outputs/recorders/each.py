"""One row per event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from bustle.outputs.cells import Cells, Rows
from bustle.outputs.columns import Columns, Row, computed
from bustle.outputs.recorders.recording import Recording, kept
from bustle.scenarios.model import EachTable

ROW = "row"
"""The name under which a column reads the number of its row."""


def each_event(table: EachTable, recording: Recording) -> Iterator[Rows]:
    """The rows of ``table`` in the order of the log, a batch of the log at a time, with their features."""
    rows = _rows(table, recording)
    return _with_features(rows, table, recording) if table.features else (own for _, own in rows)


def _with_features(rows: Iterator[tuple[Cells, Rows]], table: EachTable, recording: Recording) -> Iterator[Rows]:
    from bustle.outputs.features.stream import FeatureStream

    types = {column.name: column.value.type for column in table.columns}
    with closing(FeatureStream(table.features, types, recording.reader.folder)) as stream:
        for time, own in rows:
            yield Rows(own.size, {**own.columns, **stream.add(time.values, own)})


def _rows(table: EachTable, recording: Recording) -> Iterator[tuple[Cells, Rows]]:
    """Time and columns of the rows; rows are numbered from 0."""
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
        if rows.size:
            yield rows.columns["time"], Rows(rows.size, dict(zip(names, computed(values, rows), strict=True)))
