"""Who is within a radius in the plane, found by a grid of cells.

Bentley, Stanat and Williams, "The complexity of finding fixed-radius near neighbors" (Information Processing Letters
6, 1977): with cells as wide as the radius, whoever is near stands in one of nine cells. It finds what a k-d tree finds,
and needs none of scipy, which takes a quarter of a second to import.
"""

from __future__ import annotations

import math

import numpy as np

from bustle.agents.cores import share_out
from bustle.agents.networks.sorting import sort_part
from bustle.agents.population import Array, Indices
from bustle.machine_code import kernel

_MOST_PAIRS = 2**31
"""Pairs that can be looked at in a few seconds; with more, a tree is faster."""

_ROOM = 1.0 + 1e-9
"""How much wider than the radius a cell is, so that rounding moves no neighbour two cells away."""

_SHARE = 1000
"""Points that are worth a thread."""


class Grid:
    """Points of the plane, sorted into cells at least ``radius`` wide.

    Args:
        here: float64[m, 2], whose neighbours are asked for.
        there: float64[n, 2], who may be a neighbour.
        radius: how far a neighbour may be, finite and not negative.
        own: True if both are the same points, of which none is its own neighbour.
    """

    def __init__(self, here: Array, there: Array, radius: float, *, own: bool) -> None:
        low = np.minimum(here.min(axis=0), there.min(axis=0))
        extent = np.maximum(here.max(axis=0), there.max(axis=0)) - low
        # More cells than points would be empty ones.
        most = max(1, math.isqrt(len(there)))
        width = max(radius * _ROOM, float(extent.max()) / most) or 1.0
        self._columns, self._rows = (int(length // width) + 1 for length in extent)
        self._from, cells = self._cells(here, low, width), self._cells(there, low, width)
        self._order = np.argsort(cells, kind="stable")
        self._here, self._there = np.ascontiguousarray(here), there[self._order]
        counts = np.bincount(cells, minlength=self._rows * self._columns)
        self._starts = np.concatenate(([0], np.cumsum(counts)))
        self._reach = radius * radius
        self._own = own

    def _cells(self, places: Array, low: Array, width: float) -> Indices:
        cells = ((places - low) // width).astype(np.int64)
        return np.asarray(cells[:, 1] * self._columns + cells[:, 0])

    @property
    def is_fast(self) -> bool:
        """True if few enough pairs of points stand in cells that touch."""
        asked = np.bincount(self._from, minlength=self._rows * self._columns).reshape(self._rows, self._columns)
        given = np.zeros((self._rows + 2, self._columns + 2), np.int64)
        given[1:-1, 1:-1] = np.diff(self._starts).reshape(self._rows, self._columns)
        near = sum(given[i : i + self._rows, j : j + self._columns] for i in range(3) for j in range(3))
        return float((asked.astype(np.float64) * near).sum()) <= _MOST_PAIRS

    def counts(self) -> Indices:
        """How many neighbours each point of ``here`` has, int64[m]."""
        result = np.empty(len(self._here), np.int64)
        points = (self._here, self._there, self._from, self._order, self._starts)
        _count(*points, self._rows, self._columns, self._reach, self._own, result)
        return result

    def fill(self, offsets: Indices, targets: Array) -> None:
        """Write the neighbours of point i, in order of index, to ``targets[offsets[i]:offsets[i + 1]]``."""
        points = (self._here, self._there, self._from, self._order, self._starts)
        cells = (self._rows, self._columns, self._reach, self._own)

        def fill(first: int, end: int) -> None:
            _fill(*points, *cells, first, end, offsets, targets)

        share_out(fill, len(self._here), _SHARE)


@kernel
def _count(
    here: Array,
    there: Array,
    cells: Indices,
    order: Indices,
    starts: Indices,
    rows: int,
    columns: int,
    reach: float,
    own: bool,
    result: Indices,
) -> None:
    for i in range(len(here)):
        row, column = divmod(cells[i], columns)
        found = 0
        for near in range(max(row - 1, 0), min(row + 2, rows)):
            first = starts[near * columns + max(column - 1, 0)]
            last = starts[near * columns + min(column + 2, columns)]
            for place in range(first, last):
                x, y = there[place, 0] - here[i, 0], there[place, 1] - here[i, 1]
                if x * x + y * y <= reach and not (own and order[place] == i):
                    found += 1
        result[i] = found


@kernel
def _fill(
    here: Array,
    there: Array,
    cells: Indices,
    order: Indices,
    starts: Indices,
    rows: int,
    columns: int,
    reach: float,
    own: bool,
    begin: int,
    end: int,
    offsets: Indices,
    targets: Array,
) -> None:
    for i in range(begin, end):
        row, column = divmod(cells[i], columns)
        to = offsets[i]
        for near in range(max(row - 1, 0), min(row + 2, rows)):
            first = starts[near * columns + max(column - 1, 0)]
            last = starts[near * columns + min(column + 2, columns)]
            for place in range(first, last):
                x, y = there[place, 0] - here[i, 0], there[place, 1] - here[i, 1]
                if x * x + y * y <= reach and not (own and order[place] == i):
                    targets[to] = order[place]
                    to += 1
        sort_part(targets, offsets[i], to)
