"""Several measurements in turn, so that a busy moment of the machine does not hit one of them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar


class Timed(Protocol):
    """Something that took time."""

    @property
    def seconds(self) -> float:
        """Wall-clock time."""

    @property
    def cpu_seconds(self) -> float:
        """CPU time."""


Result = TypeVar("Result")


def in_turn(measurements: Mapping[str, Callable[[], Result]], repeat: int) -> dict[str, list[Result]]:
    """The results of all ``measurements``, taken ``repeat`` times, one after the other in each round."""
    found: dict[str, list[Result]] = {name: [] for name in measurements}
    for _ in range(repeat):
        for name, measure in measurements.items():
            found[name].append(measure())
    return found


def least_wall(results: Iterable[Timed]) -> float:
    """The least wall-clock time: that of the quietest moment."""
    return min(result.seconds for result in results)


def least_cpu(results: Iterable[Timed]) -> float:
    """The least CPU time."""
    return min(result.cpu_seconds for result in results)
