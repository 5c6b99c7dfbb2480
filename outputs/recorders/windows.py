"""Aggregates of events over windows of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bustle.outputs.aggregates import GroupedRows, Reductions
from bustle.outputs.cells import Cells, Rows
from bustle.outputs.columns import Columns, Row, Value, computed
from bustle.outputs.recorders.recording import Recording, kept, refuse_changing
from bustle.scenarios.model import EachTable

_WINDOW = "key window"


def windows_of_events(table: EachTable, recording: Recording) -> Iterator[Rows]:
    """The rows of a table with windows: one a window and group with events, sorted by window, then by group.

    Windows are counted from the scenario's start and include their first instant. Groups are sorted by id or code
    (the order in which a scenario lists a category's levels), missing ones first.
    """
    assert table.window is not None
    refuse_changing(table, recording.model)
    rows = Columns(recording.model, Row(now="time"), recording.agents)
    reductions = Reductions(rows.compile)
    groups = Columns(recording.model, Row(), recording.agents, aggregate=reductions.aggregate)
    keys = [f"key {i}" for i in range(len(table.by))]
    by = [rows.compile(column.value) for column in table.by]
    values = [groups.compile(column.value) for column in table.columns]

    grouped = GroupedRows([_WINDOW, *keys], reductions.reductions)
    current = 0
    for batch in recording.event_rows(table.event, table):
        events = kept(batch, table.where, rows)
        own = dict(zip(keys, computed(by, events), strict=True))
        window = Cells(events.columns["time"].values // table.window)
        grouped.add(Rows(events.size, {**events.columns, _WINDOW: window, **own}))
        last = int(batch.columns["time"].values[-1]) // table.window
        if last > current:
            # Rows come in order of time, so nothing more reaches the windows before the last row's.
            current = last
            yield from _presented(grouped.take(last), table, keys, values)
    yield from _presented(grouped.take(), table, keys, values)


def _presented(groups: Rows | None, table: EachTable, keys: Sequence[str], values: Sequence[Value]) -> Iterator[Rows]:
    if groups is not None:
        start = Cells(groups.columns[_WINDOW].values * table.window)
        by = {column.name: groups.columns[key] for column, key in zip(table.by, keys, strict=True)}
        names = [column.name for column in table.columns]
        yield Rows(groups.size, {"time": start, **by, **dict(zip(names, computed(values, groups), strict=True))})
