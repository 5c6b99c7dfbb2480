"""Operational time in memory; see `bustle.sim.compiled.timing` for the words and what reads them."""

from __future__ import annotations

import numpy as np

from bustle.agents.rhythms import OperationalTime
from bustle.sim.compiled import timing
from bustle.sim.compiled.memory import Memory, Region

_STRETCHES_A_POINT, _PARTS_A_POINT = 2, 2


def lay_out_time(time: OperationalTime, memory: Memory) -> Region:
    """Put an operational time into memory, with guides that find a place in it at once."""
    last = len(time.breaks) - 1
    points = memory.reserve(np.int64, 2 * (last + 1))
    points.array[::2] = time.breaks
    points.array.view(np.float64)[1::2] = time.cumulative
    length = int(time.breaks[-1])
    shift = max(0, length.bit_length() - max(1, _STRETCHES_A_POINT * last).bit_length())
    stretches, parts = (length >> shift) + 1, _PARTS_A_POINT * (last + 1)
    by_time, by_passed = memory.reserve(np.int32, stretches), memory.reserve(np.int32, parts)
    record = memory.reserve(np.int64, timing.TIME_WORDS)
    if time.total > 0:
        scale = timing.fill_guides(points.address, last, shift, by_time.address, stretches, by_passed.address, parts)
        record.array.view(np.float64)[timing.SCALE] = scale
    words = (points.address, last, by_time.address, shift, by_passed.address, parts)
    record.array[: len(words)] = words
    return record
