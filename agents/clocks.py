"""Operational time, in which rhythms are flat, and the Poisson clocks that run in it.

The operational time L(t) of an instant is the integral of the rhythm's intensity from the run's start, in
microseconds. Given as ``breaks`` (int64[k + 1] from 0 to the run's end, rising) and ``cumulative``
(float64[k + 1], L at the breaks, not falling) it is linear in between. A Poisson process of intensity
``rate`` times the rhythm has unit exponential gaps in ``rate * L`` (time rescaling: Brown, Barbieri,
Ventura, Kass and Frank, Neural Computation 14, 2002), which makes sampling exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bustle.agents.randomness.draws import unit_exponential
from bustle.agents.randomness.search import search_left, search_right
from bustle.machine_code import kernel

NEVER = 2**62
"""The instant of what does not happen within the run."""

Breaks = npt.NDArray[np.int64]
Cumulative = npt.NDArray[np.float64]


@kernel
def operational(t: int, breaks: Breaks, cumulative: Cumulative) -> float:
    """L(t); 0 before the start, and L of the end after it."""
    last = breaks.size - 1
    if t <= breaks[0]:
        return float(cumulative[0])
    if t >= breaks[last]:
        return float(cumulative[last])
    i = search_right(breaks, t)
    start, end = breaks[i - 1], breaks[i]
    below, above = cumulative[i - 1], cumulative[i]
    return float(below + (above - below) * ((t - start) / (end - start)))


@kernel
def elapsed(t0: int, t1: int, breaks: Breaks, cumulative: Cumulative) -> float:
    """Operational time from ``t0`` to ``t1``, in microseconds."""
    return operational(t1, breaks, cumulative) - operational(t0, breaks, cumulative)


@kernel
def advance(t: int, amount: float, breaks: Breaks, cumulative: Cumulative) -> int:
    """The first instant, at least 1 us after ``t``, by which ``amount`` us of operational time have passed.

    `NEVER` where that is not before the run's end, and for NaN.
    """
    last = breaks.size - 1
    target = operational(t, breaks, cumulative) + amount
    if not target <= cumulative[last]:
        return NEVER
    i = search_left(cumulative, target)
    later = t + 1
    if i > 0:
        start, end = breaks[i - 1], breaks[i]
        below, above = cumulative[i - 1], cumulative[i]
        passed = np.ceil((target - below) / (above - below) * (end - start))
        later = max(later, start + np.int64(passed))
    return later if later < breaks[last] else NEVER


@kernel
def poisson_time(t: int, hazard: float, rate: float, breaks: Breaks, cumulative: Cumulative) -> int:
    """The instant after ``t`` at which a Poisson clock has used up ``hazard``; `NEVER` while ``rate <= 0``."""
    return advance(t, hazard / rate, breaks, cumulative) if rate > 0.0 else NEVER


@kernel
def next_poisson(
    key: int, agent: int, occurrence: int, t: int, rate: float, breaks: Breaks, cumulative: Cumulative
) -> tuple[int, float]:
    """The next firing after ``t`` of a Poisson clock of ``rate`` events per us, and the hazard drawn for it.

    The hazard is a unit exponential draw at (key, agent, occurrence, 0). Keep it with ``t``: where the rate
    changes at ``t1``, `remaining_hazard` says what is left of it and `poisson_time` the new instant.
    A rate that is not positive gives `NEVER`; one that is NaN or infinite is for the caller to refuse.
    """
    hazard = unit_exponential(key, agent, occurrence, 0)
    return poisson_time(t, hazard, rate, breaks, cumulative), hazard


@kernel
def remaining_hazard(hazard: float, t0: int, t1: int, rate: float, breaks: Breaks, cumulative: Cumulative) -> float:
    """What is left at ``t1`` of a ``hazard`` that ran from ``t0`` on at ``rate``; never below 0."""
    if not rate > 0.0:
        return hazard
    return max(0.0, hazard - rate * elapsed(t0, t1, breaks, cumulative))
