"""One Parquet file of a log, written row group by row group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from bustle.outputs.background import Background
from bustle.outputs.epoch import Epoch
from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.event_sink import Values
from bustle.outputs.held import Part, accept, join, to_arrow
from bustle.outputs.parquet_file import ParquetFileWriter
from bustle.outputs.parquet_options import ROW_GROUP
from bustle.outputs.schema import LogColumn
from bustle.outputs.unfinished import partial_of

Reader = Callable[[pa.RecordBatch], None]
"""Takes rows of a file, in order; what it raises ends the log."""

_MANY_PARTS = 512
"""Row-by-row writers leave many tiny arrays; past this number they are joined."""


class LogFile:
    """A Parquet file that grows by rows, and appears under its name at the end.

    Rows are cut into row groups of ``row_group`` rows however they arrive, so the bytes do not depend on how an
    engine batches them. A full row group is encoded and written in the background.

    Args:
        path: the final name; written as ``path`` + ``.partial``.
        columns: the file's columns.
        schema: their Arrow schema.
        epoch: the run's epoch.
        background: where row groups are written; shared by the files of a log.
        row_group: rows of a row group.
        owned: True if arrays handed to `write` are never changed afterwards, so that they need no copy.
        reader: called with each row group after it was written.

    Attributes:
        path: the final name.
        rows: the rows handed to `write` so far.
        sha256: of the whole file, once it is ended.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[LogColumn],
        schema: pa.Schema,
        epoch: Epoch,
        background: Background,
        *,
        row_group: int = ROW_GROUP,
        owned: bool = False,
        reader: Reader | None = None,
    ) -> None:
        self.path = path
        self.rows = 0
        self.sha256 = ""
        self._columns = tuple(columns)
        self._schema = schema
        self._epoch = epoch
        self._background = background
        self._row_group = row_group
        self._owned = owned
        self._reader = reader
        self._parts: list[list[Part]] = [[] for _ in columns]
        self._waiting = 0
        self._appeared = False
        self._last_time = int(np.iinfo(np.int64).min)
        with one_clear_line("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = ParquetFileWriter(partial_of(path), schema)

    def write(self, values: Mapping[str, Values]) -> None:
        """Add rows: one entry of ``values`` a column, all of one length.

        Raises:
            OutputError: a column is missing, of another length or of another type; or an earlier row group could not
                be written, because its rows were not in order of time or the disk was full.
        """
        self._background.check()
        parts = []
        for column in self._columns:
            if column.name not in values:
                raise OutputError(f"{self.path.name}: column {column.name} is missing")
            parts.append(accept(values[column.name], column, owned=self._owned))
        length = len(parts[0])
        if any(len(part) != length for part in parts):
            lengths = ", ".join(f"{c.name} {len(p)}" for c, p in zip(self._columns, parts, strict=True))
            raise OutputError(f"{self.path.name}: columns have different lengths: {lengths}")
        for column, waiting, part in zip(self._columns, self._parts, parts, strict=True):
            waiting.append(part)
            if len(waiting) >= _MANY_PARTS:
                waiting[:] = [join(waiting, column)]
        self.rows += length
        self._waiting += length
        while self._waiting >= self._row_group:
            self._hand_over(self._row_group)

    def _hand_over(self, rows: int) -> None:
        """Have the first ``rows`` rows written in the background."""
        group = []
        for place, waiting in enumerate(self._parts):
            first, rest = _split(waiting, rows)
            group.append(first)
            self._parts[place] = rest
        self._waiting -= rows
        self._background.hand_over(partial(self._write_group, group))

    def _write_group(self, group: list[list[Part]]) -> None:
        """Encode and write a row group, given as the parts of each column."""
        arrays: list[pa.Array] = []
        for parts, column in zip(group, self._columns, strict=True):
            joined = join(parts, column)
            if not arrays and column.name == "time":
                self._check_order(joined)
            arrays.append(to_arrow(joined, column, self._epoch))
            parts.clear()
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        with one_clear_line("write", self.path):
            self._writer.write([batch])
        if self._reader is not None:
            self._reader(batch)

    def _check_order(self, times: Part) -> None:
        """Readers count on rows in order of time."""
        assert isinstance(times, np.ndarray)
        if times[0] < self._last_time or (times[1:] < times[:-1]).any():
            raise OutputError(f"{self.path.name}: rows are not in order of time")
        self._last_time = int(times[-1])

    def finish(self) -> None:
        """Have what waits written, and the file ended, in the background; it keeps its unfinished name."""
        if self._waiting:
            self._hand_over(self._waiting)
        self._background.hand_over(self._end)

    def _end(self) -> None:
        with one_clear_line("write", self.path):
            self.sha256 = self._writer.close()

    def appear(self) -> None:
        """Give the finished file its final name."""
        with one_clear_line("write", self.path):
            partial_of(self.path).replace(self.path)
        self._appeared = True

    def abort(self) -> None:
        """Remove the file, finished or not. Nothing may be writing any more."""
        try:
            self._writer.drop()
        except OSError:
            pass  # the disk is full or gone: what matters is that nothing looks complete
        partial_of(self.path).unlink(missing_ok=True)
        if self._appeared:
            self.path.unlink(missing_ok=True)


def _split(parts: list[Part], rows: int) -> tuple[list[Part], list[Part]]:
    """The first ``rows`` rows of ``parts``, which hold at least as many, and the others."""
    first: list[Part] = []
    for place, part in enumerate(parts):
        if len(part) > rows:
            return [*first, part[:rows]], [part[rows:], *parts[place + 1 :]]
        first.append(part)
        rows -= len(part)
        if not rows:
            return first, parts[place + 1 :]
    return first, []
