"""The nearest few in the plane, found in strips.

Points are cut into upright strips of equally many, and sorted upwards within each, so that those near a place are a
short stretch of each of a few strips, however unevenly the points lie. Those who ask are taken in order of place: the
k nearest of one are at most so much farther from the next as these two are apart, which bounds the search. Around a
place, distances squared are about evenly distributed, so a bucket sort (Cormen, Leiserson, Rivest and Stein,
*Introduction to Algorithms*, section 8.4) takes time in proportion to their number. All of it finds what a k-d tree
finds, in a third of the time, and needs none of scipy.
"""

from __future__ import annotations

import math

import numpy as np

from bustle.agents.cores import share_out
from bustle.agents.population import Array, Indices
from bustle.machine_code import kernel

_POINTS = 8
"""Points of a strip for every strip there is; found by measurement to be the best for some tens of neighbours."""

_FARTHEST = 1e150
"""Places whose distances, squared, are finite."""

_SHARE = 10_000
"""Who ask that are worth a thread."""

_ROOM = 1.0 + 1e-9
"""How much farther than the bound is looked, so that rounding loses nobody."""

_LEAST = 1e-150
"""A distance whose square is a number."""


class Strips:
    """Points of the plane of which the nearest are asked for.

    Args:
        there: float64[n, 2], at most `_FARTHEST` from the origin.
    """

    def __init__(self, there: Array) -> None:
        size = len(there)
        strips = max(1, math.isqrt(size // _POINTS))
        by_x = np.argsort(there[:, 0], kind="stable")
        strip = np.empty(size, np.int64)
        strip[by_x] = np.arange(size) * strips // size
        self._order = np.lexsort((there[:, 1], strip))
        self._starts = np.searchsorted(strip[by_x], np.arange(strips + 1))
        self._x, self._y = there[self._order].T.copy()
        sorted_x = there[by_x, 0]
        self._low, self._high = sorted_x[self._starts[:-1]], sorted_x[self._starts[1:] - 1]

    def nearest(self, here: Array, wanted: int, *, own: bool, threads: int | None = None) -> Array:
        """The ``wanted`` nearest points of each place of ``here``, nearest first, equally near ones in order of index.

        Args:
            here: float64[m, 2].
            wanted: how many, from 1 to n, and to n - 1 with ``own``.
            own: True if ``here`` are the points themselves, of which none is among its own nearest.
            threads: how many may work, one a core if not given; they change nothing.

        Returns:
            int32[m, wanted].
        """
        result = np.empty((len(here), wanted), np.int32)
        x, y = here.T.copy()
        asking = self._in_order_of_place(x, y)
        points = (self._x, self._y, self._order, self._starts, self._low, self._high)

        def search(first: int, end: int) -> None:
            size = len(self._order)
            numbers = (np.empty(size), np.empty(size), np.empty(size, np.int64), np.empty(size, np.int64))
            room = (*numbers, np.empty(size + 2, np.int64), self._starts[:-1].copy())
            _search(asking[first:end], x, y, *points, own, *room, result)

        share_out(search, len(asking), _SHARE, threads=threads)
        return result

    def _in_order_of_place(self, x: Array, y: Array) -> Indices:
        """Indices of places, strip by strip, by turns upwards and downwards."""
        strip = np.maximum(np.searchsorted(self._low, x, side="right") - 1, 0)
        low, high = y.min(), y.max()
        up = (y - low) / (high - low) if high > low else np.zeros(len(y))
        return np.argsort(2.0 * strip + np.where(strip % 2, 1.0 - up, up))


def are_near_enough(places: Array) -> bool:
    """True if distances between these places can be squared."""
    return bool(np.abs(places).max(initial=0.0) <= _FARTHEST)


@kernel
def _search(
    asking: Indices,
    here_x: Array,
    here_y: Array,
    there_x: Array,
    there_y: Array,
    order: Indices,
    starts: Indices,
    low: Array,
    high: Array,
    own: bool,
    squares: Array,
    roots: Array,
    found: Indices,
    nearest: Indices,
    buckets: Indices,
    fingers: Indices,
    result: Array,
) -> None:
    """Write the nearest of the places ``asking``, one after the other, to their rows of ``result``.

    ``squares``, ``roots``, ``found`` and ``nearest`` are room for all places, ``buckets`` for two more. ``fingers``
    begin as ``starts``: where the last one who asked began to look in each strip.
    """
    wanted, size = result.shape[1], len(order)
    strip = 0
    reach = former_x = former_y = 0.0
    for turn in range(len(asking)):
        asks = asking[turn]
        x, y = here_x[asks], here_y[asks]
        left_out = asks if own else -1
        while strip + 1 < len(low) and low[strip + 1] <= x:
            strip += 1
        while strip > 0 and low[strip] > x:
            strip -= 1
        if turn > 0:
            reach += math.hypot(x - former_x, y - former_y)
        else:  # as far as any that are enough
            first = min(starts[strip], size - wanted - own)
            for place in range(first, first + wanted + own):
                reach = max(reach, math.hypot(there_x[place] - x, there_y[place] - y))
        reach = reach * _ROOM + _LEAST
        leftmost = strip
        while leftmost > 0 and x - high[leftmost - 1] <= reach:
            leftmost -= 1
        count = 0
        for visited in range(leftmost, len(low)):
            aside = max(low[visited] - x, x - high[visited], 0.0)
            if aside > reach:
                break
            height = math.sqrt(reach * reach - aside * aside)
            place = fingers[visited]
            while place < starts[visited + 1] and there_y[place] - y < -height:
                place += 1
            while place > starts[visited] and there_y[place - 1] - y >= -height:
                place -= 1
            fingers[visited] = place
            while place < starts[visited + 1] and there_y[place] - y <= height:
                across, up = there_x[place] - x, there_y[place] - y
                squares[count] = across * across + up * up
                found[count] = order[place]
                count += (squares[count] <= reach * reach) & (found[count] != left_out)
                place += 1
        _sort(squares, found, count, reach * reach, wanted, buckets, roots, nearest)
        for rank in range(wanted):
            result[asks, rank] = nearest[rank]
        reach, former_x, former_y = roots[wanted - 1], x, y


@kernel
def _sort(
    squares: Array,
    found: Indices,
    count: int,
    most: float,
    wanted: int,
    buckets: Indices,
    roots: Array,
    nearest: Indices,
) -> None:
    """Sort the nearest of some points by distance, then by index.

    Args:
        squares: float64, their distances squared, up to ``most``.
        found: int64, their indices.
        count: how many there are.
        most: above 0.
        wanted: how many must be among them, at most ``count``.
        buckets: int64, room for two more than there are.
        roots: float64, filled with the distances of the nearest.
        nearest: int64, filled with their indices.
    """
    scale = count / most
    buckets[: count + 2] = 0
    for point in range(count):
        buckets[int(squares[point] * scale) + 1] += 1
    last = 0
    buckets[1] += buckets[0]
    while buckets[last] < wanted and last < count:
        last += 1
        buckets[last + 1] += buckets[last]
    for point in range(count):
        bucket = int(squares[point] * scale)
        if bucket <= last:
            roots[buckets[bucket]] = math.sqrt(squares[point])
            nearest[buckets[bucket]] = found[point]
            buckets[bucket] += 1
    for point in range(1, buckets[last]):
        root, index, to = roots[point], nearest[point], point
        while to > 0 and (roots[to - 1] > root or (roots[to - 1] == root and nearest[to - 1] > index)):
            roots[to], nearest[to] = roots[to - 1], nearest[to - 1]
            to -= 1
        roots[to], nearest[to] = root, index
