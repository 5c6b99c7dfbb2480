"""Tables as Arrow IPC files."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.ipc

from bustle.outputs.sinks.sink import FilePerTable, StreamedFile


class _ArrowFile(StreamedFile):
    def start(self) -> None:
        self._stream = pa.OSFile(str(self.partial), "wb")
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self._writer = pa.ipc.new_file(self._stream, self.schema, options=options)

    def append(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)

    def finish(self) -> None:
        self._writer.close()
        self._stream.close()

    def drop(self) -> None:
        self._stream.close()


class ArrowSink(FilePerTable):
    """The Arrow file format, also known as Feather 2, with Zstandard-compressed buffers."""

    extension = "arrow"
    file = _ArrowFile
