"""From rows in buffers to columns in the documented order.

The queue emits in order; islands do not. Their rows are dealt into buckets of time, few rows each, and sorted within;
rows of one agent at one instant keep the order in which they were emitted. What is dealt and sorted is a *list*: two
words a row, its time and its address. All arguments but numbers are addresses of int64.
"""

from __future__ import annotations

from bustle.sim.compiled.native import get_i32, get_i64, kernel, put_i8, put_i32, put_i64

_FEW = 24
"""Rows up to which a bucket is sorted by insertion."""

_BLOCK = 128
"""Rows that are taken apart together, column by column: few enough to stay in the nearest cache."""


@kernel
def list_rows(rows: int, count: int, width: int, first: int, listed: int) -> None:
    """List the rows of a buffer as they lie there, from place ``first`` of the list on.

    Args:
        rows: the buffer.
        count: how many it holds.
        width: words of a row.
        first: the place of the first.
        listed: the list.
    """
    for i in range(count):
        row = rows + 8 * width * i
        put_i64(listed, 2 * (first + i), get_i64(row, 0))
        put_i64(listed, 2 * (first + i) + 1, row)


@kernel
def _bucket_of(time: int, start: int, scale: float, buckets: int) -> int:
    return min(int((time - start) * scale), buckets - 1)


@kernel
def count_rows(rows: int, count: int, width: int, start: int, scale: float, buckets: int, counts: int) -> None:
    """Count the rows of a buffer by bucket.

    Args:
        rows: the buffer.
        count: how many it holds.
        width: words of a row.
        start: no row is earlier (microseconds).
        scale: buckets a microsecond.
        buckets: how many there are; later rows belong to the last one.
        counts: int32, one a bucket; overwritten.
    """
    for bucket in range(buckets):
        put_i32(counts, bucket, 0)
    for i in range(count):
        bucket = _bucket_of(get_i64(rows, width * i), start, scale, buckets)
        put_i32(counts, bucket, get_i32(counts, bucket) + 1)


@kernel
def begin_buckets(counts: int, buffers: int, buckets: int, begins: int) -> None:
    """Turn counts into the places at which the rows of each buffer begin in each bucket.

    Args:
        counts: int32, buffer by buffer what `count_rows` gave.
        buffers: how many there are.
        buckets: how many there are.
        begins: the place of the first row of each bucket, and the number of rows; overwritten.
    """
    place = 0
    for bucket in range(buckets):
        put_i64(begins, bucket, place)
        for buffer in range(buffers):
            there = get_i32(counts, buffer * buckets + bucket)
            put_i32(counts, buffer * buckets + bucket, place)
            place += there
    put_i64(begins, buckets, place)


@kernel
def deal_rows(
    rows: int, count: int, width: int, start: int, scale: float, buckets: int, places: int, listed: int
) -> None:
    """List the rows of a buffer by bucket, as they lie there within each; arguments as for `count_rows`.

    Args:
        rows: the buffer.
        count: how many it holds.
        width: words of a row.
        start: no row is earlier.
        scale: buckets a microsecond.
        buckets: how many there are.
        places: int32, where the buffer's rows of each bucket begin in the list; overwritten.
        listed: the list.
    """
    for i in range(count):
        row = rows + 8 * width * i
        time = get_i64(row, 0)
        bucket = _bucket_of(time, start, scale, buckets)
        place = get_i32(places, bucket)
        put_i32(places, bucket, place + 1)
        put_i64(listed, 2 * place, time)
        put_i64(listed, 2 * place + 1, row)


@kernel
def sort_buckets(listed: int, begins: int, first: int, last: int, numbers: int, room: int) -> None:
    """Put the rows of some buckets in order.

    Args:
        listed: the list, in order of buckets.
        begins: the place of the first row of each bucket.
        first: the first bucket.
        last: the bucket after the last one.
        numbers: the number of the population that runs each behavior, by the behavior's code.
        room: as long as the list; overwritten in the same stretch.
    """
    for bucket in range(first, last):
        begin, end = get_i64(begins, bucket), get_i64(begins, bucket + 1)
        if end - begin <= _FEW:
            _insert(listed, begin, end, numbers)
        else:
            _merge_sort(listed, begin, end, numbers, room)


@kernel
def _comes_after(listed: int, a: int, time: int, row: int, numbers: int) -> bool:
    """Whether the row at place ``a`` comes after a row, whatever stood first among rows of one agent at one instant."""
    earlier = get_i64(listed, 2 * a)
    if earlier != time:
        return earlier > time
    other = get_i64(listed, 2 * a + 1)
    first, second = get_i64(numbers, get_i64(other, 1)), get_i64(numbers, get_i64(row, 1))
    return get_i64(other, 2) > get_i64(row, 2) if first == second else first > second


@kernel
def _copy(source: int, k: int, target: int, i: int) -> None:
    put_i64(target, 2 * i, get_i64(source, 2 * k))
    put_i64(target, 2 * i + 1, get_i64(source, 2 * k + 1))


@kernel
def _insert(listed: int, first: int, last: int, numbers: int) -> None:
    for i in range(first + 1, last):
        time, row = get_i64(listed, 2 * i), get_i64(listed, 2 * i + 1)
        k = i
        while k > first and _comes_after(listed, k - 1, time, row, numbers):
            _copy(listed, k - 1, listed, k)
            k -= 1
        if k < i:
            put_i64(listed, 2 * k, time)
            put_i64(listed, 2 * k + 1, row)


@kernel
def _merge_sort(listed: int, first: int, last: int, numbers: int, room: int) -> None:
    """Sort a stretch, from runs of a few rows upwards."""
    for start in range(first, last, _FEW):
        _insert(listed, start, min(start + _FEW, last), numbers)
    length = _FEW
    while length < last - first:
        for start in range(first, last, 2 * length):
            middle, end = min(start + length, last), min(start + 2 * length, last)
            i, k, place = start, middle, start
            while i < middle or k < end:
                if k == end or (
                    i < middle
                    and not _comes_after(listed, i, get_i64(listed, 2 * k), get_i64(listed, 2 * k + 1), numbers)
                ):
                    _copy(listed, i, room, place)
                    i += 1
                else:
                    _copy(listed, k, room, place)
                    k += 1
                place += 1
        for i in range(first, last):
            _copy(room, i, listed, i)
        length *= 2


@kernel
def fill_columns(listed: int, first: int, last: int, columns: int, sizes: int, count: int) -> None:
    """Write the words of some rows into columns.

    Args:
        listed: the list.
        first: the first place.
        last: the place after the last one.
        columns: addresses of the columns, one a word.
        sizes: bytes of an entry of each: 8 for a word as it is, 4 for int32, 1 for a truth value.
        count: words of a row.
    """
    for start in range(first, last, _BLOCK):
        end = min(start + _BLOCK, last)
        for word in range(count):
            column, size = get_i64(columns, word), get_i64(sizes, word)
            if size == 8:
                for i in range(start, end):
                    put_i64(column, i, get_i64(get_i64(listed, 2 * i + 1), word))
            elif size == 4:
                for i in range(start, end):
                    put_i32(column, i, get_i64(get_i64(listed, 2 * i + 1), word))
            else:
                for i in range(start, end):
                    put_i8(column, i, int(get_i64(get_i64(listed, 2 * i + 1), word) != 0))
