"""What an engine hands on comes out of a spool as it went in, and a damaged spool is noticed."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bustle.outputs.errors import OutputError
from bustle.outputs.event_sink import Coded, EventSink
from bustle.outputs.log import LogWriter
from bustle.outputs.spool import Spool, replay
from tests.outputs.scenes import fill, shops


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Calls:
    """A sink that keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def write(self, event: str, columns: Mapping[str, Any]) -> None:
        self.calls.append(("write", event, dict(columns)))

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        self.calls.append(("sample", table, time, values))

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Any]) -> None:
        self.calls.append(("snapshot", table, time, population, dict(columns)))

    def write_agents(self, population: str, columns: Mapping[str, Any]) -> None:
        self.calls.append(("agents", population, dict(columns)))

    def write_network(self, name: str, offsets: Any, targets: Any) -> None:
        self.calls.append(("network", name, offsets, targets))


def texts_of(column: Coded) -> list[str | None]:
    return [None if code < 0 else column.texts[code] for code in column.codes.tolist()]


def write_all(sink: EventSink) -> None:
    """One call of every kind."""
    sink.write("tick", {"time": np.array([1, 2]), "x": np.array([0.5, -0.0]), "on": np.array([True, False])})
    sink.write("tick", {"time": np.array([3]), "how": Coded(np.array([1], np.int32), ("b", "a"))})
    sink.write_sample("course", 4, (1, 0.1, True, None, "text"))
    sink.write_snapshot("then", 5, "a", {"id": np.array([0, 1, 2], np.int32), "name": ["x", None, "b"]})
    sink.write_agents("a", {"id": np.empty(0, np.int64), "name": np.array([], dtype=object)})
    sink.write_network("near", np.array([0, 1]), np.array([0], np.int32))


def spooled(path: Path, *parts: Any) -> int:
    spool = Spool(path)
    for part in parts:
        part(spool)
    length = spool.flush()
    spool.close()
    return length


def test_everything_comes_out_as_it_went_in(tmp_path: Path) -> None:
    path = tmp_path / "log.spool"
    length = spooled(path, write_all)
    assert path.stat().st_size == length
    calls = Calls()
    replay(path, length, calls)
    first, second, sample, snapshot, agents, network = calls.calls
    assert {name: (array.dtype.str, array.tolist()) for name, array in first[2].items()} == {
        "time": ("<i8", [1, 2]),
        "x": ("<f8", [0.5, -0.0]),
        "on": ("|b1", [True, False]),
    }
    assert math.copysign(1, first[2]["x"][1]) == -1
    assert texts_of(second[2]["how"]) == ["a"]
    assert sample == ("sample", "course", 4, (1, 0.1, True, None, "text"))
    assert [type(value) for value in sample[3]] == [int, float, bool, type(None), str]
    assert snapshot[4]["id"].dtype == np.int32 and texts_of(snapshot[4]["name"]) == ["x", None, "b"]
    assert len(agents[2]["id"]) == 0 and texts_of(agents[2]["name"]) == []
    assert (network[1], network[2].tolist(), network[3].dtype) == ("near", [0, 1], np.int32)


def test_numbers_of_a_sample_keep_every_bit(tmp_path: Path) -> None:
    bits = [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF0000000000000, 0x8000000000000000, 0x0000000000000001]
    values = tuple(struct.unpack(">d", bit.to_bytes(8, "big"))[0] for bit in bits)
    length = spooled(tmp_path / "spool", lambda spool: spool.write_sample("course", 0, values))
    calls = Calls()
    replay(tmp_path / "spool", length, calls)
    assert [int.from_bytes(struct.pack(">d", value), "big") for value in calls.calls[0][3]] == bits


def test_a_log_from_a_spool_is_the_log(tmp_path: Path) -> None:
    model = shops()
    with LogWriter(tmp_path / "direct", model) as log:
        fill(log)
    length = spooled(tmp_path / "spool", fill)
    with LogWriter(tmp_path / "replayed", model) as log:
        replay(tmp_path / "spool", length, log)
    assert files_below(tmp_path / "direct") == files_below(tmp_path / "replayed")


def test_a_spool_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    def more(spool: Spool) -> None:
        spool.write("tick", {"time": np.array([9]), "how": ["c"]})
        spool.write("tick", {"time": np.array([10]), "how": ["b"]})

    whole = spooled(tmp_path / "whole", write_all, more)
    part = spooled(tmp_path / "cut", write_all)
    with (tmp_path / "cut").open("ab") as file:
        file.write(b"what came after the last checkpoint, perhaps half of an entry")
    again = Spool(tmp_path / "cut", part)
    more(again)
    assert again.flush() == whole
    again.close()
    assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_spool_begins_anew_where_nothing_counts(tmp_path: Path) -> None:
    spooled(tmp_path / "spool", write_all)
    assert spooled(tmp_path / "spool") == 0
    calls = Calls()
    replay(tmp_path / "spool", 0, calls)
    assert calls.calls == []


def test_a_spool_that_is_shorter_than_it_should_be_is_noticed(tmp_path: Path) -> None:
    length = spooled(tmp_path / "spool", write_all)
    for use in (lambda: replay(tmp_path / "spool", length + 1, Calls()), lambda: Spool(tmp_path / "spool", length + 1)):
        with pytest.raises(OutputError, match="spool is shorter than its checkpoint says"):
            use()


def test_any_turned_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    length = spooled(path, write_all)
    good = path.read_bytes()
    for place in range(length):
        bad = bytearray(good)
        bad[place] ^= 1 << place % 8
        path.write_bytes(bad)
        with pytest.raises(OutputError, match="spool is damaged"):
            replay(path, length, Calls())


@pytest.mark.parametrize("less", [1, 7, 40])
def test_a_length_in_the_middle_of_an_entry_is_noticed(tmp_path: Path, less: int) -> None:
    length = spooled(tmp_path / "spool", write_all)
    with pytest.raises(OutputError, match="spool is damaged"):
        replay(tmp_path / "spool", length - less, Calls())


def test_a_spool_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"^cannot read .*spool: No such file or directory$"):
        Spool(tmp_path / "spool", 10)
    with pytest.raises(OutputError, match=r"^cannot write .*spool: No such file or directory$"):
        Spool(tmp_path / "nowhere" / "spool")


def test_texts_of_a_list_that_grows_are_told_apart(tmp_path: Path) -> None:
    growing, other = ["a", "b"], ["b", "c"]

    def write(spool: Spool) -> None:
        for texts, code in ((growing, 1), (other, 0), (growing, 0), (other, 1), (growing, -1)):
            spool.write("tick", {"how": Coded(np.array([code]), texts)})
        growing.append("c")
        spool.write("tick", {"how": Coded(np.array([2, 0, -1]), growing)})

    length = spooled(tmp_path / "spool", write)
    calls = Calls()
    replay(tmp_path / "spool", length, calls)
    told = [text for call in calls.calls for text in texts_of(call[2]["how"])]
    assert told == ["b", "b", "a", "c", None, "c", "a", None]
