"""From rows in buffers to columns in the documented order.

The queue emits in order; islands do not. Their rows are dealt into buckets of time, few rows each, and sorted within;
rows of one agent at one instant keep the order in which they were emitted.
"""

from __future__ import annotations

from bustle.agents.population import Array
from bustle.sim.compiled.native import get_f64, get_i64, kernel

_FEW = 24
"""Rows up to which a bucket is sorted by insertion."""


@kernel
def list_rows(buffers: Array, counts: Array, width: int, places: Array) -> None:
    """Write the address of every row, buffer by buffer.

    Args:
        buffers: int64 addresses of the buffers.
        counts: int64 rows in each.
        width: words of a row.
        places: int64, one a row.
    """
    n = 0
    for k in range(len(buffers)):
        for i in range(counts[k]):
            places[n] = buffers[k] + 8 * width * i
            n += 1


@kernel
def _comes_after(a: int, b: int, numbers: Array) -> bool:
    """Whether row ``a`` comes after row ``b``, whatever stood first among rows of one agent at one instant."""
    if get_i64(a, 0) != get_i64(b, 0):
        return get_i64(a, 0) > get_i64(b, 0)
    first, second = numbers[get_i64(a, 1)], numbers[get_i64(b, 1)]
    return get_i64(a, 2) > get_i64(b, 2) if first == second else first > second


@kernel
def sort_rows(places: Array, numbers: Array, start: int, end: int, room: Array, counts: Array) -> None:
    """Put rows in order.

    Args:
        places: int64 addresses of rows; sorted in place.
        numbers: the number of the population that runs each behavior, by the behavior's code.
        start: no row is earlier (microseconds).
        end: every row is earlier.
        room: int64, as long as ``places``.
        counts: int64, as long as there are buckets and one more, zero.
    """
    n, buckets = len(places), len(counts) - 1
    scale = buckets / (end - start)
    for i in range(n):
        counts[min(int((get_i64(places[i], 0) - start) * scale), buckets - 1) + 1] += 1
    for b in range(buckets):
        counts[b + 1] += counts[b]
    for i in range(n):
        b = min(int((get_i64(places[i], 0) - start) * scale), buckets - 1)
        room[counts[b]] = places[i]
        counts[b] += 1
    first = 0
    for b in range(buckets):
        last = counts[b]
        if last - first <= _FEW:
            _insert(room, first, last, numbers)
        else:
            _merge_sort(room, first, last, numbers, places)
        first = last
    places[:] = room


@kernel
def _insert(rows: Array, first: int, last: int, numbers: Array) -> None:
    for i in range(first + 1, last):
        row, k = rows[i], i
        while k > first and _comes_after(rows[k - 1], row, numbers):
            rows[k] = rows[k - 1]
            k -= 1
        rows[k] = row


@kernel
def _merge_sort(rows: Array, first: int, last: int, numbers: Array, room: Array) -> None:
    """Sort a stretch, from runs of a few rows upwards; ``room`` is overwritten in the same stretch."""
    for start in range(first, last, _FEW):
        _insert(rows, start, min(start + _FEW, last), numbers)
    length = _FEW
    while length < last - first:
        for start in range(first, last, 2 * length):
            middle, end = min(start + length, last), min(start + 2 * length, last)
            i, k, place = start, middle, start
            while i < middle or k < end:
                if k == end or (i < middle and not _comes_after(rows[i], rows[k], numbers)):
                    room[place] = rows[i]
                    i += 1
                else:
                    room[place] = rows[k]
                    k += 1
                place += 1
        for i in range(first, last):
            rows[i] = room[i]
        length *= 2


@kernel
def merge_rows(first: Array, second: Array, numbers: Array, both: Array) -> None:
    """Merge two lists of rows that are in order; no agent has rows in both.

    Args:
        first: int64 addresses of rows.
        second: the same.
        numbers: as for `sort_rows`.
        both: int64, as long as both together; overwritten.
    """
    i, k = 0, 0
    for place in range(len(both)):
        if k == len(second) or (i < len(first) and not _comes_after(first[i], second[k], numbers)):
            both[place] = first[i]
            i += 1
        else:
            both[place] = second[k]
            k += 1


@kernel
def fill_i64(places: Array, word: int, column: Array) -> None:
    """Write one word of every row into a column (int64)."""
    for i in range(len(places)):
        column[i] = get_i64(places[i], word)


@kernel
def fill_i32(places: Array, word: int, column: Array) -> None:
    """Write one word of every row into a column (int32)."""
    for i in range(len(places)):
        column[i] = get_i64(places[i], word)


@kernel
def fill_bool(places: Array, word: int, column: Array) -> None:
    """Write one word of every row into a column of truth values."""
    for i in range(len(places)):
        column[i] = get_i64(places[i], word) != 0


@kernel
def fill_f64(places: Array, word: int, column: Array) -> None:
    """Write one word of every row into a column (float64)."""
    for i in range(len(places)):
        column[i] = get_f64(places[i], word)
