"""Tables as JSON lines."""

from __future__ import annotations

import pyarrow as pa

from bustle.outputs.sinks.sink import FilePerTable, StreamedFile
from bustle.outputs.sinks.text_rows import text_frame


class _JsonLinesFile(StreamedFile):
    def start(self) -> None:
        self._stream = self.partial.open("wb")

    def append(self, batch: pa.RecordBatch) -> None:
        text_frame(batch).write_ndjson(self._stream)

    def finish(self) -> None:
        self._stream.close()


class JsonLinesSink(FilePerTable):
    """One object a row with every column, null for what is missing."""

    extension = "jsonl"
    file = _JsonLinesFile
