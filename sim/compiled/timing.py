"""Operational time for compiled clocks: the functions of `bustle.agents.clocks` on memory, bit for bit.

A time is a record of words; its guides say where to begin looking, so that a search takes a step or two (the method of
guide tables: Chen and Asau, "On generating random variates from an empirical distribution", AIIE Transactions 6, 1974).
"""

from __future__ import annotations

import numpy as np

from bustle.agents.clocks import NEVER
from bustle.agents.randomness.draws import unit_exponential
from bustle.sim.compiled.native import get_f64, get_i32, get_i64, kernel, put_i32

POINTS = 0
"""Address of pairs: an instant (int64) between which and the next the intensity is constant, and the operational time
passed at it (float64). They lie side by side since they are read together."""
LAST = 1
"""How many there are, less one."""
BY_TIME = 2
"""Address of int32 places: the last instant not after the start of each stretch of 2^`SHIFT` microseconds."""
SHIFT = 3
BY_PASSED = 4
"""Address of int32 places: the first instant at which as much has passed as the start of each of `PARTS` parts."""
PARTS = 5
SCALE = 6
"""Parts for each microsecond of operational time, a float64."""
TIME_WORDS = 8


@kernel
def fill_guides(points: int, last: int, shift: int, by_time: int, stretches: int, by_passed: int, parts: int) -> float:
    """Write the guides of a time, see the words above; gives its scale. Some time must pass.

    Args:
        points: address of the pairs.
        last: how many there are, less one.
        shift: see `SHIFT`.
        by_time: address of the guide by time.
        stretches: its length.
        by_passed: address of the guide by operational time.
        parts: its length.
    """
    scale = parts / get_f64(points, 2 * last + 1)
    place = 0
    for k in range(stretches):
        while place < last and get_i64(points, 2 * place + 2) <= k << shift:
            place += 1
        put_i32(by_time, k, place)
    place = 0
    for k in range(parts):
        # A hair earlier than where the part begins, since its number comes from a rounded product.
        while place < last and get_f64(points, 2 * place + 1) < (k - 0.5) / scale:
            place += 1
        put_i32(by_passed, k, place)
    return scale


@kernel
def operational_at(t: int, time: int) -> float:
    """L(t): see `bustle.agents.clocks.operational`."""
    points, last = get_i64(time, POINTS), get_i64(time, LAST)
    if t <= get_i64(points, 0):
        return get_f64(points, 1)
    if t >= get_i64(points, 2 * last):
        return get_f64(points, 2 * last + 1)
    place = get_i32(get_i64(time, BY_TIME), t >> get_i64(time, SHIFT))
    while get_i64(points, 2 * place + 2) <= t:
        place += 1
    start, end = get_i64(points, 2 * place), get_i64(points, 2 * place + 2)
    below, above = get_f64(points, 2 * place + 1), get_f64(points, 2 * place + 3)
    return below + (above - below) * ((t - start) / (end - start))


@kernel
def advance_time(t: int, amount: float, time: int) -> int:
    """The first instant after ``t`` by which ``amount`` has passed (`bustle.agents.clocks.advance`)."""
    points, last = get_i64(time, POINTS), get_i64(time, LAST)
    target = operational_at(t, time) + amount
    if not target <= get_f64(points, 2 * last + 1):
        return NEVER
    part = 0 if target <= 0.0 else int(target * get_f64(time, SCALE))
    place = get_i32(get_i64(time, BY_PASSED), min(part, get_i64(time, PARTS) - 1))
    while get_f64(points, 2 * place + 1) < target:
        place += 1
    later = t + 1
    if place > 0:
        start, end = get_i64(points, 2 * place - 2), get_i64(points, 2 * place)
        below, above = get_f64(points, 2 * place - 1), get_f64(points, 2 * place + 1)
        passed = np.ceil((target - below) / (above - below) * (end - start))
        later = max(later, start + int(np.int64(passed)))
    return later if later < get_i64(points, 2 * last) else NEVER


@kernel
def time_of_hazard(t: int, hazard: float, rate: float, time: int) -> int:
    """The instant at which a Poisson clock has used up ``hazard``; `NEVER` while ``rate`` is not above 0."""
    return advance_time(t, hazard / rate, time) if rate > 0.0 else NEVER


@kernel
def new_hazard(key: int, identity: int, occurrence: int) -> float:
    """The unit exponential draw of a firing."""
    return unit_exponential(key, identity, occurrence, 0)


@kernel
def hazard_left(hazard: float, since: int, now: int, rate: float, time: int) -> float:
    """What is left at ``now`` of a hazard that ran at ``rate``; never below 0."""
    if not rate > 0.0:
        return hazard
    return max(0.0, hazard - rate * (operational_at(now, time) - operational_at(since, time)))
