"""What a run tells: single events as they happen, and the counts at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event of a run.

    Attributes:
        event: name of the event.
        time: microseconds since the scenario's start.
        behavior: name of the behavior that emitted it; of the population, for agents written in Python.
        agent: index of the acting agent in its population; -1 for the world.
        occurrence: number of the firing among those of this agent and behavior.
        index: number of the emission within the firing.
        fields: the event's fields in held form (see `bustle.scenarios.types`), agents as indices, -1 for none.
    """

    event: str
    time: int
    behavior: str
    agent: int
    occurrence: int
    index: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What a run did.

    Attributes:
        firings: behaviors run and resumptions of Python processes.
        events: rows emitted, by event.
        ended_at: simulated time reached, in microseconds.
        complete: False if the run was stopped before the scenario's end.
    """

    firings: int
    events: dict[str, int]
    ended_at: int
    complete: bool

    @property
    def rows(self) -> int:
        """Rows of all events together."""
        return sum(self.events.values())
