"""What is kept for each entity while rows go by: one measure over one window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bustle.outputs.arrow_memory import Array
from bustle.outputs.features.kernels import (
    FREE,
    MISSING,
    count_distinct,
    count_labels,
    count_rows,
    keep_pairs,
    sum_values,
    time_since_last,
)
from bustle.outputs.features.trail import TIME, Piece

_SMALLEST_TABLE = 1 << 12


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as they come.

    Attributes:
        first: the number of the first row.
        time: int64 [rows], microseconds, in order.
        columns: codes (int32, see `bustle.outputs.features.codes`) and values of [rows] by the names that trails have.
        news: the labels that become known before the last row or with it, if any are counted: when (`TIME`), in order,
            the number of their row (`ROW`), codes, and truth.
    """

    first: int
    time: Array
    columns: dict[str, Array]
    news: dict[str, Array]

    def cut(self, rows: slice) -> Batch:
        """The batch of ``rows`` alone, with the news since the row before them."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        time = self.time[rows]
        if not self.news:
            return Batch(self.first + rows.start, time, columns, {})
        last = self.time[rows.stop - 1] if rows.stop else MISSING
        before = self.time[rows.start - 1] if rows.start else MISSING
        begin, end = np.searchsorted(self.news[TIME], [before, last], side="right")
        if not rows.start:
            begin = 0
        return Batch(self.first + rows.start, time, columns, {n: v[begin:end] for n, v in self.news.items()})


ROW = "row"
"""The column of a trail of labels that holds the numbers of their rows."""


class RollingMeasure(Protocol):
    """A measure over a window; its results are arrays of [rows of the batch]."""

    def begin(self, rows: int) -> None:
        """Make room for the results of a batch."""

    def add(self, batch: Batch, piece: Piece) -> None:
        """Compute the results of a piece of it; ``batch`` has the rows of the piece alone."""


class RowCount:
    """Rows of each entity."""

    def __init__(self, entity: str, window: int) -> None:
        self._entity, self._window = entity, window
        self._counts = np.zeros(0, np.int64)
        self.count = np.zeros(0, np.int64)

    def begin(self, rows: int) -> None:
        """Make room for the results of a batch."""
        self.count = np.zeros(rows, np.int64)

    def add(self, batch: Batch, piece: Piece) -> None:
        """Compute the results of a piece."""
        entity = batch.columns[self._entity]
        self._counts = _with_room(self._counts, entity)
        count_rows(
            batch.time,
            entity,
            piece.gone(TIME),
            piece.gone(self._entity),
            self._window,
            self._counts,
            self.count[piece.rows],
        )


class ValueSum:
    """Values of each entity, and their sum: exact of whole numbers, with 106 bits of others."""

    def __init__(self, entity: str, value: str, window: int, dtype: np.dtype[Any]) -> None:
        self._entity, self._value, self._window = entity, value, window
        self._sums = np.zeros((0, 3), dtype)
        self.count = np.zeros(0, np.int64)
        self.total = np.zeros(0, dtype)

    def begin(self, rows: int) -> None:
        """Make room for the results of a batch."""
        self.count = np.zeros(rows, np.int64)
        self.total = np.zeros(rows, self._sums.dtype)

    def add(self, batch: Batch, piece: Piece) -> None:
        """Compute the results of a piece."""
        entity = batch.columns[self._entity]
        self._sums = _with_room(self._sums, entity)
        sum_values(
            batch.time,
            entity,
            batch.columns[self._value],
            piece.gone(TIME),
            piece.gone(self._entity),
            piece.gone(self._value),
            no_value(self._sums.dtype),
            self._window,
            self._sums,
            self.count[piece.rows],
            self.total[piece.rows],
        )


class DistinctCount:
    """Different counterparts of each entity."""

    def __init__(self, entity: str, counterpart: str, window: int) -> None:
        self._entity, self._counterpart, self._window = entity, counterpart, window
        self._counts = np.zeros(0, np.int64)
        self._pairs = _free_pairs(_SMALLEST_TABLE)
        self._taken = 0
        self.count = np.zeros(0, np.int64)

    def begin(self, rows: int) -> None:
        """Make room for the results of a batch."""
        self.count = np.zeros(rows, np.int64)

    def add(self, batch: Batch, piece: Piece) -> None:
        """Compute the results of a piece."""
        entity = batch.columns[self._entity]
        self._counts = _with_room(self._counts, entity)
        self._make_room(len(entity), piece.first)
        self._taken += count_distinct(
            batch.time,
            entity,
            batch.columns[self._counterpart],
            batch.first,
            piece.gone(TIME),
            piece.gone(self._entity),
            piece.gone(self._counterpart),
            piece.first,
            self._window,
            self._pairs,
            self._counts,
            self.count[piece.rows],
        )

    def _make_room(self, rows: int, first_alive: int) -> None:
        """Have two thirds of the table in use at most, after dropping the pairs whose rows have left the window."""
        if 3 * (self._taken + rows) <= 2 * len(self._pairs):
            return
        alive = int((self._pairs[:, 1] >= first_alive).sum())
        places = _SMALLEST_TABLE
        while places < 2 * (alive + rows):
            places *= 2
        old, self._pairs = self._pairs, _free_pairs(places)
        self._taken = keep_pairs(old, first_alive, self._pairs)


class LabelCount:
    """Labels of each entity that became known, and those that are true."""

    def __init__(self, entity: str, label: str, window: int) -> None:
        self._entity, self._label, self._window = entity, label, window
        self._counts = np.zeros((0, 2), np.int64)
        self.known = np.zeros(0, np.int64)
        self.found = np.zeros(0, np.int64)

    def begin(self, rows: int) -> None:
        """Make room for the results of a batch."""
        self.known, self.found = np.zeros(rows, np.int64), np.zeros(rows, np.int64)

    def add(self, batch: Batch, piece: Piece) -> None:
        """Compute the results of a piece of a trail of labels."""
        entity = batch.columns[self._entity]
        self._counts = _with_room(self._counts, entity, batch.news[self._entity])
        count_labels(
            batch.time,
            entity,
            batch.first,
            batch.news[TIME],
            batch.news[ROW],
            batch.news[self._entity],
            batch.news[self._label],
            piece.gone(TIME),
            piece.gone(self._entity),
            piece.gone(self._label),
            self._window,
            self._counts,
            self.known[piece.rows],
            self.found[piece.rows],
        )


class SinceLast:
    """Time since each entity's row before, in microseconds; `MISSING` where there is none."""

    def __init__(self, entity: str) -> None:
        self._entity = entity
        self._latest = np.zeros(0, np.int64)
        self.since = np.zeros(0, np.int64)

    def add(self, batch: Batch) -> None:
        """Compute the results of a whole batch."""
        entity = batch.columns[self._entity]
        self._latest = _with_room(self._latest, entity, fill=MISSING)
        self.since = np.zeros(len(entity), np.int64)
        time_since_last(batch.time, entity, self._latest, self.since)


def no_value(dtype: np.dtype[Any]) -> int | float:
    """What stands for a missing value among values to be summed."""
    return float("-inf") if dtype.kind == "f" else MISSING


def _free_pairs(places: int) -> Array:
    return np.full((places, 2), FREE, np.int64)


def _with_room(state: Array, *entities: Array, fill: int = 0) -> Array:
    """``state`` with an entry for each of ``entities``, at least twice as long where it had to grow."""
    needed = 1 + max((int(codes.max()) for codes in entities if len(codes)), default=-1)
    if needed <= len(state):
        return state
    grown = np.full((max(needed, 2 * len(state)), *state.shape[1:]), fill, state.dtype)
    grown[: len(state)] = state
    return grown
