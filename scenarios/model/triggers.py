"""What makes a behavior happen."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.scenarios.model.expressions import Expr


@dataclass(frozen=True, slots=True)
class RateTrigger:
    """A Poisson process of intensity ``rate`` times the rhythms (their product)."""

    rate: Expr
    rhythms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EveryTrigger:
    """A renewal process; gaps pass in rhythm time when rhythms are given."""

    gap: Expr
    rhythms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarMoment:
    """A recurring local time of day (microseconds after midnight) on the days that match.

    Empty tuples match every day; weekdays count from Monday = 0; month days from 1, or
    from -1 for the last.
    """

    time_of_day: int
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AtTrigger:
    """At given instants: expressions (instant) evaluated once per agent, and calendar moments."""

    instants: tuple[Expr, ...]
    moments: tuple[CalendarMoment, ...]


@dataclass(frozen=True, slots=True)
class OnTrigger:
    """When ``event`` is emitted, for the agent in its field ``role``.

    Without a role it is for every agent of the population, or once for the world.
    """

    event: str
    role: str | None


@dataclass(frozen=True, slots=True)
class WhenTrigger:
    """When ``condition`` turns from false to true for the agent."""

    condition: Expr


@dataclass(frozen=True, slots=True)
class EntersTrigger:
    """When the agent enters one of ``states`` (codes)."""

    states: tuple[int, ...]


Trigger = RateTrigger | EveryTrigger | AtTrigger | OnTrigger | WhenTrigger | EntersTrigger
