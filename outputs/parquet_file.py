"""A Parquet file being written, whose handle is let go of whatever happens."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bustle.outputs.parquet_options import parquet_options


class ParquetFileWriter:
    """Writes row groups to ``path``, encoded as `bustle.outputs.parquet_options` says.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._file = _HashedFile(path)
        self._stream = pa.PythonFile(self._file, mode="w")
        self._writer = pq.ParquetWriter(self._stream, schema, **parquet_options(schema))

    def write(self, batches: list[pa.RecordBatch]) -> None:
        """Write a row group."""
        table = pa.Table.from_batches(batches, self._schema)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def close(self) -> str:
        """End the file; gives the SHA-256 of what was written, in hexadecimal."""
        self._writer.close()
        self._stream.close()
        return self._file.digest.hexdigest()

    def drop(self) -> None:
        """Let go of the file without ending it; whoever calls this removes it."""
        self._writer.is_open = False  # or it would try to end the file when it is collected
        self._stream.close()


class _HashedFile:
    """A new file, as pyarrow writes to one, with the hash of all that was written: none of it is read again."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.digest = hashlib.sha256()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()
