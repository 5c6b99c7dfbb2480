"""Rhythms, events, behaviors and interventions."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.scenarios.model.expressions import Draw, Expr
from bustle.scenarios.model.statements import Statement
from bustle.scenarios.model.triggers import Trigger
from bustle.scenarios.types import Type


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Relative intensity over local time: the product of the parts that are given.

    ``hours`` has 24 weights, ``weekdays`` 7 from Monday, ``months`` 12; together hours and
    weekdays are scaled to a mean of 1 over a week and months to a mean of 1. ``time_of_day``
    is a `Draw` with constant arguments whose density, times 24 hours, is the intensity.
    ``holidays`` are local dates as days since 1970-01-01, with ``holiday_weight``.
    """

    name: str
    hours: tuple[float, ...] | None = None
    weekdays: tuple[float, ...] | None = None
    months: tuple[float, ...] | None = None
    time_of_day: Draw | None = None
    holidays: tuple[int, ...] = ()
    holiday_weight: float = 1.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class EventField:
    """A column of an event.

    ``captured`` fields are added by the checker for recorders that look up an attribute which changes.
    """

    name: str
    type: Type
    label: bool = False
    about: str = ""
    captured: Expr | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: what one line of its log holds."""

    name: str
    fields: tuple[EventField, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Behavior:
    """A rule: who, when, under which conditions, and what happens. ``who`` None is the world."""

    name: str
    order: int
    who: str | None
    trigger: Trigger | None
    while_states: tuple[int, ...]
    unless_states: tuple[int, ...]
    condition: Expr | None
    arguments: tuple[tuple[str, Type], ...]
    body: tuple[Statement, ...]
    slots: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Intervention:
    """At ``at`` parameters take new values; at ``until``, if given, their former ones."""

    name: str
    at: Expr
    until: Expr | None
    values: tuple[tuple[str, Expr], ...]
    about: str = ""
