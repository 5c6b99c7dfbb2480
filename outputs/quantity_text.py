"""Values of a scenario as a person would write them."""

from __future__ import annotations

from typing import Any

from bustle.outputs.epoch import Epoch
from bustle.outputs.timestamps import timestamp_text
from bustle.scenarios.types import MICROSECONDS, Category, Instant, Quantity, State, Type

_NEVER = 2**62


def value_text(value: Any, type_: Type, epoch: Epoch) -> str:
    """A held value with its unit.

    >>> from bustle.scenarios.types import DURATION, MONEY, RATE
    >>> utc = Epoch(0, None)
    >>> value_text(14_400_000_000.0, DURATION, utc), value_text(1250, MONEY, utc), value_text(2 / 86.4e9, RATE, utc)
    ('4 hours', '12.50', '2 per day')
    """
    if value is None:
        return "none"
    match type_:
        case _ if isinstance(value, bool):
            return "true" if value else "false"
        case Category() | State():
            return type_.levels[value] if isinstance(value, int) else str(value)
        case Instant():
            return "never" if value >= _NEVER else timestamp_text(int(value), epoch).replace("T", " ")
        case Quantity(time=1, money=0):
            return duration_text(float(value))
        case Quantity(time=-1, money=0):
            return _rate_text(float(value))
        case Quantity() if type_.is_money:
            return f"{value / 100:,.2f}"
        case Quantity():
            return number_text(value)
        case _:
            return str(value)


def number_text(value: float) -> str:
    """A number without a needless fraction, thousands grouped.

    >>> number_text(2000.0), number_text(0.125)
    ('2,000', '0.125')
    """
    if isinstance(value, int) or (value == int(value) if abs(value) < 1e15 else False):
        return f"{int(value):,}"
    return f"{value:.6g}"


def duration_text(microseconds: float) -> str:
    """A duration in the largest unit that leaves a short number.

    >>> duration_text(86_400_000_000), duration_text(5_400_000_000), duration_text(0)
    ('1 day', '90 minutes', '0 seconds')
    """
    for unit in ("day", "hour", "minute", "second", "millisecond", "microsecond"):
        amount = microseconds / MICROSECONDS[unit]
        if (
            microseconds
            and abs(amount) >= 1
            and round(amount, 3) == amount
            and (amount == int(amount) or unit == "second")
        ):
            return f"{number_text(amount)} {unit}{'' if amount == 1 else 's'}"
    return f"{number_text(microseconds / MICROSECONDS['second'])} seconds"


def _rate_text(per_microsecond: float) -> str:
    """A rate per the unit of time that makes it at least one, or per day where none does."""
    for unit in ("day", "hour", "minute", "second"):
        amount = per_microsecond * MICROSECONDS[unit]
        if abs(amount) >= 0.01 and (amount < 10_000 or unit == "second"):
            return f"{number_text(float(f'{amount:.6g}'))} per {unit}"
    return f"{number_text(per_microsecond * MICROSECONDS['day'])} per day"
