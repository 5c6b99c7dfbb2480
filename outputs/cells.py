"""Columns of held values while tables are made: arrays in which values may be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bustle.outputs.arrow_memory import Array, Bits, text_array
from bustle.outputs.held import held_dtype
from bustle.scenarios.types import Nothing, Text, Type


@dataclass(frozen=True, slots=True)
class Cells:
    """The held values of some rows (see `bustle.outputs.held`), text as codes into a list of texts.

    Attributes:
        values: an array of [rows]; of [] where all rows have the same value. What stands where a value is missing
            means nothing.
        missing: bool of [rows] or []: True where there is no value. None if there are values everywhere.
        texts: of text, what the codes stand for, each text once.
    """

    values: Array
    missing: Bits | None = None
    texts: pa.StringArray | None = None

    def full(self, rows: int) -> Cells:
        """The same with an entry for each of ``rows`` rows; read-only where it was one for all."""
        missing = None if self.missing is None else np.broadcast_to(self.missing, rows)
        return Cells(np.broadcast_to(self.values, rows), missing, self.texts)

    def kept(self, which: Bits) -> Cells:
        """The rows marked in ``which``; one value for all stays one."""
        values = self.values[which] if self.values.ndim else self.values
        missing = self.missing[which] if self.missing is not None and self.missing.ndim else self.missing
        return Cells(values, missing, self.texts)

    def at(self, places: Array | slice) -> Cells:
        """The rows at ``places``, of full cells."""
        missing = None if self.missing is None else self.missing[places]
        return Cells(self.values[places], missing, self.texts)

    def lacking(self, missing: Bits | None) -> Cells:
        """The same without the values marked in ``missing``."""
        if missing is None:
            return self
        return Cells(self.values, missing if self.missing is None else self.missing | missing, self.texts)

    def as_float(self) -> Array:
        """The values as float64; NaN where one is missing has no meaning here either."""
        return self.values.astype(np.float64, copy=False)


def cell_dtype(type_: Type) -> np.dtype[Any]:
    """The dtype of the values of cells of ``type_``: the held one, but codes of text."""
    match type_:
        case Text():
            return np.dtype(np.int32)
        case Nothing():
            return np.dtype(np.int64)
        case _:
            return held_dtype(type_)


def constant(value: Any, dtype: npt.DTypeLike) -> Cells:
    """One value for all rows; None is a missing one."""
    if isinstance(value, str):
        return Cells(np.zeros((), np.int32), None, text_array([value]))
    if value is None:
        return Cells(np.zeros((), dtype), np.ones((), np.bool_))
    return Cells(np.asarray(value, dtype))


def any_missing(*cells: Cells) -> Bits | None:
    """Where a value of any of ``cells`` is missing."""
    masks = [c.missing for c in cells if c.missing is not None]
    return reduce(np.bitwise_or, masks) if masks else None


def gather(column: Cells, places: Cells) -> Cells:
    """``column[place]`` for every place; missing where the place is.

    Raises:
        IndexError: a place lies outside of the column.
    """
    if places.missing is None:
        return column.at(places.values)
    if not len(column.values):
        return Cells(np.zeros(places.values.shape, column.values.dtype), places.missing, column.texts)
    return column.at(np.where(places.missing, 0, places.values)).lacking(places.missing)


def same_texts(*cells: Cells) -> tuple[Cells, ...]:
    """The same text in codes into one list of texts."""
    lists: list[Any] = [c.texts for c in cells]
    if all(texts is lists[0] for texts in lists):
        return cells
    joined = pa.concat_arrays(lists).unique()
    places = {text: code for code, text in enumerate(joined.to_pylist())}
    recoded = [np.array([places[text] for text in texts.to_pylist()] or [0], np.int32) for texts in lists]
    return tuple(Cells(codes[c.values], c.missing, joined) for c, codes in zip(cells, recoded, strict=True))


def concatenated(parts: Sequence[Cells]) -> Cells:
    """The rows of full cells one after the other."""
    if len(parts) == 1:
        return parts[0]
    if parts[0].texts is not None:
        parts = same_texts(*parts)
    missing = None
    if any(part.missing is not None for part in parts):
        masks = [np.zeros(len(p.values), np.bool_) if p.missing is None else p.missing for p in parts]
        missing = np.concatenate(masks)
    return Cells(np.concatenate([part.values for part in parts]), missing, parts[0].texts)


class Rows:
    """Some rows that expressions are computed for.

    Args:
        size: how many there are.
        columns: their columns by name, full or one value for all.
        active: rows for which draws are wanted; None if for all.

    Attributes:
        size: how many there are.
        columns: their columns by name.
        active: rows for which draws are wanted; None if for all.
        computed: values that were computed already, by what computed them.
    """

    __slots__ = ("active", "columns", "computed", "size")

    def __init__(self, size: int, columns: Mapping[str, Cells], active: Bits | None = None) -> None:
        self.size = size
        self.columns = columns
        self.active = active
        self.computed: dict[object, Cells] = {}

    def only(self, which: Bits) -> Rows:
        """The same rows, of which only those marked in ``which`` want draws."""
        which = np.broadcast_to(which, self.size)
        return Rows(self.size, self.columns, which if self.active is None else self.active & which)

    def kept(self, which: Bits) -> Rows:
        """The rows marked in ``which``."""
        return Rows(int(which.sum()), {name: cells.kept(which) for name, cells in self.columns.items()})

    def cut(self, first: int, end: int) -> Rows:
        """The rows from ``first`` up to ``end``; of full columns."""
        return Rows(
            min(end, self.size) - first, {name: cells.at(slice(first, end)) for name, cells in self.columns.items()}
        )
