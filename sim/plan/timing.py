"""How long a run will take on each engine, from speeds measured once.

Measured on a 2-core server with `python -m benchmarks.compiled_engine`; another machine scales all of them alike, so
the choice between engines stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

REFERENCE_START = 0.7
"""Seconds that the reference engine needs to start: mostly imports of Mesa and SimPy."""

REFERENCE_FIRINGS = 150_000
"""Firings a second of the reference engine; more with a few thousand agents, less with a hundred thousand."""

REFERENCE_AGENTS = 150_000
"""Agents a second that the reference engine makes."""

COMPILED_START = 0.06
"""Seconds that the compiled engine needs to start, where its rules are on disk."""

COMPILED_FIRINGS = 6_000_000
"""Firings a second of one thread of the compiled engine; more with few agents."""

COMPILED_QUEUE_FIRINGS = 2_000_000
"""The same where a million agents stand in one queue."""

COMPILE_SECONDS = 0.08
"""Seconds to compile a rule."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Estimated seconds from the finished world to the last event.

    Attributes:
        reference: of the reference engine.
        compiled: of the compiled engine, compiling included; infinite where it cannot run the scenario.
    """

    reference: float
    compiled: float


def seconds_of(firings: float, agents: int, rules: int, *, in_windows: bool, compilable: bool) -> Seconds:
    """How long a run takes on each engine.

    Args:
        firings: expected firings.
        agents: agents at the start.
        rules: functions that must be compiled first.
        in_windows: whether independent agents advance on their own.
        compilable: whether the compiled engine can run the scenario.
    """
    reference = REFERENCE_START + agents / REFERENCE_AGENTS + firings / REFERENCE_FIRINGS
    speed = COMPILED_FIRINGS if in_windows or agents < 100_000 else COMPILED_QUEUE_FIRINGS
    compiled = COMPILED_START + rules * COMPILE_SECONDS + firings / speed
    return Seconds(reference, compiled if compilable else float("inf"))
