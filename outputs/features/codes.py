"""What stands in a column as small numbers from 0, so that there is room for each in an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from bustle.outputs.arrow_memory import Array
from bustle.outputs.cells import Cells
from bustle.scenarios.types import Agent, Bool, Category, State, Type

MISSING_CODE = -1


class Codes:
    """Gives each value of a column a number of its own, the same in every batch.

    Ids of agents and codes of categories are such numbers already; texts and whole numbers get theirs in the order
    in which they appear.

    Args:
        type_: of the column.
    """

    def __init__(self, type_: Type) -> None:
        self._are_small = isinstance(type_, Agent | Category | State | Bool)
        self._code_of: dict[Any, int] = {}

    def of(self, cells: Cells) -> Array:
        """The codes of full cells: int32 of [rows], `MISSING_CODE` where there is no value."""
        if self._are_small:
            codes = cells.values.astype(np.int32)
        elif cells.texts is not None:
            table = np.array([self._code(text) for text in cells.texts.to_pylist()] or [0], np.int32)
            codes = table[cells.values]
        else:
            found, places = np.unique(cells.values, return_inverse=True)
            codes = np.array([self._code(value) for value in found.tolist()], np.int32)[places]
        return codes if cells.missing is None else np.where(cells.missing, np.int32(MISSING_CODE), codes)

    def _code(self, value: Any) -> int:
        return self._code_of.setdefault(value, len(self._code_of))
