"""Populations as columns: one NumPy array an attribute, in held form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, State, Text, Type

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

STATE = "state"
"""Name of the column of state codes, in populations that have states."""

NONE = -1
"""How ``none`` stands in columns of agents and episodes."""


@dataclass(slots=True)
class PopulationColumns:
    """The agents of a population at the start of a run.

    Attributes:
        name: The population's name.
        size: Number of agents; agent ``i`` is row ``i`` of every column, and its identity is ``i``.
        columns: Held-form arrays of length ``size`` by name: links (int64 indices, -1 for none) and
            attributes in the order of the scenario, and ``state`` (int32 codes) where there are states.
    """

    name: str
    size: int
    columns: dict[str, Array] = field(default_factory=dict)

    @property
    def state(self) -> Array | None:
        """The state codes (int32), or None for a population without states."""
        return self.columns.get(STATE)

    @property
    def nbytes(self) -> int:
        """Bytes held by the columns (texts count as one reference each)."""
        return sum(column.nbytes for column in self.columns.values())


def held_dtype(type_: Type) -> np.dtype[Any]:
    """The dtype in which a column of ``type_`` is held.

    Raises:
        TypeError: ``type_`` cannot be an attribute (a set of agents, a bare ``none``).
    """
    match type_:
        case Quantity():
            return np.dtype(np.int64 if type_.held_whole else np.float64)
        case Instant() | Episode() | Agent():
            return np.dtype(np.int64)
        case Bool():
            return np.dtype(np.bool_)
        case Category() | State():
            return np.dtype(np.int32)
        case Text():
            return np.dtype(object)
    raise TypeError(f"{type_} cannot be held in a column")
