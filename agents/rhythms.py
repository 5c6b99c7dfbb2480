"""From rhythms to operational time: the exact integral of a piecewise-constant intensity in local time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bustle.agents.clocks import NEVER, advance, elapsed
from bustle.agents.randomness.normal_distribution import normal_cdf
from bustle.agents.randomness.theory import frozen_distribution
from bustle.scenarios.calendar import DAY, HOUR, Calendar, hour_of_local, month_of_local, weekday_of_local
from bustle.scenarios.model import Clock, Const, Rhythm

__all__ = ["NEVER", "OperationalTime", "advance", "elapsed", "intensity", "operational_time"]

MINUTE = 60_000_000

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OperationalTime:
    """The operational time of a set of rhythms over a run.

    Attributes:
        breaks: int64[k + 1], rising instants from 0 to the run's length, between which the intensity is constant.
        cumulative: float64[k + 1], operational microseconds passed at the breaks, 0 at the first.
    """

    breaks: Integers
    cumulative: Numbers

    @property
    def total(self) -> float:
        """Operational microseconds of the whole run: with ``rate`` in events per us, ``rate * total`` events."""
        return float(self.cumulative[-1])

    def advance(self, t: int, amount: float) -> int:
        """See `bustle.agents.clocks.advance`."""
        return advance(t, amount, self.breaks, self.cumulative)

    def elapsed(self, t0: int, t1: int) -> float:
        """See `bustle.agents.clocks.elapsed`."""
        return elapsed(t0, t1, self.breaks, self.cumulative)


def operational_time(rhythms: Sequence[Rhythm], calendar: Calendar, length: int) -> OperationalTime:
    """The operational time of the product of ``rhythms`` over [0, length) microseconds; without any, time itself.

    Where clocks are set back an hour of local time passes twice and counts twice; where they are set
    forward the skipped one does not count. ValueError for weights that cannot be scaled (see `intensity`).
    """
    if not rhythms or length <= 0:
        ends = np.array([0, max(length, 1)], np.int64)
        return OperationalTime(ends, ends.astype(np.float64))
    return _operational_time(tuple(rhythms), calendar.clock, length)


@lru_cache(maxsize=16)
def _operational_time(rhythms: tuple[Rhythm, ...], clock: Clock, length: int) -> OperationalTime:
    """The same, kept: the plan asks for it before the engine does."""
    calendar = Calendar(clock)
    step = min(_step(rhythm) for rhythm in rhythms)
    shifts, starts = calendar.shifts.tolist(), calendar.transitions.tolist()
    pieces, local = [], []
    for shift, start, end in zip(shifts, starts, [*starts[1:], length], strict=True):
        begin, stop = max(start, 0), min(end, length)
        if begin < stop:
            first = ((begin + shift) // step + 1) * step - shift
            pieces += [np.array([begin], np.int64), np.arange(first, stop, step, dtype=np.int64)]
            local += [piece + shift for piece in pieces[-2:]]
    breaks = np.concatenate(pieces)
    weights = intensity(rhythms, np.concatenate(local))
    kept = np.concatenate(([True], weights[1:] != weights[:-1]))
    breaks, weights = np.append(breaks[kept], length), weights[kept]
    masses = weights * np.diff(breaks)
    return OperationalTime(breaks, np.concatenate(([0.0], np.cumsum(masses))))


def intensity(rhythms: Iterable[Rhythm], local: Integers) -> Numbers:
    """The product of the rhythms' relative intensities at naive local times (int64 us).

    Hours and weekdays together are scaled to a mean of 1 over a week, months to a mean of 1, and a
    density of the time of day is taken minute by minute, as the mean over the minute, times 24 hours: a day then
    holds as much as lies inside it. Holidays multiply by their weight, without scaling.

    Raises:
        ValueError: Weights are negative, all zero or not finite, or the time of day has no such density.
    """
    product = np.ones(local.shape)
    for rhythm in rhythms:
        if rhythm.hours is not None:
            product *= _scaled(rhythm, "hours", rhythm.hours)[hour_of_local(local)]
        if rhythm.weekdays is not None:
            product *= _scaled(rhythm, "weekdays", rhythm.weekdays)[weekday_of_local(local)]
        if rhythm.months is not None:
            product *= _scaled(rhythm, "months", rhythm.months)[month_of_local(local) - 1]
        if rhythm.time_of_day is not None:
            product *= _minutes(rhythm)[local % DAY // MINUTE]
        if rhythm.holidays:
            product[np.isin(local // DAY, np.array(rhythm.holidays, np.int64))] *= rhythm.holiday_weight
    return product


def _step(rhythm: Rhythm) -> int:
    """The longest stretch of local time, dividing a day, over which the rhythm is constant."""
    if rhythm.time_of_day is not None:
        return MINUTE
    return HOUR if rhythm.hours is not None else DAY


def _scaled(rhythm: Rhythm, part: str, weights: Sequence[float]) -> Numbers:
    """Weights scaled to a mean of 1."""
    given = np.array(weights, np.float64)
    if not (np.all(given >= 0) and 0 < given.sum() < np.inf):
        raise ValueError(f"rhythm {rhythm.name}: {part} need weights of 0 or more that are not all 0")
    scaled: Numbers = given / given.mean()
    return scaled


def _minutes(rhythm: Rhythm) -> Numbers:
    """Intensity of the time of day by the minute, float64[1440]: each minute's share of the density, times 1440."""
    draw = rhythm.time_of_day
    assert draw is not None
    arguments = [argument.value for argument in draw.arguments if isinstance(argument, Const)]
    if len(arguments) != len(draw.arguments) or not all(isinstance(value, int | float) for value in arguments):
        raise ValueError(f"rhythm {rhythm.name}: time_of_day needs constant arguments")
    edges = np.arange(0, DAY + MINUTE, MINUTE, dtype=np.float64)
    shares = np.diff(_shares_below(draw.form, [float(value or 0) for value in arguments], edges))
    if not (np.all(shares >= 0) and shares.sum() > 0):
        raise ValueError(f"rhythm {rhythm.name}: time_of_day has no density between 0 and 24 hours")
    return np.asarray(shares * (DAY // MINUTE), np.float64)


def _shares_below(form: str, arguments: list[float], edges: Numbers) -> Numbers:
    """The distribution function of ``form`` at ``edges``."""
    if form == "normal" and arguments[1] > 0:
        return np.array([normal_cdf(edge, *arguments) for edge in edges.tolist()])
    return np.asarray(frozen_distribution(form, arguments).cdf(edges))
