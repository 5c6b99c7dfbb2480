"""Tables from a log.

A recorder turns the log of a run into the rows of one table, a bounded number at a time; sinks write them. Nothing is
run again, so a table can be recorded at any time from a folder's log, in any format.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.background import Background
from bustle.outputs.cells import Rows
from bustle.outputs.epoch import epoch_of
from bustle.outputs.log import BATCH, LogReader
from bustle.outputs.present import present
from bustle.outputs.recorders.agents import agents_of
from bustle.outputs.recorders.each import each_event
from bustle.outputs.recorders.edges import edges
from bustle.outputs.recorders.recording import Recording
from bustle.outputs.recorders.samples import samples
from bustle.outputs.recorders.windows import windows_of_events
from bustle.outputs.row_draws import DrawFunction
from bustle.outputs.sinks import Sink, TableFile, open_sink
from bustle.outputs.table_schema import TableColumn, table_columns, table_schema
from bustle.scenarios.model import AgentTable, EachTable, EdgeTable, Model, SampleTable, Table
from bustle.scenarios.types import Bool

__all__ = ["DrawFunction", "RecordedTable", "record_tables", "table_batches"]


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
        writing = Background("bustle table")
        stack.callback(writing.stop)
        for batch in stack.enter_context(closing(table_batches(table, recording))):
            rows += batch.num_rows
            for name in true:
                true[name] += batch.column(name).true_count
            writing.hand_over(partial(_write, batch, files))
        writing.finish()
    paths = tuple(sink.path(table.name).relative_to(folder).as_posix() for sink in sinks)
    return RecordedTable(table.name, rows, columns, paths, true)


def _write(batch: pa.RecordBatch, files: Sequence[TableFile]) -> None:
    for file in files:
        file.write(batch)


def table_batches(table: Table, recording: Recording) -> Generator[pa.RecordBatch]:
    """The rows of ``table`` as Arrow batches in its schema, each of 65,536 rows but the last."""
    columns = table_columns(recording.model, table)
    schema = table_schema(recording.model, table)
    epoch = epoch_of(recording.model.clock)
    rows = _rows(table, recording)
    return _rebatched(present(part.columns, columns, schema, epoch) for part in rows)


def _rows(table: Table, recording: Recording) -> Iterator[Rows]:
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


def _rebatched(batches: Iterable[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
    """The same rows in batches of equal size, so that a filtered table does not end up in tiny row groups."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows < BATCH:
            continue
        joined = _joined(waiting)
        whole = rows - rows % BATCH
        for first in range(0, whole, BATCH):
            yield joined.slice(first, BATCH)
        rows -= whole
        waiting = [joined.slice(whole)] if rows else []
    if rows:
        yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    (joined,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined
