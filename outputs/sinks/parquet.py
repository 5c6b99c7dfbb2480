"""Tables as Parquet files."""

from __future__ import annotations

import pyarrow as pa

from bustle.outputs.parquet_file import ParquetFileWriter
from bustle.outputs.parquet_options import ROW_GROUP
from bustle.outputs.sinks.sink import FilePerTable, StreamedFile


class _ParquetFile(StreamedFile):
    def start(self) -> None:
        self._writer = ParquetFileWriter(self.partial, self.schema)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0

    def append(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def finish(self) -> None:
        if self._rows:
            self._flush()
        self.sha256 = self._writer.close()

    def drop(self) -> None:
        self._writer.drop()

    def _flush(self) -> None:
        self._writer.write(self._waiting)
        self._waiting.clear()
        self._rows = 0


class ParquetSink(FilePerTable):
    """Compressed Parquet; a column's role, unit and meaning are its metadata.

    Batches are gathered to row groups of at least `bustle.outputs.parquet_options.ROW_GROUP` rows.
    """

    extension = "parquet"
    file = _ParquetFile
