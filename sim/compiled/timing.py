"""Operational time for compiled clocks: the functions of `bustle.agents.clocks` on memory, bit for bit.

A time is a record of words; its guides say where to begin looking, so that a search takes a step or two (the method of
guide tables: Chen and Asau, "On generating random variates from an empirical distribution", AIIE Transactions 6, 1974).
"""

from __future__ import annotations

import numpy as np

from bustle.agents.clocks import NEVER
from bustle.agents.population import Array
from bustle.agents.randomness.draws import unit_exponential
from bustle.sim.compiled.native import get_f64, get_i64, kernel

BREAKS = 0
"""Address of the int64 instants between which the intensity is constant."""
CUMULATIVE = 1
"""Address of the float64 operational time passed at them."""
LAST = 2
"""How many there are, less one."""
BY_TIME = 3
"""Address of int64 places: the last break not after the start of each stretch of 2^`SHIFT` microseconds."""
SHIFT = 4
BY_PASSED = 5
"""Address of int64 places: the first break at which as much has passed as the start of each of `PARTS` parts."""
PARTS = 6
SCALE = 7
"""Parts for each microsecond of operational time, a float64."""
TIME_WORDS = 8


@kernel
def fill_guides(breaks: Array, cumulative: Array, shift: int, by_time: Array, by_passed: Array, scale: float) -> None:
    """Write the guides of a time; see the words above."""
    place = 0
    for k in range(len(by_time)):
        while place + 1 < len(breaks) and breaks[place + 1] <= k << shift:
            place += 1
        by_time[k] = place
    place = 0
    for k in range(len(by_passed)):
        # A hair earlier than where the part begins, since its number comes from a rounded product.
        while place + 1 < len(breaks) and cumulative[place] < (k - 0.5) / scale:
            place += 1
        by_passed[k] = place


@kernel
def operational_at(t: int, time: int) -> float:
    """L(t): see `bustle.agents.clocks.operational`."""
    breaks, cumulative, last = get_i64(time, BREAKS), get_i64(time, CUMULATIVE), get_i64(time, LAST)
    if t <= get_i64(breaks, 0):
        return get_f64(cumulative, 0)
    if t >= get_i64(breaks, last):
        return get_f64(cumulative, last)
    place = get_i64(get_i64(time, BY_TIME), t >> get_i64(time, SHIFT))
    while get_i64(breaks, place + 1) <= t:
        place += 1
    start, end = get_i64(breaks, place), get_i64(breaks, place + 1)
    below, above = get_f64(cumulative, place), get_f64(cumulative, place + 1)
    return below + (above - below) * ((t - start) / (end - start))


@kernel
def advance_time(t: int, amount: float, time: int) -> int:
    """The first instant after ``t`` by which ``amount`` has passed (`bustle.agents.clocks.advance`)."""
    breaks, cumulative, last = get_i64(time, BREAKS), get_i64(time, CUMULATIVE), get_i64(time, LAST)
    target = operational_at(t, time) + amount
    if not target <= get_f64(cumulative, last):
        return NEVER
    part = 0 if target <= 0.0 else int(target * get_f64(time, SCALE))
    place = get_i64(get_i64(time, BY_PASSED), min(part, get_i64(time, PARTS) - 1))
    while get_f64(cumulative, place) < target:
        place += 1
    later = t + 1
    if place > 0:
        start, end = get_i64(breaks, place - 1), get_i64(breaks, place)
        below, above = get_f64(cumulative, place - 1), get_f64(cumulative, place)
        passed = np.ceil((target - below) / (above - below) * (end - start))
        later = max(later, start + int(np.int64(passed)))
    return later if later < get_i64(breaks, last) else NEVER


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
