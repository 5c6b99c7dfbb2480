"""From what people's models hold (floats, datetimes, NumPy scalars, agents) to the log's held forms."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bustle.outputs.epoch import Epoch
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, Text, Type

Convert = Callable[[Any], Any]
"""Takes a value as a model holds it and gives its held form, or raises TypeError or ValueError with what is wrong."""

_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class TimeReader:
    """Reads spans and instants: timedeltas, datetimes, and numbers of ``unit`` (microseconds; None: no numbers)."""

    epoch: Epoch
    unit: int | None

    def span(self, value: Any) -> float:
        """``value`` as a duration in microseconds."""
        if isinstance(value, timedelta):
            return float(value // timedelta(microseconds=1))
        if self.unit is None:
            raise TypeError(f"{value!r} is no timedelta (numbers need a unit: EventLog(..., unit='minutes'))")
        return number(value) * self.unit

    def instant(self, value: Any) -> int:
        """``value`` as microseconds since the start: a datetime, a timedelta since the start, or a number of units."""
        if isinstance(value, datetime):
            return self._since_start(value)
        if isinstance(value, date):
            return self._since_start(datetime(value.year, value.month, value.day))
        return round(self.span(value))

    def _since_start(self, moment: datetime) -> int:
        if moment.tzinfo is None and self.epoch.zone is not None:
            moment = moment.replace(tzinfo=ZoneInfo(self.epoch.zone))
        if moment.tzinfo is not None:
            if self.epoch.zone is None:
                raise TypeError(f"{moment} has a time zone, the log has none (EventLog(..., timezone='Europe/Berlin'))")
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) - self.epoch.start


def converter(type_: Type, times: TimeReader, agent_id: Callable[[str, Any], int]) -> Convert:
    """What brings values to the held form of ``type_``.

    Args:
        type_: the type of a field or attribute.
        times: how numbers and datetimes are read as time.
        agent_id: gives the id of an agent, from its population and what a model holds of it.
    """
    match type_:
        case Quantity(time=1, money=0):
            return times.span
        case Quantity(time=0, money=1):
            return cents
        case Quantity(time=0, money=0, whole=True):
            return whole
        case Quantity(time=0, money=0):
            return number
        case Bool():
            return truth
        case Instant():
            return times.instant
        case Text():
            return text
        case Episode():
            return lambda value: -1 if value is None else _identifier(value)
        case Category(levels=levels):
            return lambda value: level(value, levels)
        case Agent(population=population):
            return lambda value: -1 if value is None else agent_id(population, value)
    raise TypeError(f"an attached log cannot hold values of type {type_}")


def number(value: Any) -> float:
    """A float from any real number that is not a bool."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def whole(value: Any) -> int:
    """An int from a whole number of any integer type."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{value!r} is no whole number")
    index = operator.index(value)
    if not -_LARGEST <= index < _LARGEST:
        raise ValueError(f"{index} does not fit into 64 bits")
    return index


def cents(value: Any) -> int:
    """Whole cents from an amount in the main unit, rounded half to even."""
    if isinstance(value, Decimal) and value.is_finite():
        return whole(int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)))
    amount = number(value)
    if not math.isfinite(amount):
        raise ValueError(f"{value!r} is no amount of money")
    return whole(round(amount * 100))


def truth(value: Any) -> bool:
    """A bool from a bool of Python or NumPy."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise TypeError(f"{value!r} is neither True nor False")


def text(value: Any) -> str:
    """Text, as it is."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return str(value)


def level(value: Any, levels: tuple[str, ...]) -> int:
    """The code of a category's level; -1 for None."""
    if value is None:
        return -1
    try:
        return levels.index(value)
    except ValueError:
        raise ValueError(f"{value!r} is none of the levels; {suggest(str(value), levels, 'levels')}") from None


def _identifier(value: Any) -> int:
    """An id or an episode: a whole number from 0."""
    index = whole(value)
    if index < 0:
        raise ValueError(f"{index} is no id: ids count from 0")
    return index


def plain_id(_population: str, value: Any) -> int:
    """The id of an agent of which a model only has a number."""
    return _identifier(value)
