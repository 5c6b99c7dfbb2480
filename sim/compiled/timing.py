"""Operational time for compiled clocks: the functions of `bustle.agents.clocks` on memory, bit for bit."""

from __future__ import annotations

import numpy as np

from bustle.agents.clocks import NEVER
from bustle.agents.randomness.draws import unit_exponential
from bustle.sim.compiled.native import get_f64, get_i64, kernel


@kernel
def operational_at(t: int, breaks: int, cumulative: int, count: int) -> float:
    """L(t): see `bustle.agents.clocks.operational`; ``count`` is the number of breaks."""
    last = count - 1
    if t <= get_i64(breaks, 0):
        return get_f64(cumulative, 0)
    if t >= get_i64(breaks, last):
        return get_f64(cumulative, last)
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if get_i64(breaks, middle) <= t:
            low = middle + 1
        else:
            high = middle
    start, end = get_i64(breaks, low - 1), get_i64(breaks, low)
    below, above = get_f64(cumulative, low - 1), get_f64(cumulative, low)
    return below + (above - below) * ((t - start) / (end - start))


@kernel
def advance_time(t: int, amount: float, breaks: int, cumulative: int, count: int) -> int:
    """The first instant after ``t`` by which ``amount`` of operational time has passed (`bustle.agents.clocks.advance`)."""
    last = count - 1
    target = operational_at(t, breaks, cumulative, count) + amount
    if not target <= get_f64(cumulative, last):
        return NEVER
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if get_f64(cumulative, middle) < target:
            low = middle + 1
        else:
            high = middle
    later = t + 1
    if low > 0:
        start, end = get_i64(breaks, low - 1), get_i64(breaks, low)
        below, above = get_f64(cumulative, low - 1), get_f64(cumulative, low)
        passed = np.ceil((target - below) / (above - below) * (end - start))
        later = max(later, start + np.int64(passed))
    return later if later < get_i64(breaks, last) else NEVER


@kernel
def time_of_hazard(t: int, hazard: float, rate: float, breaks: int, cumulative: int, count: int) -> int:
    """The instant at which a Poisson clock has used up ``hazard``; `NEVER` while ``rate`` is not above 0."""
    return advance_time(t, hazard / rate, breaks, cumulative, count) if rate > 0.0 else NEVER


@kernel
def new_hazard(key: int, identity: int, occurrence: int) -> float:
    """The unit exponential draw of a firing."""
    return unit_exponential(key, identity, occurrence, 0)


@kernel
def hazard_left(hazard: float, since: int, now: int, rate: float, breaks: int, cumulative: int, count: int) -> float:
    """What is left at ``now`` of a hazard that ran at ``rate``; never below 0."""
    if not rate > 0.0:
        return hazard
    passed = operational_at(now, breaks, cumulative, count) - operational_at(since, breaks, cumulative, count)
    return max(0.0, hazard - rate * passed)
