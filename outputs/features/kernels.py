"""The loops over rows behind features, compiled.

All follow one scheme. Rows come in order of time; before a row is looked at, the rows that have left its window
``(time - window, time]`` are taken away again from what is kept for each entity. They are given in the order in which
they leave, and all of them have left when a kernel returns. An entity or counterpart of -1 is a missing one.
"""

from __future__ import annotations

import numpy as np

from bustle.machine_code import kernel
from bustle.outputs.arrow_memory import Array

MISSING = int(np.iinfo(np.int64).min)
"""What stands for a missing whole value and for no time; of float64 it is negative infinity."""
FREE = -1
"""The key of a free place in a table of pairs."""


@kernel
def count_rows(
    time: Array, entity: Array, gone_time: Array, gone_entity: Array, window: int, counts: Array, count: Array
) -> None:
    """Count the rows of each row's entity in its window, itself included, into ``count``.

    Args:
        time: int64 [rows], microseconds.
        entity: int32 [rows].
        gone_time: int64 [rows that leave].
        gone_entity: int32 [rows that leave].
        window: microseconds.
        counts: int64 [entities], the state.
        count: int64 [rows], the result.
    """
    gone = 0
    for row in range(len(time)):
        while gone < len(gone_time) and gone_time[gone] <= time[row] - window:
            if gone_entity[gone] >= 0:
                counts[gone_entity[gone]] -= 1
            gone += 1
        if entity[row] >= 0:
            counts[entity[row]] += 1
            count[row] = counts[entity[row]]
    for rest in range(gone, len(gone_time)):
        if gone_entity[rest] >= 0:
            counts[gone_entity[rest]] -= 1


@kernel
def _add(sums: Array, entity: int, value: float, sign: int) -> None:
    """Add ``value`` to an entity's sum, or take it away.

    A sum is held as its nearest number and what that leaves out: 106 bits of a float64, so that what was added can be
    taken away again without a trace. TwoSum (Knuth, The Art of Computer Programming, vol. 2, 4.2.2, theorem B), and
    Dekker's Fast2Sum to bring both parts together. Whole numbers are exact, and leave nothing out. An empty window is
    set to 0.
    """
    sums[entity, 0] += sign
    if sums[entity, 0] == 0:
        sums[entity, 1] = 0
        sums[entity, 2] = 0
        return
    term = sign * value
    total = sums[entity, 1]
    nearest = total + term
    share = nearest - total
    rest = sums[entity, 2] + ((total - (nearest - share)) + (term - share))
    sums[entity, 1] = nearest + rest
    sums[entity, 2] = rest - (sums[entity, 1] - nearest)


@kernel
def sum_values(
    time: Array,
    entity: Array,
    value: Array,
    gone_time: Array,
    gone_entity: Array,
    gone_value: Array,
    missing: float,
    window: int,
    sums: Array,
    count: Array,
    total: Array,
) -> None:
    """Sum a column over the rows of each row's entity in its window, itself included.

    Args:
        time: int64 [rows], microseconds.
        entity: int32 [rows].
        value: int64 or float64 [rows].
        gone_time: int64 [rows that leave].
        gone_entity: int32 [rows that leave].
        gone_value: as ``value`` [rows that leave].
        missing: the value that stands for none.
        window: microseconds.
        sums: as ``value`` [entities, 3], the state: values, their sum, and what that leaves out.
        count: int64 [rows], the result: values in the window.
        total: as ``value`` [rows], the result: their sum.
    """
    gone = 0
    for row in range(len(time)):
        while gone < len(gone_time) and gone_time[gone] <= time[row] - window:
            if gone_entity[gone] >= 0 and gone_value[gone] != missing:
                _add(sums, gone_entity[gone], gone_value[gone], -1)
            gone += 1
        if entity[row] >= 0:
            if value[row] != missing:
                _add(sums, entity[row], value[row], 1)
            count[row] = np.int64(sums[entity[row], 0])
            total[row] = sums[entity[row], 1]
    for rest in range(gone, len(gone_time)):
        if gone_entity[rest] >= 0 and gone_value[rest] != missing:
            _add(sums, gone_entity[rest], gone_value[rest], -1)


@kernel
def _pair(entity: int, counterpart: int) -> np.int64:
    """Both codes in one number."""
    return (np.int64(entity) << np.int64(32)) | np.int64(counterpart)


