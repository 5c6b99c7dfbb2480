"""Tables from a log.

A recorder turns the log of a run into the rows of one table, a bounded number at a time; sinks write them. Nothing is
run again, so a table can be recorded at any time from a folder's log, in any format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.epoch import epoch_of
from bustle.outputs.log import LogReader
from bustle.outputs.present import present
from bustle.outputs.recorders.agents import agents_of
from bustle.outputs.recorders.each import each_event
from bustle.outputs.recorders.edges import edges
from bustle.outputs.recorders.recording import Recording
from bustle.outputs.recorders.samples import samples
from bustle.outputs.recorders.windows import windows_of_events
from bustle.outputs.row_draws import DrawFunction
from bustle.outputs.sinks import Sink, open_sink
from bustle.outputs.table_schema import TableColumn, table_columns, table_schema
from bustle.scenarios.model import AgentTable, EachTable, EdgeTable, Model, SampleTable, Table
from bustle.scenarios.types import Bool

__all__ = ["DrawFunction", "RecordedTable", "record_tables", "table_batches"]

_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class RecordedTable:
    """A table as recorded.

    Attributes:
        name: its name.
        rows: how many rows it has.
        columns: its columns in order.
        files: the files it was written to, relative to the run's folder.
        true: for each label that is true or false, the rows in which it is true.
    """

    name: str
    rows: int
    columns: tuple[TableColumn, ...]
    files: tuple[str, ...]
    true: dict[str, int]


def record_tables(
    folder: Path | str, model: Model, draw: DrawFunction, formats: Sequence[str] = ("parquet",)
) -> tuple[RecordedTable, ...]:
    """Record every table of ``model`` from the log in ``folder`` into ``folder/tables``.

    Args:
        folder: the folder of a run with a complete log.
        model: the scenario that was run.
        draw: makes the draws of columns; see `bustle.outputs.row_draws.DrawFunction`.
        formats: names in `bustle.outputs.sinks.FORMATS`.

    Returns:
        The tables in the scenario's order.

    Raises:
        OutputError: the log lacks something, a format is unknown or not installed, or a file cannot be written.
        RunError: a draw in a column has an argument that its distribution does not allow.
    """
    folder = Path(folder)
    reader = LogReader(folder)
    recording = Recording(reader, model, AgentLookup(reader, model), draw)
    recorded = []
    with ExitStack() as stack:
        sinks = [stack.enter_context(open_sink(name, folder / "tables")) for name in dict.fromkeys(formats)]
        for table in model.tables.values():
            recorded.append(_record(table, recording, folder, sinks))
    return tuple(recorded)


def _record(table: Table, recording: Recording, folder: Path, sinks: Sequence[Sink]) -> RecordedTable:
    columns = table_columns(recording.model, table)
    schema = table_schema(recording.model, table)
    rows = 0
    true = {c.name: 0 for c in columns if c.role == "label" and isinstance(c.type, Bool)}
    with ExitStack() as stack:
        files = [stack.enter_context(sink.table(table.name, schema)) for sink in sinks]
        for batch in table_batches(table, recording):
            rows += batch.num_rows
            for name in true:
                true[name] += batch.column(name).true_count
            for file in files:
                file.write(batch)
    paths = tuple(sink.path(table.name).relative_to(folder).as_posix() for sink in sinks)
    return RecordedTable(table.name, rows, columns, paths, true)


def table_batches(table: Table, recording: Recording) -> Iterator[pa.RecordBatch]:
    """The rows of ``table`` as Arrow batches in its schema, each of 65,536 rows but the last."""
    columns = table_columns(recording.model, table)
    schema = table_schema(recording.model, table)
    epoch = epoch_of(recording.model.clock)
    for frame in _rebatched(_frames(table, recording)):
        yield present(frame, columns, schema, epoch)


def _frames(table: Table, recording: Recording) -> Iterator[pl.DataFrame]:
    match table:
        case EachTable(window=None):
            return each_event(table, recording)
        case EachTable():
            return windows_of_events(table, recording)
        case AgentTable():
            return agents_of(table, recording)
        case SampleTable():
            return samples(table, recording)
        case EdgeTable():
            return edges(table, recording)


def _rebatched(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in frames of equal size, so that a filtered table does not end up in tiny row groups."""
    waiting: list[pl.DataFrame] = []
    rows = 0
    for frame in frames:
        waiting.append(frame)
        rows += len(frame)
        if rows < _ROWS:
            continue
        joined = pl.concat(waiting)
        whole = rows - rows % _ROWS
        for first in range(0, whole, _ROWS):
            yield joined[first : first + _ROWS]
        waiting = [joined[whole:]]
        rows -= whole
    if rows:
        yield pl.concat(waiting)
