"""One row per pair of agents."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from bustle.outputs.aggregates import GroupedRows, Reductions
from bustle.outputs.columns import Columns, Row
from bustle.outputs.epoch import epoch_of
from bustle.outputs.frames import held_frame
from bustle.outputs.recorders.recording import Recording, kept
from bustle.outputs.schema import network_columns
from bustle.scenarios.model import EdgeTable

_BATCH = 65_536


def edges(table: EdgeTable, recording: Recording) -> Iterator[pl.DataFrame]:
    """The rows of ``table``: a network's edges in its order, or the pairs of an event sorted by source and target."""
    return _of_network(table.network, recording) if table.network is not None else _of_event(table, recording)


def _of_network(network: str, recording: Recording) -> Iterator[pl.DataFrame]:
    columns = network_columns(recording.model, network)
    epoch = epoch_of(recording.model.clock)
    for batch in recording.reader.batches_of("networks", network):
        yield held_frame(batch, columns, epoch)


def _of_event(table: EdgeTable, recording: Recording) -> Iterator[pl.DataFrame]:
    assert table.event is not None and table.source is not None and table.target is not None
    recording.refuse_changing(table)
    rows = Columns(recording.model, Row(now=pl.col("time")), recording.agents)
    reductions = Reductions(rows.compile)
    groups = Columns(recording.model, Row(), recording.agents, aggregate=reductions.aggregate)
    keys = {"key source": table.source, "key target": table.target}
    output = [
        pl.col("key source").alias("source"),
        pl.col("key target").alias("target"),
        *(groups.compile(column.value).alias(column.name) for column in table.columns),
    ]

    grouped = GroupedRows(list(keys), reductions.reductions)
    for frame in recording.event_frames(table.event, table):
        pairs = kept(frame, table.where, rows).with_columns(rows.compile(e).alias(name) for name, e in keys.items())
        grouped.add(pairs.drop_nulls(list(keys)))  # a pair without one of its ends is no edge
    result = grouped.take()
    if result is None:
        return
    for first in range(0, len(result), _BATCH):
        yield result[first : first + _BATCH].with_columns(output).select(e.meta.output_name() for e in output)
