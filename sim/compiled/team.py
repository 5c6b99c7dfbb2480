"""Threads that share out work with the one that has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self, TypeVar

_Result = TypeVar("_Result")


class Team:
    """Who works side by side; as a context manager it lets its threads go at the end.

    Args:
        size: how many there are, the one who asks among them.
    """

    def __init__(self, size: int) -> None:
        self._others = ThreadPoolExecutor(size - 1, thread_name_prefix="bustle-shard") if size > 1 else None

    def each(self, function: Callable[..., _Result], work: Sequence[tuple[Any, ...]]) -> list[_Result]:
        """What ``function`` gives for each piece of work, its arguments. Who asks does the first piece."""
        if self._others is None or len(work) < 2:
            return [function(*piece) for piece in work]
        others = [self._others.submit(function, *piece) for piece in work[1:]]
        try:
            first = function(*work[0])
        finally:
            wait(others)
        return [first, *(other.result() for other in others)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._others is not None:
            self._others.shutdown()


ALONE = Team(1)
"""One alone."""
