"""All tables in one DuckDB database.

DuckDB puts random identifiers into its file's headers, so two files with the same tables differ in a few bytes and the
file's checksum means nothing. `table_digests` gives what can be compared instead: a checksum of each table's rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import polars as pl
import pyarrow as pa

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.sinks.sink import TableFile
from bustle.outputs.unfinished import partial_of

if TYPE_CHECKING:
    import duckdb

FILE_NAME = "dataset.duckdb"
_ROWS = 65_536
_MEMORY = "256MB"
"""What DuckDB may hold of its file."""


@contextmanager
def _clear_errors(doing: str, path: Path) -> Iterator[None]:
    import duckdb

    try:
        with one_clear_line(doing, path):
            yield
    except duckdb.Error as error:
        raise OutputError(f"cannot {doing} {path}: {str(error).splitlines()[0]}") from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _DuckDbTable:
    """A table being filled, a batch at a time: in one transaction DuckDB would hold on to every batch."""

    sha256: str | None = None

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, name: str, schema: pa.Schema) -> None:
        self._connection = connection
        self._path = path
        self._name = _quoted(name)
        self._schema = schema

    def write(self, batch: pa.RecordBatch) -> None:
        rows = pa.Table.from_batches([batch])
        with _clear_errors("write", self._path):
            self._connection.register("rows", rows)
            self._connection.execute(f"INSERT INTO {self._name} SELECT * FROM rows")
            self._connection.unregister("rows")

    def __enter__(self) -> Self:
        with _clear_errors("write", self._path):
            self._connection.register("rows", self._schema.empty_table())
            self._connection.execute(f"CREATE TABLE {self._name} AS SELECT * FROM rows")
            self._connection.unregister("rows")
            for field in self._schema:
                about = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
                text = "; ".join(f"{key}: {about[key]}" for key in ("role", "unit", "about") if key in about)
                quoted = text.replace("'", "''")
                self._connection.execute(f"COMMENT ON COLUMN {self._name}.{_quoted(field.name)} IS '{quoted}'")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None  # the sink drops the whole file after an error


class DuckDbSink:
    """One database file, ``dataset.duckdb``; roles, units and meanings are comments on the columns.

    Args:
        folder: where the file goes.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._partial = partial_of(self._path)

    def path(self, table: str) -> Path:
        """The database, whichever the table."""
        return self._path

    def table(self, name: str, schema: pa.Schema) -> TableFile:
        """Begin a table."""
        return _DuckDbTable(self._connection, self._path, name, schema)

    def __enter__(self) -> Self:
        import duckdb

        with _clear_errors("write", self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._remove_partial()
            # One thread and insertion order: the rows stand as they were recorded.
            self._connection = duckdb.connect(str(self._partial), config={"threads": 1, "memory_limit": _MEMORY})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        if kind is not None:
            self._remove_partial()
            return
        with _clear_errors("write", self._path):
            self._partial.replace(self._path)

    def _remove_partial(self) -> None:
        for path in (self._partial, self._partial.with_name(self._partial.name + ".wal")):
            path.unlink(missing_ok=True)


def table_digests(path: Path) -> dict[str, str]:
    """The SHA-256 of the rows of every table of a database, by name; independent of how the file stores them.

    Rows are taken in their order, as comma-separated text with times in microseconds since 1970-01-01 (UTC where the
    column has a zone).

    Raises:
        OutputError: the file is no DuckDB database, or duckdb is not installed.
    """
    from bustle.outputs.sinks import check_formats

    check_formats(["duckdb"])
    import duckdb

    with _clear_errors("read", path):
        connection = duckdb.connect(str(path), read_only=True)
        try:
            names = sorted(name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall())
            return {name: _digest(connection, name) for name in names}
        finally:
            connection.close()


def _digest(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    digest = hashlib.sha256()
    rows = connection.sql(f"SELECT * FROM {_quoted(name)}")
    reader = rows.to_arrow_reader if hasattr(rows, "to_arrow_reader") else rows.fetch_arrow_reader  # until DuckDB 1.3
    for batch in reader(_ROWS):
        arrays = [a.cast(pa.int64()) if pa.types.is_timestamp(a.type) else a for a in batch.columns]
        frame = pl.from_arrow(pa.RecordBatch.from_arrays(arrays, names=batch.schema.names))
        assert isinstance(frame, pl.DataFrame)
        digest.update(frame.write_csv(include_header=False).encode())
    return digest.hexdigest()
