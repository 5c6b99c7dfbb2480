"""Tables as Parquet files."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from bustle.outputs.sinks.sink import FilePerTable, StreamedFile


class _ParquetFile(StreamedFile):
    def start(self) -> None:
        names = [f.name for f in self.schema if pa.types.is_dictionary(f.type) or pa.types.is_string(f.type)]
        self._writer = pq.ParquetWriter(self.partial, self.schema, compression="zstd", use_dictionary=names)

    def append(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)

    def finish(self) -> None:
        self._writer.close()


class ParquetSink(FilePerTable):
    """Zstandard-compressed Parquet, a row group a batch; a column's role, unit and meaning are its metadata."""

    extension = "parquet"
    file = _ParquetFile
