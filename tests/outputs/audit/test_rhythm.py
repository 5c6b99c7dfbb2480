"""Hours, weekdays and gaps against processes whose rhythm is known."""

from __future__ import annotations

import numpy as np
import pytest

from bustle.outputs.audit.rhythm import (
    DAY,
    HOUR,
    burstiness_of_each,
    finite_burstiness,
    peak_to_trough,
    rows_by_hour,
    rows_by_weekday,
)

MONDAY = 4 * DAY  # 1970-01-05


def gaps_of(payers: int, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes and times, in order of time, of ``payers`` whose gaps (seconds) are the rows of ``gaps``."""
    times = (np.cumsum(gaps, axis=1) * 1e6).astype(np.int64)
    codes = np.repeat(np.arange(payers), gaps.shape[1])
    order = np.argsort(times.ravel(), kind="stable")
    return codes[order], times.ravel()[order]


@pytest.mark.parametrize("gaps", [10, 30, 1_000])
def test_the_ratio_to_be_expected_of_a_poisson_process_has_burstiness_0(gaps: int) -> None:
    """Of n exponential gaps the expected square of standard deviation over mean is (n - 1) / (n + 1)."""
    assert finite_burstiness(np.array([((gaps - 1) / (gaps + 1)) ** 0.5]), np.array([gaps])) == pytest.approx(0)


@pytest.mark.parametrize("gaps, bias", [(11, -0.032), (29, -0.015), (199, -0.003)])
def test_a_poisson_process_has_burstiness_0_however_short(gaps: int, bias: float) -> None:
    """But for a bias that 200,000 sequences tell, half of that without the correction; 4 standard errors around it."""
    drawn = np.random.default_rng(7).exponential(3600, (4_000, gaps + 1))
    each = burstiness_of_each(*gaps_of(4_000, drawn))
    assert each.size == 4_000
    assert each.mean() == pytest.approx(bias, abs=4 * each.std() / each.size**0.5)


def test_a_periodic_process_has_burstiness_minus_1() -> None:
    assert burstiness_of_each(*gaps_of(5, np.full((5, 40), 3600.0))) == pytest.approx(-1, abs=1e-6)


def test_the_burstiness_of_unequal_gaps_is_that_of_their_spread() -> None:
    """Of lognormal gaps the standard deviation over the mean is sqrt(exp(sigma^2) - 1), which long sequences reach."""
    sigma = 1.0
    gaps = np.random.default_rng(3).lognormal(5, sigma, (50, 20_000))
    ratio = np.sqrt(np.exp(sigma**2) - 1)
    found = burstiness_of_each(*gaps_of(50, gaps))
    assert np.median(found) == pytest.approx((ratio - 1) / (ratio + 1), abs=0.02)


def test_the_correction_is_1_for_the_most_unequal_gaps_there_are() -> None:
    """All but one gap of n are 0: the ratio is sqrt(n - 1), the largest (Kim and Jo, 2016)."""
    gaps = np.array([10, 50])
    assert finite_burstiness(np.sqrt(gaps - 1.0), gaps) == pytest.approx(1)


def test_payers_with_fewer_than_ten_gaps_are_left_out() -> None:
    codes = np.repeat([0, 1], [10, 11])
    times = np.concatenate([np.arange(10), np.arange(11) ** 2]) * DAY
    order = np.argsort(times, kind="stable")
    assert burstiness_of_each(codes[order], times[order]).size == 1


def test_rows_are_counted_by_the_hour_that_clocks_show() -> None:
    local = np.repeat(np.arange(24) * HOUR + HOUR - 1, np.arange(24))
    assert rows_by_hour(local).tolist() == list(range(24))


def test_weekdays_are_counted_over_whole_weeks_without_the_first_and_the_last_day() -> None:
    """Sunday to Tuesday of the week after next: of the days between, two weeks from Monday on; the rest is left out."""
    days = np.arange(-1, 16)
    rows = np.where((days == -1) | (days == 15), 1_000, 1 + days % 7)
    counts, weeks = rows_by_weekday(np.repeat(MONDAY + days * DAY, rows))
    assert weeks == 2
    assert counts.tolist() == [2, 4, 6, 8, 10, 12, 14]


@pytest.mark.parametrize("days", [0, 1, 8])
def test_less_than_a_week_between_the_first_and_the_last_day_is_no_week(days: int) -> None:
    counts, weeks = rows_by_weekday(MONDAY + np.arange(days) * DAY)
    assert (weeks, counts.sum()) == (0, 0)


def test_an_empty_hour_counts_as_one_row() -> None:
    assert peak_to_trough(np.array([30, 0, 5])) == 30
    assert peak_to_trough(np.array([30, 10, 15])) == 3
