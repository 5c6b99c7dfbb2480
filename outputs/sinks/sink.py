"""What a format must do, and how a file appears only when it is complete."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from bustle.outputs.errors import one_clear_line
from bustle.outputs.unfinished import partial_of


class TableFile(Protocol):
    """A table being written: a context manager that completes it, or drops it when left with an error.

    Attributes:
        sha256: of a complete table's file, where it is known without reading it.
    """

    sha256: str | None

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows in the table's schema."""

    def __enter__(self) -> Self:
        """The table itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete the table, or drop it."""


class Sink(Protocol):
    """A format in a folder: a context manager around its tables."""

    def path(self, table: str) -> Path:
        """The file in which ``table`` will be."""

    def table(self, name: str, schema: pa.Schema) -> TableFile:
        """Begin a table."""

    def __enter__(self) -> Self:
        """The sink itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete what all tables share, or drop it."""


class StreamedFile(ABC):
    """A file with one table, written under ``NAME.partial`` and renamed when complete.

    Subclasses open their writer for `partial` in `start`, add rows in `append`, and let go of it in `finish`, or in
    `drop` after an error.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.partial = partial_of(path)
        self.sha256: str | None = None
        with one_clear_line("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.start()

    @abstractmethod
    def start(self) -> None:
        """Open the partial file."""

    @abstractmethod
    def append(self, batch: pa.RecordBatch) -> None:
        """Write rows."""

    @abstractmethod
    def finish(self) -> None:
        """Write what ends the file, and close it."""

    def drop(self) -> None:
        """Close the file after an error; what is in it does not matter any more."""
        self.finish()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows in the table's schema.

        Raises:
            OutputError: the disk is full or the file cannot be written.
        """
        with one_clear_line("write", self.path):
            self.append(batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._remove()
            return
        try:
            with one_clear_line("write", self.path):
                self.finish()
                self.partial.replace(self.path)
        except BaseException:
            self._remove()
            raise

    def _remove(self) -> None:
        try:
            self.drop()
        except OSError:
            pass  # the disk is full or gone: the error that brought us here says more
        self.partial.unlink(missing_ok=True)


class FilePerTable:
    """A sink of which every table is a file of its own; subclasses say which kind.

    Args:
        folder: where the files go.
    """

    extension: str
    file: type[StreamedFile]

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, table: str) -> Path:
        """The file in which ``table`` will be."""
        return self._folder / f"{table}.{self.extension}"

    def table(self, name: str, schema: pa.Schema) -> TableFile:
        """Begin a table."""
        return self.file(self.path(name), schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
