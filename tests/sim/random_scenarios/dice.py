"""Choices of one generator, all from one number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Random choices that are the same for the same number, on every machine."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)

    def chance(self, p: float) -> bool:
        """True with probability ``p``."""
        return self._random.random() < p

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return self._random.randint(low, high)

    def between(self, low: float, high: float) -> float:
        """A number between ``low`` and ``high``."""
        return self._random.uniform(low, high)

    def one(self, items: Sequence[T]) -> T:
        """One of ``items``."""
        return items[self._random.randrange(len(items))]

    def some(self, items: Sequence[T], least: int, most: int) -> list[T]:
        """Between ``least`` and ``most`` different items, in the order of ``items``; all if there are fewer."""
        wanted = min(len(items), self.whole(least, most))
        places = sorted(self._random.sample(range(len(items)), wanted))
        return [items[place] for place in places]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in any order."""
        return self._random.sample(list(items), len(items))

    def weighted(self, items: Sequence[tuple[float, T]]) -> T:
        """One of the items that stand behind their weights."""
        return self._random.choices([item for _, item in items], [weight for weight, _ in items])[0]
