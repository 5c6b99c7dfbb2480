"""What stands for a number that is missing."""

from __future__ import annotations

from bustle.scenarios.types import Instant, Quantity, Type

NO_VALUE = -(1 << 63)
"""What is held for a whole number, amount, duration or instant that is missing: -1 would be a value like others."""


def is_whole(type_: Type) -> bool:
    """True for numbers that are held as whole ones, and for instants."""
    return isinstance(type_, Instant) or (isinstance(type_, Quantity) and type_.held_whole)
