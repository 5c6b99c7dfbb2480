"""Constants as a scenario would write them, so that they are read again as exactly the same value."""

from __future__ import annotations

from typing import Any

from bustle.scenarios.calendar import Calendar
from bustle.scenarios.check.constants import cents
from bustle.scenarios.check.references import NEVER
from bustle.scenarios.model import Parameter
from bustle.scenarios.types import MICROSECONDS, Category, Instant, Quantity, Text

_UNITS = ("day", "hour", "minute", "second", "microsecond")


def show(parameter: Parameter, value: Any, calendar: Calendar | None = None) -> str:
    """A value of ``parameter``, in held form, as a scenario would write it; ``calendar`` serves instants.

    >>> from bustle.scenarios.types import DURATION
    >>> show(Parameter("wait", DURATION, 0.0), 5.4e9)
    '90 minutes'
    """
    type_ = parameter.type
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(type_, Category):
        return type_.levels[int(value)]
    if isinstance(type_, Text):
        return f"'{value}'" if '"' in value else f'"{value}"'
    if isinstance(type_, Instant) and calendar is not None:
        return "never" if value >= NEVER else str(calendar.datetime(value).replace(tzinfo=None))
    if not isinstance(type_, Quantity):
        return str(value)
    if type_.is_money:
        return _money(value, bare=parameter.unit == "money")
    if type_.is_plain:
        return str(value) if isinstance(value, int) or not type_.whole else repr(value).removesuffix(".0")
    if type_.money == 0 and type_.time in (1, -1):
        return _time(value, type_.time)
    time = (" * 1 microsecond" if type_.time > 0 else " / 1 microsecond") * abs(type_.time)
    return f"{value!r}{time}" + " * money(0.01)" * type_.money


def _money(value: int, bare: bool) -> str:
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 100)
    written = f"{whole}.{rest:02d}" if rest else str(whole)
    if cents(float(written)) != abs(value):
        return f"{sign}(money({whole}) + money(0.{rest:02d}))"
    return f"{sign}{written}" if bare else f"{sign}money({written})"


def _time(value: float, exponent: int) -> str:
    """A duration or rate in the unit that makes it shortest, among those that give it exactly."""
    if value == 0:
        return "0 seconds" if exponent == 1 else "0 per day"
    found: list[str] = []
    for unit in _UNITS:
        length = MICROSECONDS[unit]
        for number in (f"{value / length if exponent == 1 else value * length:.15g}", repr(value)):
            if (float(number) * length if exponent == 1 else float(number) / length) == value:
                plural = "s" if exponent == 1 and float(number) != 1 else ""
                found.append(f"{number} {unit}{plural}" if exponent == 1 else f"{number} per {unit}")
                break
    return min(found, key=lambda text: len(text.split()[0]))
