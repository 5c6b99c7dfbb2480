"""Tables as comma-separated text."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from bustle.outputs.sinks.sink import FilePerTable, StreamedFile
from bustle.outputs.sinks.text_rows import text_frame


class _CsvFile(StreamedFile):
    def start(self) -> None:
        self._stream = self.partial.open("wb")
        header = pl.DataFrame(schema=self.schema.names).write_csv(include_header=True)
        self._stream.write(header.encode())

    def append(self, batch: pa.RecordBatch) -> None:
        text_frame(batch).write_csv(self._stream, include_header=False)

    def finish(self) -> None:
        self._stream.close()


class CsvSink(FilePerTable):
    """UTF-8 with a header, quotes where needed, nothing for what is missing; floats read back as they were."""

    extension = "csv"
    file = _CsvFile
