"""One row per pair of agents."""

from __future__ import annotations

from collections.abc import Iterator

from bustle.outputs.aggregates import GroupedRows, Reductions
from bustle.outputs.cells import Rows, any_missing
from bustle.outputs.columns import Columns, Row, computed
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_rows
from bustle.outputs.log import BATCH
from bustle.outputs.recorders.recording import Recording, kept, refuse_changing
from bustle.outputs.schema import network_columns
from bustle.scenarios.model import EdgeTable

_SOURCE, _TARGET = "key source", "key target"  # no field of an event can be called so


def edges(table: EdgeTable, recording: Recording) -> Iterator[Rows]:
    """The rows of ``table``: a network's edges in its order, or the pairs of an event sorted by source and target."""
    return _of_network(table.network, recording) if table.network is not None else _of_event(table, recording)


def _of_network(network: str, recording: Recording) -> Iterator[Rows]:
    columns = network_columns(recording.model, network)
    epoch = epoch_of(recording.model.clock)
    for batch in recording.reader.batches_of("networks", network):
        yield held_rows(batch, columns, epoch)


def _of_event(table: EdgeTable, recording: Recording) -> Iterator[Rows]:
    assert table.event is not None and table.source is not None and table.target is not None
    refuse_changing(table, recording.model)
    rows = Columns(recording.model, Row(now="time"), recording.agents)
    reductions = Reductions(rows.compile)
    groups = Columns(recording.model, Row(), recording.agents, aggregate=reductions.aggregate)
    ends = [rows.compile(table.source), rows.compile(table.target)]
    names = [column.name for column in table.columns]
    values = [groups.compile(column.value) for column in table.columns]

    grouped = GroupedRows([_SOURCE, _TARGET], reductions.reductions)
    for batch in recording.event_rows(table.event, table):
        events = kept(batch, table.where, rows)
        source, target = computed(ends, events)
        pairs = Rows(events.size, {**events.columns, _SOURCE: source, _TARGET: target})
        missing = any_missing(source, target)
        grouped.add(pairs if missing is None else pairs.kept(~missing))  # a pair without one of its ends is no edge
    result = grouped.take()
    if result is None:
        return
    for first in range(0, result.size, BATCH):
        part = result.cut(first, first + BATCH)
        own = {"source": part.columns[_SOURCE], "target": part.columns[_TARGET]}
        yield Rows(part.size, own | dict(zip(names, computed(values, part), strict=True)))
