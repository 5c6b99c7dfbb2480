"""A sink that is still being made when the first rows come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from bustle.outputs.event_sink import EventSink, Values

MOST_ROWS = 1_000_000
"""Rows that are kept; whoever hands over more waits until the sink is there."""


class Writer(Protocol):
    """What is made: it has a sink, and ends as a context manager does."""

    @property
    def sink(self) -> EventSink:
        """Where rows go."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""


AnyWriter = TypeVar("AnyWriter", bound=Writer)


class SinkToCome(Generic[AnyWriter]):
    """Takes what happens in a run while another thread makes what will write it.

    A log needs libraries whose import takes as long as a small run, and an engine's own work leaves the interpreter to
    others. What is handed over meanwhile must not be changed afterwards. As a context manager it ends what was made.

    Args:
        make: makes it. What goes wrong is raised by one of the next calls, at the latest by `made`.
    """

    def __init__(self, make: Callable[[], AnyWriter]) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bustle opens")
        self._made = self._thread.submit(make)
        self._kept: list[tuple[str, tuple[Any, ...]]] = []
        self._rows = 0

    def made(self) -> AnyWriter:
        """What was made, which has got all that was handed over; waits for it."""
        made, kept = self._made.result(), self._kept
        self._kept = []
        for method, arguments in kept:
            getattr(made.sink, method)(*arguments)
        return made

    def write(self, event: str, columns: Mapping[str, Values]) -> None:
        """See `EventSink.write`."""
        self._take("write", event, columns, rows=len(columns["time"]))

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        """See `EventSink.write_sample`."""
        self._take("write_sample", table, time, values)

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Values]) -> None:
        """See `EventSink.write_snapshot`."""
        rows = max(map(len, columns.values()), default=0)
        self._take("write_snapshot", table, time, population, columns, rows=rows)

    def write_agents(self, population: str, columns: Mapping[str, Values]) -> None:
        """See `EventSink.write_agents`."""
        self._take("write_agents", population, columns)

    def write_network(self, name: str, offsets: Values, targets: Values) -> None:
        """See `EventSink.write_network`."""
        self._take("write_network", name, offsets, targets)

    def _take(self, method: str, *arguments: Any, rows: int = 1) -> None:
        if self._made.done() or self._rows >= MOST_ROWS:
            getattr(self.made().sink, method)(*arguments)
        else:
            self._kept.append((method, arguments))
            self._rows += rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if self._made.exception() is None:
            self._made.result().__exit__(kind, error, trace)
