"""One row per event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.cells import Cells, Rows
from bustle.outputs.columns import Columns, Row, computed
from bustle.outputs.recorders.recording import Recording, columns_read, kept, refuse_changing
from bustle.outputs.row_draws import DrawFunction, RowDraws
from bustle.scenarios.model import EachTable, Model

ROW = "row"
"""The name under which a column reads the number of its row."""


class EventRows:
    """Makes the rows of a table from those of its event, batch after batch; rows are numbered from 0.

    Args:
        table: the table.
        model: its scenario.
        agents: where attributes are looked up.
        draw: makes the draws of columns.

    Attributes:
        needed: the columns of the event's log that `of` reads.
    """

    def __init__(self, table: EachTable, model: Model, agents: AgentLookup, draw: DrawFunction) -> None:
        refuse_changing(table, model)
        self.needed = columns_read(table.event, table, model)
        self._compiler = Columns(model, Row(now="time"), agents, RowDraws(model, agents, draw))
        self._where = table.where
        self._names = [column.name for column in table.columns]
        self._values = [self._compiler.compile(column.value) for column in table.columns]
        self._numbered = all(f.name != ROW for f in model.events[table.event].fields)
        self._before = 0

    def of(self, batch: Rows) -> tuple[Cells, Rows]:
        """When the events of the table's rows happened, and the rows' declared columns; nothing of no rows."""
        rows = kept(batch, self._where, self._compiler)
        if self._numbered:
            number = Cells(np.arange(self._before, self._before + rows.size))
            rows = Rows(rows.size, {**rows.columns, ROW: number})
        self._before += rows.size
        if not rows.size:
            return rows.columns["time"], Rows(0, {})
        own = dict(zip(self._names, computed(self._values, rows), strict=True))
        return rows.columns["time"], Rows(rows.size, own)


def each_event(table: EachTable, recording: Recording) -> Iterator[Rows]:
    """The rows of ``table`` in the order of the log, a batch of the log at a time, with their features."""
    maker = EventRows(table, recording.model, recording.agents, recording.draw)
    made = (maker.of(batch) for batch in recording.event_rows(table.event, table))
    rows = ((time, own) for time, own in made if own.size)
    return _with_features(rows, table, recording) if table.features else (own for _, own in rows)


def _with_features(rows: Iterator[tuple[Cells, Rows]], table: EachTable, recording: Recording) -> Iterator[Rows]:
    from bustle.outputs.features.stream import FeatureStream

    types = {column.name: column.value.type for column in table.columns}
    with closing(FeatureStream(table.features, types, recording.reader.folder)) as stream:
        for time, own in rows:
            yield Rows(own.size, {**own.columns, **stream.add(time.values, own)})
