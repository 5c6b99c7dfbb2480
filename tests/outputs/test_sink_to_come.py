"""A sink that is made while the first rows come."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from types import TracebackType
from typing import Any

import numpy as np
import pytest

from bustle.outputs import sink_to_come
from bustle.outputs.errors import OutputError
from bustle.outputs.sink_to_come import SinkToCome


class Noted:
    """A writer that notes what it gets, and how it ends."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.ended_with: list[type[BaseException] | None] = []

    @property
    def sink(self) -> Noted:
        return self

    def __getattr__(self, method: str) -> Any:
        return lambda *arguments: self.calls.append((method, *arguments))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended_with.append(kind)


def made_when(allowed: Event, writer: Noted) -> Callable[[], Noted]:
    """What makes ``writer``, but not before it is allowed to."""

    def make() -> Noted:
        assert allowed.wait(10)
        return writer

    return make


def rows(count: int) -> dict[str, Any]:
    return {"time": np.arange(count)}


def test_what_comes_before_the_sink_is_handed_on_in_order() -> None:
    writer, may_be_there = Noted(), Event()
    with SinkToCome(made_when(may_be_there, writer)) as sink:
        sink.write("pay", rows(3))
        sink.write_sample("daily", 5, (1, 2))
        sink.write_snapshot("people", 5, "person", {"x": np.arange(2)})
        sink.write_network("near", [0, 1], [0])
        assert not writer.calls
        may_be_there.set()
        assert sink.made() is writer
        sink.write_agents("person", {})
        sink.write("pay", rows(1))
    methods = ["write", "write_sample", "write_snapshot", "write_network", "write_agents", "write"]
    assert [call[0] for call in writer.calls] == methods
    assert writer.ended_with == [None]


def test_whoever_hands_over_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_to_come, "MOST_ROWS", 100)
    writer, may_be_there = Noted(), Event()
    with SinkToCome(made_when(may_be_there, writer)) as sink:
        sink.write("pay", rows(60))
        sink.write("pay", rows(60))
        assert not writer.calls
        may_be_there.set()
        sink.write("pay", rows(60))
        assert len(writer.calls) == 3


def test_what_goes_wrong_is_told_to_whoever_writes() -> None:
    def make() -> Noted:
        raise OutputError("the disk is full")

    with pytest.raises(OutputError, match="the disk is full"), SinkToCome(make) as sink:
        sink.write("pay", rows(3))
        sink.made()


def test_a_run_that_fails_ends_what_was_made() -> None:
    writer = Noted()
    with pytest.raises(ZeroDivisionError), SinkToCome(lambda: writer) as sink:
        sink.write("pay", rows(3))
        raise ZeroDivisionError
    assert writer.ended_with == [ZeroDivisionError]
