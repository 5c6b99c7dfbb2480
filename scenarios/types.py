"""The types of the scenario language, with units checked by dimension.

Every value of a rule has one of these types. Numbers carry the exponents of two
dimensions, time and money, so that ``2 per day * 3 days`` is a plain number and
``3 days + 2`` is an error.

How a value is held at run time, the same in every engine:

========== ==================== ====================================================
type       held as              meaning
========== ==================== ====================================================
number     float64              without a unit
whole      int64                a number known to be whole
duration   float64              microseconds
rate       float64              events per microsecond
money      int64                cents
instant    int64                microseconds since the scenario's start
bool       bool
category   int                  code: position in the category's levels
state      int                  code: position in the population's states
agent      int64 or object      index in its population; -1 (``None``) is ``none``
episode    int64                63-bit identifier; -1 (``None``) is ``none``
text       str
========== ==================== ====================================================
"""

from __future__ import annotations

from dataclasses import dataclass

MICROSECONDS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
"""Length of each unit of time in microseconds."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with exponents of time and money; ``whole`` marks integers.

    ``Quantity(time=1)`` is a duration, ``Quantity(time=-1)`` a rate and
    ``Quantity(money=1)`` an amount of money.
    """

    time: int = 0
    money: int = 0
    whole: bool = False

    @property
    def is_plain(self) -> bool:
        """True for a number without a unit."""
        return self.time == 0 and self.money == 0

    @property
    def is_money(self) -> bool:
        """True for money held as whole cents."""
        return self.time == 0 and self.money == 1

    @property
    def held_whole(self) -> bool:
        """True where the run-time value is an integer (whole numbers and money)."""
        return (self.is_plain and self.whole) or self.is_money

    def __str__(self) -> str:
        """The name used in messages, such as ``duration`` or ``money per time``."""
        names = {
            (0, 0): "whole number" if self.whole else "number",
            (1, 0): "duration",
            (-1, 0): "rate",
            (0, 1): "money",
            (-1, 1): "money per time",
        }
        known = names.get((self.time, self.money))
        return known or f"number in time^{self.time} money^{self.money}"


@dataclass(frozen=True, slots=True)
class Bool:
    """True or false."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class Instant:
    """A point of simulated time."""

    def __str__(self) -> str:
        return "instant"


@dataclass(frozen=True, slots=True)
class Text:
    """Text, for identifiers that come from files."""

    def __str__(self) -> str:
        return "text"


@dataclass(frozen=True, slots=True)
class Episode:
    """The identifier of one episode (a fraud case, an outbreak), or ``none``."""

    def __str__(self) -> str:
        return "episode"


@dataclass(frozen=True, slots=True)
class Category:
    """One of a fixed list of names; ``levels`` gives the order of the codes."""

    levels: tuple[str, ...]

    def __str__(self) -> str:
        return f"category ({', '.join(self.levels)})"


@dataclass(frozen=True, slots=True)
class State:
    """One of the states of a population; the first is the initial one."""

    population: str
    levels: tuple[str, ...]

    def __str__(self) -> str:
        return f"state of {self.population} ({', '.join(self.levels)})"


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of ``population``, or ``none``."""

    population: str

    def __str__(self) -> str:
        return f"{self.population} (an agent)"


@dataclass(frozen=True, slots=True)
class AgentSet:
    """Agents of ``population`` that a rule may pick from."""

    population: str

    def __str__(self) -> str:
        return f"set of {self.population}"


@dataclass(frozen=True, slots=True)
class Nothing:
    """The type of a bare ``none`` before its context gives it one."""

    def __str__(self) -> str:
        return "none"


Type = Quantity | Bool | Instant | Text | Episode | Category | State | Agent | AgentSet | Nothing

NUMBER = Quantity()
WHOLE = Quantity(whole=True)
DURATION = Quantity(time=1)
RATE = Quantity(time=-1)
MONEY = Quantity(money=1)
BOOL = Bool()
INSTANT = Instant()
TEXT = Text()
EPISODE = Episode()
NOTHING = Nothing()
