"""What an engine hands on, kept in one file that only grows, until the run is complete.

A run with checkpoints may be killed at any byte. Its log is therefore first written here, entry after entry: a line of
JSON that says what follows, then the columns as raw little-endian values. A checkpoint notes how long the file is; a
run that goes on from there cuts it to that length. At the end the entries are handed to the log, which writes the very
files that a run without checkpoints writes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.event_sink import Coded, EventSink, Values


class Spool:
    """An event sink (`bustle.outputs.event_sink.EventSink`) that appends to a file.

    Args:
        path: the file.
        length: how much of it counts; the rest is cut off.

    Raises:
        OutputError: the file cannot be written, or is shorter than ``length``.
    """

    def __init__(self, path: Path, length: int = 0) -> None:
        self._path = path
        self._texts: dict[str, int] = {}
        if length:
            for head, _ in _entries(path, length):
                for text in head["texts"]:
                    self._texts[text] = len(self._texts)
        with one_clear_line("write", path):
            self._file = path.open("r+b" if length else "wb")
            self._file.truncate(length)
            self._file.seek(length)

    # --- what an engine calls

    def write(self, event: str, columns: Mapping[str, Values]) -> None:
        """Take rows of ``event``."""
        self._append({"call": "write", "name": event}, columns)

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        """Take a row of a sample table."""
        self._append({"call": "sample", "name": table, "time": time, "values": list(values)}, {})

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Values]) -> None:
        """Take the agents of a population at an instant."""
        self._append({"call": "snapshot", "name": table, "time": time, "population": population}, columns)

    def write_agents(self, population: str, columns: Mapping[str, Values]) -> None:
        """Take the agents at the end."""
        self._append({"call": "agents", "name": population}, columns)

    def write_network(self, name: str, offsets: Values, targets: Values) -> None:
        """Take a network."""
        self._append({"call": "network", "name": name}, {"offsets": offsets, "targets": targets})

    # --- the file

    def _append(self, head: dict[str, Any], columns: Mapping[str, Values]) -> None:
        new: list[str] = []
        parts = [self._part(name, values, new) for name, values in columns.items()]
        head |= {"columns": [entry for entry, _ in parts], "texts": new}
        with one_clear_line("write", self._path):
            self._file.write(json.dumps(head).encode() + b"\n")
            for _, array in parts:
                self._file.write(np.ascontiguousarray(array).data)

    def _part(self, name: str, values: Values, new: list[str]) -> tuple[dict[str, Any], Any]:
        coded = isinstance(values, Coded)
        if isinstance(values, Coded):
            own = np.array([self._number(text, new) for text in values.texts] + [-1], np.int64)
            array = own[values.codes]
        else:
            array = np.asarray(values)
            if array.dtype == np.dtype(object):
                coded = True
                array = np.array([-1 if text is None else self._number(text, new) for text in array], np.int64)
        return {"name": name, "dtype": array.dtype.str, "rows": len(array), "text": coded}, array

    def _number(self, text: str, new: list[str]) -> int:
        if text not in self._texts:
            self._texts[text] = len(self._texts)
            new.append(text)
        return self._texts[text]

    def flush(self) -> int:
        """Bring everything to the disk; gives the file's length.

        Raises:
            OutputError: the disk is full.
        """
        with one_clear_line("write", self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            return self._file.tell()

    def close(self) -> None:
        """Let go of the file."""
        try:
            self._file.close()
        except OSError:
            pass  # the disk is full: what counts has been flushed before


def replay(path: Path, length: int, sink: EventSink) -> None:
    """Hand the first ``length`` bytes of a spool to ``sink``.

    Raises:
        OutputError: the file is damaged.
    """
    texts: list[str] = []
    for head, columns in _entries(path, length, read=True):
        texts += head["texts"]
        values: dict[str, Any] = {
            entry["name"]: Coded(array, tuple(texts)) if entry["text"] else array
            for entry, array in zip(head["columns"], columns, strict=True)
        }
        match head["call"]:
            case "write":
                sink.write(head["name"], values)
            case "sample":
                sink.write_sample(head["name"], head["time"], tuple(head["values"]))
            case "snapshot":
                sink.write_snapshot(head["name"], head["time"], head["population"], values)
            case "agents":
                sink.write_agents(head["name"], values)
            case "network":
                sink.write_network(head["name"], values["offsets"], values["targets"])


def _entries(path: Path, length: int, *, read: bool = False) -> Any:
    """Every entry: its head, and its columns if they are to be read."""
    with one_clear_line("read", path), path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < length:
            raise OutputError(f"{path} is shorter than its checkpoint says")
        while file.tell() < length:
            try:
                head = json.loads(file.readline())
                columns = []
                for entry in head["columns"]:
                    size = entry["rows"] * np.dtype(entry["dtype"]).itemsize
                    if read:
                        columns.append(np.frombuffer(file.read(size), dtype=entry["dtype"]))
                    else:
                        file.seek(size, os.SEEK_CUR)
            except (ValueError, KeyError, TypeError) as error:
                raise OutputError(f"{path} is damaged") from error
            yield head, columns
