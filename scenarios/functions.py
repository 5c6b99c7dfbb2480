"""The pure functions of the language: what they take, what they give, and what they mean.

One table serves the checker, the engines, the documentation and their tests. ``rule`` names how the checker
types a call (see `bustle.scenarios.check.calls`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rule = Literal["number", "whole", "same", "calendar", "money", "to_number", "time_of_day"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the number of arguments it takes (``most`` None: any number), and how it is typed.

    ``number`` takes plain numbers and gives a number; ``whole`` takes a plain number and gives a whole
    one; ``same`` takes numbers of one unit and gives that unit; ``calendar`` takes an instant and gives a whole number.
    """

    name: str
    rule: Rule
    least: int
    most: int | None
    about: str
    example: str


_FUNCTIONS = (
    Function("abs", "same", 1, 1, "the size of a number without its sign", "abs(-3)"),
    Function("min", "same", 2, None, "the smallest of its arguments", "min(haul, 5)"),
    Function("max", "same", 2, None, "the largest of its arguments", "max(1, haul)"),
    Function("clip", "same", 3, 3, "the first argument kept between the second and the third", "clip(haul, 1, 5)"),
    Function("round", "whole", 1, 1, "the nearest whole number, halves to even", "round(2.5)"),
    Function("floor", "whole", 1, 1, "the largest whole number not above", "floor(2.7)"),
    Function("ceil", "whole", 1, 1, "the smallest whole number not below", "ceil(2.1)"),
    Function("exp", "number", 1, 1, "e to the power of its argument", "exp(-0.5)"),
    Function("log", "number", 1, 1, "the natural logarithm of a number above 0", "log(10)"),
    Function("sqrt", "number", 1, 1, "the square root of a number not below 0", "sqrt(2)"),
    Function("hour", "calendar", 1, 1, "hour of the local day, 0 to 23", "hour(now)"),
    Function("weekday", "calendar", 1, 1, "day of the local week, Monday is 0 and Sunday 6", "weekday(now)"),
    Function("day", "calendar", 1, 1, "day of the local month, 1 to 31", "day(now)"),
    Function("month", "calendar", 1, 1, "month of the local year, 1 to 12", "month(now)"),
    Function("time_of_day", "time_of_day", 1, 1, "local time since midnight, as a duration", "time_of_day(now)"),
    Function("money", "money", 1, 1, "an amount of money from a number, rounded to cents", "money(12.5)"),
    Function("number", "to_number", 1, 1, "the number of a money amount in its main unit", "number(money(12.5))"),
)

FUNCTIONS: dict[str, Function] = {function.name: function for function in _FUNCTIONS}
"""Every pure function by name."""

AGGREGATES = ("count", "sum", "mean", "min", "max")
"""Functions over sets of agents, and over rows in tables."""

SPECIAL = ("pick", "episode", "distance", "linked", "text", "categorical", "empirical", "mixture", "spawn")
"""Calls with a form of their own."""
