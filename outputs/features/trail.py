"""Rows that were seen, kept on disk until they have left every window.

A window that moves over a long table needs each row twice: when it comes and, much later, when it leaves. Rows wait
for that in temporary files, so that memory does not grow with the length of a window.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from bustle.outputs.arrow_memory import Array
from bustle.outputs.errors import one_clear_line

BLOCK = 65_536
"""Most rows that are read at a time."""

TIME = "time"
"""The column by which a trail is in order: int64, microseconds."""


class Trail:
    """Columns of rows in order of time, appended at the end and read anywhere.

    Args:
        dtypes: of the columns, `TIME` among them.
        folder: where the temporary files are made; they have no name and are gone with the process.

    Attributes:
        rows: the rows so far.
    """

    def __init__(self, dtypes: Mapping[str, np.dtype[Any]], folder: Path) -> None:
        self.rows = 0
        self._dtypes = dict(dtypes)
        self._folder = folder
        with one_clear_line("write", folder):
            self._files: dict[str, IO[bytes]] = {name: tempfile.TemporaryFile(dir=folder) for name in dtypes}

    def append(self, columns: Mapping[str, Array]) -> None:
        """Add rows: an array of [rows] for each column.

        Raises:
            OutputError: the disk is full.
        """
        with one_clear_line("write", self._folder):
            for name, file in self._files.items():
                file.seek(0, 2)
                file.write(np.ascontiguousarray(columns[name], self._dtypes[name]).data)
        self.rows += len(columns[TIME])

    def read(self, name: str, first: int, end: int) -> Array:
        """The rows from ``first`` up to ``end`` of a column."""
        values = np.empty(end - first, self._dtypes[name])
        with one_clear_line("read", self._folder):
            self._files[name].seek(first * values.itemsize)
            self._files[name].readinto(values.data)  # type: ignore[attr-defined]
        return values

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a batch, and the rows of a trail that leave the window before the last of them or right after.

    Attributes:
        rows: where the rows stand in the batch.
        first: the number of the first row that leaves.
        end: one past the number of the last.
    """

    rows: slice
    first: int
    end: int
    _trail: Trail
    _read: dict[str, Array] = field(default_factory=dict)

    def gone(self, name: str) -> Array:
        """A column of the rows that leave; read once."""
        if name not in self._read:
            self._read[name] = self._trail.read(name, self.first, self.end)
        return self._read[name]


class Cursor:
    """Follows a trail at the far end of a window.

    Args:
        trail: the rows.
        window: its length, in microseconds.
    """

    def __init__(self, trail: Trail, window: int) -> None:
        self._trail = trail
        self._window = window
        self._next = 0

    def pieces(self, time: Array) -> Iterator[Piece]:
        """Cut a batch of rows with these times into pieces, in each of which at most `BLOCK` rows leave the window.

        Where a piece ends, time has moved on: rows of the same time are in one piece.
        """
        done = 0
        while True:
            first, end = self._next, min(self._next + BLOCK, self._trail.rows)
            waiting = self._trail.read(TIME, first, end)
            leaving = int(np.searchsorted(waiting, time[-1] - self._window, side="right"))
            if leaving < BLOCK:
                self._next += leaving
                yield Piece(slice(done, len(time)), first, first + leaving, self._trail)
                return
            # Rows that come before the whole block has left; the others wait for the next block.
            ready = int(np.searchsorted(time, waiting[-1] + self._window, side="left"))
            self._next = end
            yield Piece(slice(done, ready), first, end, self._trail)
            done = ready
