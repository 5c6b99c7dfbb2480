"""From rows in buffers to columns in order: the kernels beside Python's own sort."""

from __future__ import annotations

import numpy as np
import pytest

from bustle.agents.population import Array
from bustle.sim.compiled import ordering
from bustle.sim.compiled.arrays import ArrayPool

WIDTH = 6
"""Words of a row: time, behavior, agent, occurrence, index and one field."""

NUMBERS = np.array([2, 0, 2, 1], np.int64)
"""The number of the population that runs each of four behaviors."""


def rows_of(times: Array, seed: int) -> Array:
    """Rows at some times, of agents of which some act more than once at an instant."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((len(times), WIDTH), np.int64)
    rows[:, 0] = times
    rows[:, 1] = rng.integers(0, len(NUMBERS), len(times))
    rows[:, 2] = rng.integers(0, max(2, len(times) // 3), len(times))
    rows[:, 5] = np.arange(len(times))
    return rows


def in_order(rows: Array) -> Array:
    """The documented order; Python's sort keeps the order of rows that are equal in it."""
    order = sorted(range(len(rows)), key=lambda i: (rows[i, 0], NUMBERS[rows[i, 1]], rows[i, 2]))
    return rows[order]


def sorted_by_kernels(buffers: list[Array], start: int, end: int, buckets: int) -> Array:
    """The rows of all buffers, as they come out of the list."""
    rows = sum(map(len, buffers))
    places = np.full((len(buffers), buckets), -7, np.int32)
    begins, listed, room = (np.full(size, -7, np.int64) for size in (buckets + 1, 2 * rows, 2 * rows))
    scale = buckets / (end - start)
    for buffer, counts in zip(buffers, places, strict=True):
        ordering.count_rows(buffer.ctypes.data, len(buffer), WIDTH, start, scale, buckets, counts.ctypes.data)
    ordering.begin_buckets(places.ctypes.data, len(buffers), buckets, begins.ctypes.data)
    for buffer, first in zip(buffers, places, strict=True):
        address = buffer.ctypes.data
        ordering.deal_rows(address, len(buffer), WIDTH, start, scale, buckets, first.ctypes.data, listed.ctypes.data)
    numbers = NUMBERS.ctypes.data
    for begin, after in ((0, buckets // 2), (buckets // 2, buckets)):
        ordering.sort_buckets(listed.ctypes.data, begins.ctypes.data, begin, after, numbers, room.ctypes.data)
    return taken_apart(listed, rows)


def taken_apart(listed: Array, rows: int) -> Array:
    """The rows of a list, from columns of words."""
    columns = [np.full(rows, -7, np.int64) for _ in range(WIDTH)]
    addresses = np.array([column.ctypes.data for column in columns], np.int64)
    sizes = np.full(WIDTH, 8, np.int64)
    ordering.fill_columns(listed.ctypes.data, 0, rows, addresses.ctypes.data, sizes.ctypes.data, WIDTH)
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("buckets", [1, 7, 400])
@pytest.mark.parametrize("distinct", [1, 5, 60, 1_000_000])
@pytest.mark.parametrize("buffers", [1, 2, 3])
def test_rows_come_in_the_documented_order(distinct: int, buckets: int, buffers: int) -> None:
    start, end = 1_000_000, 1_000_000 + distinct
    rows = rows_of(np.random.default_rng(distinct).integers(start, end, 1_500), seed=buckets)
    parts = [np.ascontiguousarray(rows[rows[:, 2] % buffers == k]) for k in range(buffers)]  # an agent has one buffer
    np.testing.assert_array_equal(sorted_by_kernels(parts, start, end, buckets), in_order(np.concatenate(parts)))


def test_rows_that_lie_in_order_are_listed_as_they_lie() -> None:
    rows = rows_of(np.arange(50), seed=1)
    listed = np.zeros(2 * 80, np.int64)
    ordering.list_rows(rows.ctypes.data, 30, WIDTH, 0, listed.ctypes.data)
    ordering.list_rows(rows.ctypes.data, 50, WIDTH, 30, listed.ctypes.data)
    np.testing.assert_array_equal(taken_apart(listed, 80), np.concatenate([rows[:30], rows]))


def test_columns_of_smaller_types_hold_the_same_values() -> None:
    rows = rows_of(np.arange(300), seed=2)
    rows[:, 3] = -1
    listed = np.zeros(2 * 300, np.int64)
    ordering.list_rows(rows.ctypes.data, 300, WIDTH, 0, listed.ctypes.data)
    columns = [np.zeros(300, dtype) for dtype in (np.int64, np.int32, np.bool_, np.int32, np.bool_, np.int64)]
    addresses = np.array([column.ctypes.data for column in columns], np.int64)
    sizes = np.array([column.itemsize for column in columns], np.int64)
    ordering.fill_columns(listed.ctypes.data, 10, 300, addresses.ctypes.data, sizes.ctypes.data, WIDTH)
    for column, values in zip(columns, rows.T, strict=True):
        np.testing.assert_array_equal(column[10:], values[10:].astype(column.dtype))
        assert not column[:10].any()


def test_an_array_is_used_again_when_nobody_holds_it() -> None:
    pool = ArrayPool()
    first = pool.take(np.int64, 100_000)
    address = first.ctypes.data
    part = first[10:20]
    del first
    assert pool.take(np.int64, 50_000).ctypes.data != address  # a part of it is held
    del part
    assert pool.take(np.int64, 110_000).ctypes.data == address
    assert pool.take(np.int32, 110_000).ctypes.data != address
    assert len(pool.take(np.int64, 1_000_000)) == 1_000_000


def test_few_values_do_not_hold_the_memory_of_many() -> None:
    pool = ArrayPool()
    pool.take(np.int64, 1_000_000)
    for count in (1, 10_000, 100_000):
        held = pool.take(np.int64, count)
        assert (held if held.base is None else held.base).nbytes <= 4 * held.nbytes
