"""What an engine hands on, kept in one file that only grows, until the run is complete.

A run with checkpoints may be killed at any byte. Its log is therefore first written here, entry after entry: a line
with a checksum and JSON that says what follows, then the columns as raw little-endian values. A checkpoint notes how
long the file is; a run that goes on from there cuts it to that length. At the end the entries are handed to the log,
which writes the very files that a run without checkpoints writes.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.event_sink import Coded, EventSink, Values

Array = npt.NDArray[Any]


class Damaged(Exception):
    """A file is not what was written."""


def write_entry(file: BinaryIO, head: Mapping[str, Any], columns: Mapping[str, Array]) -> None:
    """Write a line that says what follows, and the columns.

    Args:
        file: where to.
        head: JSON-ready values; ``columns`` is added.
        columns: one-dimensional arrays by name.
    """
    described, blocks = [], []
    for name, array in columns.items():
        block = np.ascontiguousarray(array).data
        blocks.append(block)
        described.append({"name": name, "dtype": array.dtype.str, "rows": len(array), "checksum": zlib.crc32(block)})
    line = json.dumps({**head, "columns": described}).encode() + b"\n"
    file.write(b"%08x " % zlib.crc32(line) + line)
    for block in blocks:
        file.write(block)


def read_entry(file: BinaryIO) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read what `write_entry` wrote.

    Raises:
        Damaged: it is not that.
    """
    written, _, line = file.readline().partition(b" ")
    if written != b"%08x" % zlib.crc32(line):
        raise Damaged
    head: dict[str, Any] = json.loads(line)
    columns = {}
    for column in head.pop("columns"):
        dtype = np.dtype(column["dtype"])
        block = file.read(column["rows"] * dtype.itemsize)
        if zlib.crc32(block) != column["checksum"]:
            raise Damaged
        columns[column["name"]] = np.frombuffer(block, dtype)
    return head, columns


class Spool:
    """An event sink (`bustle.outputs.event_sink.EventSink`) that appends to a file.

    Args:
        path: the file.
        length: how much of it counts; the rest is cut off.

    Raises:
        OutputError: the file cannot be written, is damaged, or is shorter than ``length``.
    """

    def __init__(self, path: Path, length: int = 0) -> None:
        self._path = path
        self._texts: dict[str, int] = {}
        self._numbered: tuple[Sequence[str], Array] = (), np.array([-1], np.int64)
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
        self._append({"call": "sample", "name": table, "time": time, "values": [_sent(value) for value in values]}, {})

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
        coded: list[str] = []
        arrays: dict[str, Array] = {}
        for name, values in columns.items():
            arrays[name], is_text = self._plain(values, new)
            if is_text:
                coded.append(name)
        with one_clear_line("write", self._path):
            write_entry(self._file, {**head, "coded": coded, "texts": new}, arrays)

    def _plain(self, values: Values, new: list[str]) -> tuple[Array, bool]:
        """A column without objects, and whether its numbers stand for texts."""
        if isinstance(values, Coded):
            return self._own_numbers(values.texts, new)[values.codes], True
        array = np.asarray(values)
        if array.dtype == np.dtype(object) or array.dtype.kind in "US":
            return np.array(
                [-1 if text is None else self._number(text, new) for text in array.tolist()], np.int64
            ), True
        return array, False

    def _own_numbers(self, texts: Sequence[str], new: list[str]) -> Array:
        """The spool's numbers of texts, and -1 behind them; those of a list that grows are not looked up again."""
        before, numbers = self._numbered
        if before is not texts:
            numbers = np.array([-1], np.int64)
        if len(numbers) <= len(texts):
            more = [self._number(text, new) for text in texts[len(numbers) - 1 :]]
            numbers = np.concatenate([numbers[:-1], np.array([*more, -1], np.int64)])
            self._numbered = texts, numbers
        return numbers

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
    for head, columns in _entries(path, length):
        texts += head["texts"]
        values: dict[str, Any] = {
            name: Coded(array, texts) if name in head["coded"] else array for name, array in columns.items()
        }
        match head["call"]:
            case "write":
                sink.write(head["name"], values)
            case "sample":
                sink.write_sample(head["name"], head["time"], tuple(map(_received, head["values"])))
            case "snapshot":
                sink.write_snapshot(head["name"], head["time"], head["population"], values)
            case "agents":
                sink.write_agents(head["name"], values)
            case "network":
                sink.write_network(head["name"], values["offsets"], values["targets"])


def _sent(value: Any) -> Any:
    """A value that JSON gives back to the last bit: it knows but one not-a-number."""
    return {"bits": struct.pack(">d", value).hex()} if isinstance(value, float) else value


def _received(value: Any) -> Any:
    return struct.unpack(">d", bytes.fromhex(value["bits"]))[0] if isinstance(value, dict) else value


def _entries(path: Path, length: int) -> Iterator[tuple[dict[str, Any], dict[str, Array]]]:
    """Every entry: its head, and its columns."""
    with one_clear_line("read", path), path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < length:
            raise OutputError(f"{path} is shorter than its checkpoint says")
        while file.tell() < length:
            try:
                entry = read_entry(file)
            except Damaged as error:
                raise OutputError(f"{path} is damaged") from error
            yield entry
        if file.tell() > length:
            raise OutputError(f"{path} is damaged")
