"""When rows happen: over the hours of the day, over the days of the week, and how unequal the gaps of a payer are."""

from __future__ import annotations

import numpy as np

from bustle.outputs.audit.arrays import Floats, Integers

HOUR = 3_600_000_000
DAY = 86_400_000_000
THURSDAY = 3
"""The weekday of 1970-01-01, from 0 for Monday."""

FEWEST_GAPS = 10
"""Gaps that a payer needs for their burstiness to be measured."""


def hours_of(local: Integers) -> Integers:
    """The hour of the day (0 to 23) of local times in microseconds since 1970-01-01."""
    return local // HOUR % 24


def weekdays_of(local: Integers) -> Integers:
    """The day of the week (0 for Monday) of local times in microseconds since 1970-01-01."""
    return (local // DAY + THURSDAY) % 7


def rows_by_hour(local: Integers) -> Integers:
    """The number of rows in each hour of the day, of shape (24,)."""
    return np.bincount(hours_of(local), minlength=24)


def rows_by_weekday(local: Integers) -> tuple[Integers, int]:
    """The number of rows on each weekday over whole weeks, of shape (7,), and the number of those weeks.

    The days of the first and of the last row are left out, since the data may begin or end in the middle of them; of
    the days between, the last ones that make no whole week.

    Args:
        local: local times in microseconds since 1970-01-01.
    """
    if not local.size:
        return np.zeros(7, np.int64), 0
    days = local // DAY
    first = int(days.min()) + 1
    weeks = (int(days.max()) - first) // 7
    inside = days[(days >= first) & (days < first + 7 * weeks)]
    return np.bincount((inside + THURSDAY) % 7, minlength=7), max(weeks, 0)


def peak_to_trough(counts: Integers) -> float:
    """The largest count over the smallest, which counts as 1 where it is 0."""
    return float(counts.max() / max(counts.min(), 1))


def finite_burstiness(ratio: Floats, gaps: Integers | Floats) -> Floats:
    """The burstiness of sequences of events, free of the bias of their finite length.

    -1 is periodic, 0 a Poisson process, 1 the burstiest there is.

    Args:
        ratio: standard deviation of the gaps over their mean.
        gaps: the number of gaps, at least 2.

    Source: Kim and Jo, Phys. Rev. E 94, 032311 (2016), equation 22.
    """
    more, less = np.sqrt(gaps + 1), np.sqrt(gaps - 1)
    found: Floats = (more * ratio - less) / ((more - 2) * ratio + less)
    return found


def burstiness_of_each(payers: Integers, instants: Integers) -> Floats:
    """The burstiness of every payer with at least `FEWEST_GAPS` gaps, in the order of their codes.

    Args:
        payers: codes from 0 of who made each row, in order of time.
        instants: when, in microseconds.
    """
    order = np.argsort(payers, kind="stable")
    who, when = payers[order], instants[order]
    same = who[1:] == who[:-1]
    owner, gap = who[1:][same], np.diff(when)[same] / 1e6
    counts = np.bincount(owner)
    means = np.bincount(owner, gap) / np.maximum(counts, 1)
    spread = np.sqrt(np.bincount(owner, (gap - means[owner]) ** 2) / np.maximum(counts, 1))
    chosen = (counts >= FEWEST_GAPS) & (means > 0)
    return finite_burstiness(spread[chosen] / means[chosen], counts[chosen])
