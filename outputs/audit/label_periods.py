"""Do labels mean the same all the time? Periods without any fraud, and what the end of the data looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from bustle.outputs.audit.arrays import Bools, Floats, Integers
from bustle.outputs.audit.rhythm import DAY

FEWEST_EXPECTED = 10
"""Frauds to be expected from which a period without any is dead: by chance it has none once in 22,000 times."""
TAIL = 0.1
"""Share of the time that is its end."""


def dead_periods(local: Integers, fraud: Bools, cases: int | None = None) -> list[str]:
    """The weeks (from the first day) and calendar months without any fraud where enough were to be expected.

    What is expected is in proportion to the rows. Frauds of one case come together, so where cases are known it is
    they that must be expected in number.

    Args:
        local: local times in microseconds since 1970-01-01, in order.
        fraud: the label.
        cases: the number of cases in all, None if it is not known.

    Returns:
        The dead periods in words.
    """
    days = local // DAY
    weeks = (days - days[0]) // 7
    months = local.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    happenings = int(fraud.sum()) if cases is None else min(cases, int(fraud.sum()))
    found = []
    for periods, is_week in ((weeks, True), (months - months[0], False)):
        rows, frauds = np.bincount(periods), np.bincount(periods, weights=fraud)
        expected = rows / rows.sum() * happenings
        for period in np.flatnonzero((frauds == 0) & (expected >= FEWEST_EXPECTED)):
            if is_week:
                found.append(f"the week from {date(1970, 1, 1) + timedelta(days=int(days[0] + 7 * period))}")
            else:
                month = np.datetime64(int(months[0] + period), "M")
                found.append(f"the month {month}")
    return found


@dataclass(frozen=True, slots=True)
class End:
    """What happens in the last tenth of the time.

    Attributes:
        days: its length.
        rows: rows in it.
        fraud_share: share of fraud among them; 0 without rows.
        volume: rows a day in it, over rows a day before it.
    """

    days: float
    rows: int
    fraud_share: float
    volume: float


def end_of(instants: Integers, fraud: Bools | None) -> End:
    """The last tenth of the time between the first and the last row.

    Args:
        instants: when, in microseconds, in order.
        fraud: the label, if there is one.
    """
    length = int(instants[-1] - instants[0])
    first = int(np.searchsorted(instants, instants[-1] - TAIL * length))
    rows = instants.size - first
    share = float(fraud[first:].mean()) if fraud is not None and rows else 0.0
    volume = rows / TAIL / (first / (1 - TAIL)) if first else float("inf")
    return End(TAIL * length / DAY, rows, share, volume)


def delays(instants: Integers, known: Integers) -> Floats:
    """The days from each row until its label is known."""
    found: Floats = (known - instants) / DAY
    return found
