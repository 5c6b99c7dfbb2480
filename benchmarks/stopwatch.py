"""Timers around functions of a program that knows nothing of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from types import ModuleType
from typing import Any


@dataclass
class Stage:
    """Time spent in one stage.

    Attributes:
        calls: CPU time of the thread for each time that it was entered, in the order of leaving.
        seconds: wall-clock time from entering to leaving.
        cpu_seconds: CPU time of the whole process meanwhile.
    """

    calls: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def thread_seconds(self) -> float:
        """CPU time of the threads that were in it."""
        return sum(self.calls)

    def values(self) -> dict[str, float]:
        """All figures, JSON-ready."""
        return {
            "calls": len(self.calls),
            "seconds": self.seconds,
            "thread_seconds": self.thread_seconds,
            "cpu_seconds": self.cpu_seconds,
        }


class Stopwatch:
    """Times stages of a run by standing in for the functions that do them.

    Functions that stand in for others stay there: a process is profiled once.

    Attributes:
        stages: by name, in the order in which they were named.
    """

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self._lock = Lock()

    def around(self, owner: ModuleType | type, function: str, stage: str) -> None:
        """Time every call of ``owner.function`` as part of ``stage``."""
        setattr(owner, function, self.timed(getattr(owner, function), stage))

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """``function``, timed as part of ``stage``."""
        found = self.stages.setdefault(stage, Stage())

        def stand_in(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter(), time.thread_time(), time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                ended = time.perf_counter(), time.thread_time(), time.process_time()
                with self._lock:
                    found.calls.append(ended[1] - started[1])
                    found.seconds += ended[0] - started[0]
                    found.cpu_seconds += ended[2] - started[2]

        return stand_in
