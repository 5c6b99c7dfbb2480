"""Numbers that are known before a run only as far as they can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["expected", "at most", "at least", "about", "unknown"]


@dataclass(frozen=True, slots=True)
class Amount:
    """An expected number of firings, events, rows or bytes, and in which direction it may be wrong.

    Attributes:
        number: The mean over runs, as far as it is known.
        less: The true mean may lie below ``number`` (something counted may not happen).
        more: It may lie above (something that may happen is not counted).
    """

    number: float
    less: bool = False
    more: bool = False

    @property
    def kind(self) -> Kind:
        """How ``number`` is to be read."""
        if self.more:
            return "unknown" if self.number == 0 else "about" if self.less else "at least"
        return "at most" if self.less and self.number else "expected"

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.number + other.number, self.less or other.less, self.more or other.more)

    def __mul__(self, other: Amount | float) -> Amount:
        if not isinstance(other, Amount):
            other = Amount(other)
        if NOTHING in (self, other):
            return NOTHING
        return Amount(self.number * other.number, self.less or other.less, self.more or other.more)

    def at_most(self) -> Amount:
        """The same where a condition may prevent it."""
        return replace(self, less=True) if self.number or self.more else self

    def at_least(self) -> Amount:
        """The same where there may be more."""
        return replace(self, more=True)

    def rounded(self) -> int | None:
        """The number for people: three figures where it is not sure; None where nothing is known."""
        if self.kind == "unknown":
            return None
        if self.number < 1000:
            return round(self.number)
        return int(float(f"{self.number:.3g}"))

    def to_dict(self) -> dict[str, str | float | None]:
        """JSON-ready values: ``kind``, and ``number`` (null where unknown)."""
        return {"number": None if self.kind == "unknown" else self.number, "kind": self.kind}


NOTHING = Amount(0.0)
UNKNOWN = Amount(0.0, less=False, more=True)


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of amounts."""
    result = NOTHING
    for amount in amounts:
        result = result + amount
    return result


def either(first: Amount, second: Amount) -> Amount:
    """What happens in one of two branches: the larger number, which may be too large where they differ."""
    larger = max(first, second, key=lambda amount: amount.number)
    differ = first.number != second.number
    return Amount(larger.number, first.less or second.less or differ, first.more or second.more)
