"""Values that Python code hands to the run, brought to their held form."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, State, Text, Type
from bustle.sim.reference.arithmetic import CENTS


def held_value(value: Any, type_: Type, name: str) -> Any:
    """``value`` as the run holds it, agents as objects.

    Args:
        value: an agent or None; a category or state by name; money as a number in its main unit; durations and
            instants in microseconds.
        type_: what the scenario declares.
        name: for messages.

    Raises:
        TypeError: the value is of another type.
    """
    if isinstance(value, np.generic):
        value = value.item()
    match type_:
        case Agent():
            if value is None or getattr(value, "_population", None) == type_.population:
                return value
        case Bool():
            if isinstance(value, bool):
                return value
        case Category() | State():
            if value in type_.levels:
                return type_.levels.index(value)
        case Text():
            if isinstance(value, str):
                return value
        case Episode():
            if value is None or (isinstance(value, int) and not isinstance(value, bool)):
                return value
        case Instant():
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        case Quantity() if isinstance(value, numbers.Real) and not isinstance(value, bool):
            if type_.is_money and np.isfinite(float(value)):
                return round(float(value) * CENTS)
            if type_.held_whole and isinstance(value, int):
                return value
            if not type_.held_whole:
                return float(value)
    raise TypeError(f"`{name}` takes {_said(type_)}, not {value!r}")


def _said(type_: Type) -> str:
    return f"one of {', '.join(type_.levels)}" if isinstance(type_, Category | State) else f"{type_}"
