"""Arithmetic on single values as Python does it, bit for bit; see `bustle.sim.reference.arithmetic`."""

from __future__ import annotations

import math

from bustle.sim.compiled.native import fmod_f64, get_f64, get_i64, kernel

_COUNTED = 128
"""Values that are counted faster than searched."""


@kernel
def floor_divide(over: float, under: float) -> float:
    """``over // under`` of float64, ``under`` not 0: the floor of the exact quotient, as CPython finds it."""
    rest: float = fmod_f64(over, under)
    quotient = (over - rest) / under
    if rest != 0.0 and (under < 0.0) != (rest < 0.0):
        quotient -= 1.0
    if quotient == 0.0:
        return math.copysign(0.0, over / under)
    floor = math.floor(quotient)
    return floor + 1.0 if quotient - floor > 0.5 else floor + 0.0


@kernel
def remainder(over: float, under: float) -> float:
    """``over % under`` of float64, ``under`` not 0: it has the sign of ``under``."""
    rest: float = fmod_f64(over, under)
    if rest == 0.0:
        return math.copysign(0.0, under)
    return rest + under if (under < 0.0) != (rest < 0.0) else rest


@kernel
def search_above(values: int, count: int, x: float) -> int:
    """The number of rising float64 at ``values`` that are not above ``x``.

    The last stretch is counted rather than searched: several values are compared at once, and nothing is guessed.
    """
    return search_between(values, 0, count, x)


@kernel
def search_between(values: int, low: int, high: int, x: float) -> int:
    """The same, where it is known to lie between ``low`` and ``high``."""
    while high - low > _COUNTED:
        middle = (low + high) >> 1
        if get_f64(values, middle) <= x:
            low = middle + 1
        else:
            high = middle
    for place in range(low, high):
        low += int(get_f64(values, place) <= x)
    return low


@kernel
def search_from(values: int, count: int, x: float) -> int:
    """The number of rising float64 at ``values`` that are below ``x``."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if get_f64(values, middle) < x:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def weighted_place(sums: int, count: int, reach: float, total: float) -> int:
    """The place whose share of the running sum holds ``reach``; never one without weight."""
    place = search_above(sums, count, reach)
    if place >= count or (place > 0 and get_f64(sums, place - 1) >= total):
        return search_from(sums, count, total)
    return place


@kernel
def guided_place(guide: int, parts: int, sums: int, count: int, reach: float, total: float) -> int:
    """`weighted_place` in a long running sum, with a guide that says between which places to look.

    Args:
        guide: address of int64 places: entry ``k`` is the first place whose sum is above ``k / parts`` of the total.
        parts: how many parts the total is divided into.
        sums: address of the float64 running sum.
        count: its length.
        reach: what is looked for.
        total: the last sum, above 0.
    """
    part = int(reach / total * parts)
    low, high = get_i64(guide, max(part - 1, 0)), get_i64(guide, min(part + 2, parts))
    place = search_between(sums, low, min(high + 1, count), reach)
    if place >= count or (place > 0 and get_f64(sums, place - 1) >= total):
        return search_from(sums, count, total)
    return place


@kernel
def local_time(instant: int, starts: int, shifts: int, count: int) -> int:
    """Naive local microseconds of an instant; see `bustle.scenarios.calendar.Calendar`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if get_i64(starts, middle) <= instant:
            low = middle + 1
        else:
            high = middle
    return instant + get_i64(shifts, low - 1)


@kernel
def hour_of(local: int) -> int:
    """The hour, 0 to 23."""
    return local // 3_600_000_000 % 24


@kernel
def weekday_of(local: int) -> int:
    """The weekday, Monday 0 to Sunday 6."""
    return (local // 86_400_000_000 + 3) % 7


@kernel
def _civil(local: int) -> tuple[int, int]:
    """Month and day; see `bustle.scenarios.calendar.civil_from_days`."""
    shifted = local // 86_400_000_000 + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    return (month_from_march + 2) % 12 + 1, day_of_year - (153 * month_from_march + 2) // 5 + 1


@kernel
def day_of(local: int) -> int:
    """The day of the month, 1 to 31."""
    return _civil(local)[1]


@kernel
def month_of(local: int) -> int:
    """The month, 1 to 12."""
    return _civil(local)[0]


@kernel
def time_of_day_of(local: int) -> int:
    """Microseconds since local midnight."""
    return local % 86_400_000_000
