"""Texts as numbers: compiled code holds no strings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


class Texts:
    """Every text of a run, numbered in the order in which it was met.

    Attributes:
        values: the texts by number.
    """

    def __init__(self) -> None:
        self.values: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text."""
        found = self._numbers.setdefault(text, len(self.values))
        if found == len(self.values):
            self.values.append(text)
        return found

    def numbers(self, texts: Iterable[str | None]) -> npt.NDArray[np.int32]:
        """The numbers (int32) of many texts; -1 for None."""
        return np.array([-1 if text is None else self.number(text) for text in texts], np.int32)

    def array(self) -> npt.NDArray[np.object_]:
        """The texts as an object array, with None at the end for -1."""
        found = np.empty(len(self.values) + 1, dtype=object)
        found[:-1] = self.values
        found[-1] = None
        return found
