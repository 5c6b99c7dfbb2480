"""One Parquet file of a log, written row group by row group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bustle.outputs.epoch import Epoch
from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.event_sink import Values
from bustle.outputs.held import Array, hold, to_arrow
from bustle.outputs.schema import LogColumn

ROW_GROUP = 65_536
"""Rows of a row group, and so the rows held in memory per file."""

_MANY_PARTS = 512
"""Row-by-row writers leave many tiny arrays; past this number they are joined."""


def partial_of(path: Path) -> Path:
    """The name under which ``path`` is written until it is complete."""
    return path.with_name(path.name + ".partial")


class LogFile:
    """A Parquet file that grows by rows and appears under its name when closed.

    Rows are cut into row groups of ``row_group`` rows however they arrive, so the bytes do not depend on how an
    engine batches them.

    Args:
        path: the final name; written as ``path`` + ``.partial``.
        columns: the file's columns.
        schema: their Arrow schema.
        epoch: the run's epoch.
        row_group: rows of a row group.
    """

    def __init__(
        self, path: Path, columns: Sequence[LogColumn], schema: pa.Schema, epoch: Epoch, row_group: int = ROW_GROUP
    ) -> None:
        self.path = path
        self.rows = 0
        self._columns = tuple(columns)
        self._schema = schema
        self._epoch = epoch
        self._row_group = row_group
        self._parts: list[list[Array]] = [[] for _ in columns]
        self._waiting = 0
        self._last_time = int(np.iinfo(np.int64).min)
        with one_clear_line("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(
                partial_of(path), schema, compression="zstd", use_dictionary=_dictionary_columns(schema)
            )

    def write(self, values: Mapping[str, Values]) -> None:
        """Add rows: one entry of ``values`` a column, all of one length.

        Raises:
            OutputError: a column is missing, unknown, of another length or of another type, or the disk is full.
        """
        arrays = []
        for column in self._columns:
            if column.name not in values:
                raise OutputError(f"{self.path.name}: column {column.name} is missing")
            arrays.append(hold(values[column.name], column))
        length = len(arrays[0])
        if any(len(array) != length for array in arrays):
            lengths = ", ".join(f"{c.name} {len(a)}" for c, a in zip(self._columns, arrays, strict=True))
            raise OutputError(f"{self.path.name}: columns have different lengths: {lengths}")
        self._check_order(arrays[0])
        for parts, array in zip(self._parts, arrays, strict=True):
            parts.append(array)
            if len(parts) >= _MANY_PARTS:
                parts[:] = [np.concatenate(parts)]
        self._waiting += length
        if self._waiting >= self._row_group:
            self._flush(whole_groups=True)

    def _check_order(self, first: Array) -> None:
        """Readers count on rows in order of time."""
        if self._columns[0].name != "time" or not len(first):
            return
        if first[0] < self._last_time or (first[1:] < first[:-1]).any():
            raise OutputError(f"{self.path.name}: rows are not in order of time")
        self._last_time = int(first[-1])

    def _flush(self, *, whole_groups: bool) -> None:
        joined = [parts[0] if len(parts) == 1 else np.concatenate(parts) for parts in self._parts]
        done = 0
        while self._waiting >= self._row_group or (self._waiting and not whole_groups):
            rows = min(self._row_group, self._waiting)
            arrays = [
                to_arrow(array[done : done + rows], column, self._epoch)
                for array, column in zip(joined, self._columns, strict=True)
            ]
            with one_clear_line("write", self.path):
                self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=rows)
            done += rows
            self._waiting -= rows
            self.rows += rows
        self._parts = [[array[done:].copy()] if self._waiting else [] for array in joined]

    def close(self) -> None:
        """Write what waits and give the file its final name."""
        if self._waiting:
            self._flush(whole_groups=False)
        with one_clear_line("write", self.path):
            self._writer.close()
            partial_of(self.path).replace(self.path)

    def abort(self) -> None:
        """Stop writing and remove the unfinished file."""
        try:
            self._writer.close()
        except OSError:
            pass  # the disk is full or gone: what matters is that nothing looks complete
        partial_of(self.path).unlink(missing_ok=True)


def _dictionary_columns(schema: pa.Schema) -> list[str]:
    """Columns worth a Parquet dictionary: names and text. Numbers compress better and faster without."""
    return [f.name for f in schema if pa.types.is_dictionary(f.type) or pa.types.is_string(f.type)]
