"""A table while it is written: rows of held values in, files out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bustle.outputs.cells import Rows
from bustle.outputs.epoch import epoch_of
from bustle.outputs.log import BATCH
from bustle.outputs.present import present
from bustle.outputs.sinks.sink import Sink
from bustle.outputs.table_schema import TableColumn, table_columns, table_schema
from bustle.scenarios.model import Model, Table
from bustle.scenarios.types import Bool


@dataclass(frozen=True, slots=True)
class RecordedTable:
    """A table as recorded.

    Attributes:
        name: its name.
        rows: how many rows it has.
        columns: its columns in order.
        files: the files it was written to, relative to the run's folder.
        true: for each label that is true or false, the rows in which it is true.
        checksums: the SHA-256 of those of its files of which it is known, by path.
    """

    name: str
    rows: int
    columns: tuple[TableColumn, ...]
    files: tuple[str, ...]
    true: dict[str, int]
    checksums: dict[str, str]


class OpenTable:
    """A table whose files are open. It is completed or dropped; until then its files have unfinished names.

    Args:
        table: the table.
        model: its scenario.
        sinks: the formats it is written in.

    Raises:
        OutputError: a file cannot be written.
    """

    def __init__(self, table: Table, model: Model, sinks: Sequence[Sink]) -> None:
        self.name = table.name
        self._columns = table_columns(model, table)
        self._schema = table_schema(model, table)
        self._epoch = epoch_of(model.clock)
        self._sinks = sinks
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._true = {c.name: 0 for c in self._columns if c.role == "label" and isinstance(c.type, Bool)}
        with ExitStack() as files:
            self._files = [files.enter_context(sink.table(table.name, self._schema)) for sink in sinks]
            self._open = files.pop_all()

    def batches(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        """What can be written now that ``rows`` follow: batches of 65,536 rows, in the table's schema.

        All are of one size, so that a filtered table does not end up in tiny row groups.
        """
        batch = present(rows.columns, self._columns, self._schema, self._epoch)
        self._rows += batch.num_rows
        for name in self._true:
            self._true[name] += batch.column(name).true_count
        self._waiting.append(batch)
        waiting = sum(part.num_rows for part in self._waiting)
        if waiting < BATCH:
            return
        joined = _joined(self._waiting)
        whole = waiting - waiting % BATCH
        self._waiting = [joined.slice(whole)] if waiting > whole else []
        for first in range(0, whole, BATCH):
            yield joined.slice(first, BATCH)

    def rest(self) -> Iterator[pa.RecordBatch]:
        """What waits at the end, if anything does."""
        if self._waiting:
            yield _joined(self._waiting)
            self._waiting = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch.

        Raises:
            OutputError: the disk is full or a file cannot be written.
        """
        for file in self._files:
            file.write(batch)

    def complete(self, folder: Path) -> RecordedTable:
        """End the files and give them their names; all rows must have been written.

        Args:
            folder: the run's folder.

        Raises:
            OutputError: the disk is full or a file cannot be written; no file of the table is left.
        """
        self._open.close()
        paths = tuple(sink.path(self.name).relative_to(folder).as_posix() for sink in self._sinks)
        known = {path: file.sha256 for path, file in zip(paths, self._files, strict=True) if file.sha256 is not None}
        return RecordedTable(self.name, self._rows, self._columns, paths, self._true, known)

    def drop(self) -> None:
        """Remove the files, unless they are complete."""
        with suppress(_Dropped), self._open:
            raise _Dropped


class _Dropped(Exception):
    """A table is not wanted any more."""


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    (joined,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined
