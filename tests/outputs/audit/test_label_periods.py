"""Dead periods and ends of data that have, or have not, what they should."""

from __future__ import annotations

import numpy as np

from bustle.outputs.audit.label_periods import dead_periods, delays, end_of
from bustle.outputs.audit.rhythm import DAY

START = np.datetime64("2026-01-01", "us").astype(np.int64)
LOCAL = START + np.arange(90 * 100) * (DAY // 100)  # a hundred rows a day until the end of March
ALIKE = np.arange(LOCAL.size) % 10 == 0


def test_labels_that_are_always_given_leave_no_dead_period() -> None:
    assert dead_periods(LOCAL, ALIKE) == []


def test_a_month_without_labels_is_found_and_its_weeks() -> None:
    february = (LOCAL >= START + 31 * DAY) & (LOCAL < START + 59 * DAY)
    weeks = [f"the week from 2026-02-{day}" for day in ("05", "12", "19")]
    assert dead_periods(LOCAL, ALIKE & ~february) == [*weeks, "the month 2026-02"]


def test_a_week_in_which_little_was_to_be_expected_is_not_dead() -> None:
    """Of 100 frauds in 90 days, 7.8 are to be expected in a week, and 31 in February."""
    february = (LOCAL >= START + 31 * DAY) & (LOCAL < START + 59 * DAY)
    few = np.zeros(LOCAL.size, bool)
    few[np.flatnonzero(~february)[:: np.count_nonzero(~february) // 100]] = True
    assert dead_periods(LOCAL, few) == ["the month 2026-02"]
    assert dead_periods(LOCAL, few, cases=20) == []


def test_the_end_is_the_last_tenth_of_the_time() -> None:
    end = end_of(LOCAL, ALIKE)
    assert (round(end.days, 6), end.rows) == (9.0 - 0.001, 900)
    assert abs(end.fraud_share - 0.1) < 1e-3 and abs(end.volume - 1) < 0.01


def test_an_end_of_little_but_fraud_is_seen() -> None:
    late = LOCAL >= START + 81 * DAY
    kept = ~late | ALIKE
    end = end_of(LOCAL[kept], ALIKE[kept])
    assert end.fraud_share > 0.9 and end.volume < 0.2


def test_delays_are_in_days() -> None:
    assert delays(np.array([0, DAY]), np.array([DAY // 2, DAY])).tolist() == [0.5, 0]