@kernel
def _place(pairs: Array, pair: np.int64) -> np.uint64:
    """Where ``pair`` stands in an open-addressed table, or the free place where it belongs.

    Multiplicative hashing with the golden ratio (Knuth, The Art of Computer Programming, vol. 3, 6.4), linear probing.
    """
    last = np.uint64(len(pairs) - 1)
    place = ((np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & last
    while pairs[place, 0] != FREE and pairs[place, 0] != pair:
        place = (place + np.uint64(1)) & last
    return place


@kernel
def count_distinct(
    time: Array,
    entity: Array,
    counterpart: Array,
    first_row: int,
    gone_time: Array,
    gone_entity: Array,
    gone_counterpart: Array,
    first_gone: int,
    window: int,
    pairs: Array,
    counts: Array,
    count: Array,
) -> int:
    """Count the different counterparts of each row's entity in its window, its own included.

    A pair of entity and counterpart counts from the first row with it until its latest row has left.

    Args:
        time: int64 [rows], microseconds.
        entity: int32 [rows].
        counterpart: int32 [rows].
        first_row: the number of the first row.
        gone_time: int64 [rows that leave].
        gone_entity: int32 [rows that leave].
        gone_counterpart: int32 [rows that leave].
        first_gone: the number of the first row that leaves.
        window: microseconds.
        pairs: int64 [places, 2], the state: a table of pairs and the number of each one's latest row, with more free
            places than there are rows; the number of places is a power of two.
        counts: int64 [entities], the state.
        count: int64 [rows], the result.

    Returns:
        How many free places were taken.
    """
    gone = 0
    taken = 0
    for row in range(len(time)):
        while gone < len(gone_time) and gone_time[gone] <= time[row] - window:
            if gone_entity[gone] >= 0 and gone_counterpart[gone] >= 0:
                place = _place(pairs, _pair(gone_entity[gone], gone_counterpart[gone]))
                if pairs[place, 1] == first_gone + gone:
                    counts[gone_entity[gone]] -= 1
            gone += 1
        if entity[row] >= 0:
            if counterpart[row] >= 0:
                pair = _pair(entity[row], counterpart[row])
                place = _place(pairs, pair)
                if pairs[place, 0] == FREE:
                    taken += 1
                    pairs[place, 0] = pair
                    counts[entity[row]] += 1
                elif pairs[place, 1] < first_gone + gone:
                    counts[entity[row]] += 1
                pairs[place, 1] = first_row + row
            count[row] = counts[entity[row]]
    for rest in range(gone, len(gone_time)):
        if gone_entity[rest] >= 0 and gone_counterpart[rest] >= 0:
            place = _place(pairs, _pair(gone_entity[rest], gone_counterpart[rest]))
            if pairs[place, 1] == first_gone + rest:
                counts[gone_entity[rest]] -= 1
    return taken


@kernel
def keep_pairs(old: Array, first_alive: int, new: Array) -> int:
    """Copy the pairs whose latest row is ``first_alive`` or a later one into the free table ``new``; how many."""
    kept = 0
    for place in range(len(old)):
        if old[place, 0] != FREE and old[place, 1] >= first_alive:
            found = _place(new, old[place, 0])
            new[found, 0] = old[place, 0]
            new[found, 1] = old[place, 1]
            kept += 1
    return kept


@kernel
def count_labels(
    time: Array,
    entity: Array,
    first_row: int,
    in_time: Array,
    in_row: Array,
    in_entity: Array,
    in_label: Array,
    gone_time: Array,
    gone_entity: Array,
    gone_label: Array,
    window: int,
    counts: Array,
    known: Array,
    found: Array,
) -> None:
    """Count the labels of each row's entity that became known in its window, and those of them that are true.

    A row's own label, and those of later rows, are not seen by it, even if they are known at the same time.

    Args:
        time: int64 [rows], microseconds.
        entity: int32 [rows].
        first_row: the number of the first row.
        in_time: int64 [labels that become known], when, in order; of the same time in order of their rows. None is
            known before its row.
        in_row: int64 [labels that become known], the numbers of their rows.
        in_entity: int32 [labels that become known].
        in_label: int8 [labels that become known]: 1 true, 0 false, -1 missing.
        gone_time: int64 [labels that leave], when they became known.
        gone_entity: int32 [labels that leave].
        gone_label: int8 [labels that leave], likewise.
        window: microseconds.
        counts: int64 [entities, 2], the state: labels, and those that are true.
        known: int64 [rows], the result: labels in the window.
        found: int64 [rows], the result: those that are true.
    """
    gone = 0
    come = 0
    for row in range(len(time)):
        while come < len(in_time) and in_time[come] <= time[row] and in_row[come] < first_row + row:
            if in_entity[come] >= 0 and in_label[come] >= 0:
                counts[in_entity[come], 0] += 1
                counts[in_entity[come], 1] += in_label[come]
            come += 1
        while gone < len(gone_time) and gone_time[gone] <= time[row] - window:
            if gone_entity[gone] >= 0 and gone_label[gone] >= 0:
                counts[gone_entity[gone], 0] -= 1
                counts[gone_entity[gone], 1] -= gone_label[gone]
            gone += 1
        if entity[row] >= 0:
            known[row] = counts[entity[row], 0]
            found[row] = counts[entity[row], 1]
    for rest in range(come, len(in_time)):
        if in_entity[rest] >= 0 and in_label[rest] >= 0:
            counts[in_entity[rest], 0] += 1
            counts[in_entity[rest], 1] += in_label[rest]
    for rest in range(gone, len(gone_time)):
        if gone_entity[rest] >= 0 and gone_label[rest] >= 0:
            counts[gone_entity[rest], 0] -= 1
            counts[gone_entity[rest], 1] -= gone_label[rest]


@kernel
def time_since_last(time: Array, entity: Array, latest: Array, since: Array) -> None:
    """The time since the row before of each row's entity, in microseconds, or `MISSING`, into ``since``.

    Args:
        time: int64 [rows], microseconds.
        entity: int32 [rows].
        latest: int64 [entities], the state: the time of each one's latest row, or `MISSING`.
        since: int64 [rows], the result.
    """
    for row in range(len(time)):
        since[row] = MISSING
        if entity[row] >= 0:
            if latest[entity[row]] != MISSING:
                since[row] = time[row] - latest[entity[row]]
            latest[entity[row]] = time[row]
