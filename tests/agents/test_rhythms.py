"""Rhythms as operational time, and Poisson clocks that run in it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from bustle.agents.clocks import next_poisson, operational, poisson_time, remaining_hazard
from bustle.agents.randomness import purpose_key, unit_exponential
from bustle.agents.rhythms import NEVER, OperationalTime, advance, elapsed, operational_time
from bustle.scenarios.calendar import DAY, HOUR, Calendar, days_from_civil, parse_local
from bustle.scenarios.model import Clock, Const, Draw, Rhythm
from bustle.scenarios.types import DURATION

MINUTE = 60_000_000
SHOPPING = (1, 1, 1, 1, 1, 2, 5, 10, 18, 25, 30, 34, 36, 33, 30, 30, 33, 38, 40, 34, 24, 14, 6, 2)
WEEK = (0.9, 0.9, 0.95, 1, 1.2, 1.3, 0.75)
OFFICE = tuple(float(9 <= hour < 17) for hour in range(24))


def time_of(*rhythms: Rhythm, start: str = "2026-01-05", days: float = 364, zone: str | None = None) -> OperationalTime:
    length = round(days * DAY)
    return operational_time(rhythms, Calendar(Clock(parse_local(start), length, zone)), length)


def density(form: str, *arguments: float) -> Draw:
    return Draw(form, tuple(Const(value, type=DURATION) for value in arguments), "rhythm", type=DURATION)


# --- the integral ----------------------------------------------------------------------


def test_without_rhythms_operational_time_is_time() -> None:
    time = time_of(days=2)
    assert time.breaks.tolist() == [0, 2 * DAY]
    assert time.elapsed(5, HOUR) == HOUR - 5
    assert time.advance(5, 100.0) == 105
    assert time.advance(5, 100.2) == 106
    assert time.advance(5, 0.0) == 6


def test_hours_and_weekdays_have_mean_one_over_a_week() -> None:
    time = time_of(Rhythm("shopping", hours=SHOPPING, weekdays=WEEK))
    assert time.total == pytest.approx(364 * DAY, rel=1e-12)
    for hour, weekday in [(0, 0), (12, 5), (23, 6)]:
        t = weekday * DAY + hour * HOUR
        weight = SHOPPING[hour] / np.mean(SHOPPING) * WEEK[weekday] / np.mean(WEEK)
        assert time.elapsed(t, t + HOUR) == pytest.approx(weight * HOUR)


def test_months_have_mean_one_over_the_months() -> None:
    months = tuple(range(1, 13))
    time = time_of(Rhythm("season", months=months), start="2026-01-01", days=365)
    assert time.breaks.size == 13
    assert time.elapsed(31 * DAY, 59 * DAY) == pytest.approx(28 * DAY * 2 / 6.5)


def test_several_rhythms_multiply() -> None:
    hours, week = Rhythm("a", hours=SHOPPING), Rhythm("b", weekdays=WEEK)
    together, apart = time_of(Rhythm("c", hours=SHOPPING, weekdays=WEEK)), time_of(hours, week)
    assert np.array_equal(together.breaks, apart.breaks)
    assert together.cumulative == pytest.approx(apart.cumulative, rel=1e-12)


def test_holidays_have_their_weight_and_nothing_else_changes() -> None:
    holiday = days_from_civil(2026, 1, 6)
    plain = time_of(Rhythm("a", hours=SHOPPING), days=7)
    closed = time_of(Rhythm("a", hours=SHOPPING, holidays=(holiday,), holiday_weight=0.25), days=7)
    assert closed.elapsed(DAY, 2 * DAY) == pytest.approx(0.25 * DAY)
    assert closed.total == pytest.approx(plain.total - 0.75 * DAY)


def test_a_day_holds_the_part_of_a_time_of_day_that_lies_inside_it() -> None:
    time = time_of(Rhythm("noon", time_of_day=density("normal", 12 * HOUR, 20_000e6)), days=3)
    inside = stats.norm.cdf(43_200 / 20_000) - stats.norm.cdf(-43_200 / 20_000)
    for day in range(3):
        assert time.elapsed(day * DAY, (day + 1) * DAY) == pytest.approx(inside * DAY, rel=1e-9)
    nine_to_ten = stats.norm.cdf(-7200 / 20_000) - stats.norm.cdf(-10_800 / 20_000)
    assert time.elapsed(9 * HOUR, 10 * HOUR) == pytest.approx(nine_to_ten * DAY, rel=1e-9)


def test_a_time_of_day_may_have_any_continuous_form() -> None:
    for draw in (density("uniform", 8 * HOUR, 20 * HOUR), density("triangular", 0, 8 * HOUR, 24 * HOUR)):
        time = time_of(Rhythm("day", time_of_day=draw), days=1)
        assert time.total == pytest.approx(DAY, rel=1e-9)


@pytest.mark.parametrize(
    ("start", "repeated"),
    [("2026-03-29", -1), ("2026-10-25", 1)],
)
def test_the_hour_that_daylight_saving_skips_or_repeats_counts_as_often_as_it_passes(start: str, repeated: int) -> None:
    hours = tuple(range(1, 25))
    time = time_of(Rhythm("a", hours=hours), start=start, days=2, zone="Europe/Berlin")
    day = DAY + repeated * HOUR
    assert time.elapsed(0, day) == pytest.approx((300 + repeated * 3) / 12.5 * HOUR)
    assert time.elapsed(day, day + HOUR) == pytest.approx(1 / 12.5 * HOUR)


def test_offsets_that_are_no_whole_hours_keep_local_hours() -> None:
    time = time_of(Rhythm("a", hours=OFFICE), start="2026-01-05 08:40", days=1, zone="Asia/Kathmandu")
    assert time.elapsed(0, 20 * MINUTE) == 0
    assert time.elapsed(0, 21 * MINUTE) == pytest.approx(3 * MINUTE)


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm("idle", hours=(0.0,) * 24),
        Rhythm("idle", weekdays=(1, 1, 1, -1, 1, 1, 1)),
        Rhythm("idle", months=(math.nan,) * 12),
        Rhythm("idle", time_of_day=density("normal", 9000 * HOUR, 1.0)),
    ],
)
def test_weights_that_cannot_be_scaled_are_refused_by_name(rhythm: Rhythm) -> None:
    with pytest.raises(ValueError, match="rhythm idle"):
        time_of(rhythm)


# --- moving in it ----------------------------------------------------------------------

TIMES = {
    "shopping": time_of(Rhythm("a", hours=SHOPPING, weekdays=WEEK), zone="Europe/Berlin"),
    "office": time_of(Rhythm("a", hours=OFFICE), zone="Europe/Berlin"),
    "noon": time_of(Rhythm("a", time_of_day=density("normal", 12 * HOUR, 20_000e6)), days=60),
    "none": time_of(),
}


@pytest.mark.parametrize("name", TIMES)
@given(part=st.floats(0, 0.999), amount=st.floats(0, 200.0 * DAY))
def test_advancing_gives_the_first_instant_by_which_the_amount_has_passed(
    name: str, part: float, amount: float
) -> None:
    time = TIMES[name]
    end = int(time.breaks[-1])
    t = int(part * end)
    later = advance(t, amount, time.breaks, time.cumulative)
    noise = 0.05  # microseconds, of sums of some 1e13
    if later == NEVER:
        assert elapsed(t, end - 1, time.breaks, time.cumulative) < amount + noise
        return
    assert t < later < end
    assert elapsed(t, later, time.breaks, time.cumulative) >= amount - noise
    if later > t + 1:
        assert elapsed(t, later - 1, time.breaks, time.cumulative) < amount + noise


@given(st.integers(0, 364 * DAY), st.integers(0, 364 * DAY), st.integers(0, 364 * DAY))
def test_elapsed_time_adds_up_and_never_runs_backwards(a: int, b: int, c: int) -> None:
    a, b, c = sorted((a, b, c))
    time = TIMES["shopping"]
    assert time.elapsed(a, c) == pytest.approx(time.elapsed(a, b) + time.elapsed(b, c), abs=0.1)
    assert time.elapsed(a, b) >= 0


def test_the_run_bounds_operational_time() -> None:
    time = TIMES["office"]
    end = int(time.breaks[-1])
    assert operational(-5, time.breaks, time.cumulative) == 0
    assert operational(end + DAY, time.breaks, time.cumulative) == time.total
    assert time.advance(0, time.total * 1.001) == NEVER
    assert time.advance(end - 1, 0.0) == NEVER
    assert time.advance(0, math.nan) == NEVER
    assert time.advance(0, math.inf) == NEVER


# --- Poisson clocks -----------------------------------------------------------------------


def firings(time: OperationalTime, rate: float, agents: int, purpose: str = "shop.clock") -> list[np.ndarray]:
    key, runs = purpose_key(11, purpose), []
    for agent in range(agents):
        t, run = 0, []
        for occurrence in range(1_000_000):
            t, _ = next_poisson(key, agent, occurrence, t, rate, time.breaks, time.cumulative)
            if t == NEVER:
                break
            run.append(t)
        runs.append(np.array(run, np.int64))
    return runs


def test_counts_follow_the_rhythm_by_hour_and_weekday() -> None:
    zone, start, days = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 2), 56  # over the change to summer time
    time = time_of(
        Rhythm("shopping", hours=SHOPPING, weekdays=WEEK), start="2026-03-02", days=days, zone="Europe/Berlin"
    )
    counts, expected = np.zeros((7, 24)), np.zeros((7, 24))
    rate = 6 / DAY
    utc = start.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    weights = np.outer(WEEK, SHOPPING) / np.mean(np.outer(WEEK, SHOPPING))
    for hour in range(days * 24):
        local = (utc + timedelta(hours=hour)).astimezone(zone)
        expected[local.weekday(), local.hour] += rate * HOUR * weights[local.weekday(), local.hour]
    agents = 120
    for t in np.concatenate(firings(time, rate, agents)).tolist():
        local = (utc + timedelta(microseconds=t)).astimezone(zone)
        counts[local.weekday(), local.hour] += 1
    expected *= agents
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert expected.min() > 5
    assert stats.chi2.sf(statistic, counts.size) > 1e-3  # Poisson cells: no degree of freedom is lost
    assert abs(counts.sum() - expected.sum()) < 4 * math.sqrt(expected.sum())


def test_rescaled_gaps_are_exponential_and_uncorrelated() -> None:
    time, rate = TIMES["shopping"], 20 / DAY
    gaps = []
    for run in firings(time, rate, 3):
        passed = [rate * time.elapsed(a, b) for a, b in zip(run[:-1].tolist(), run[1:].tolist(), strict=True)]
        gaps += passed
    assert len(gaps) > 20_000
    assert stats.kstest(gaps, "expon").pvalue > 1e-3
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 4 / math.sqrt(len(gaps))


def test_counts_of_agents_are_poisson() -> None:
    time = time_of(Rhythm("a", hours=OFFICE), days=5)
    counts = np.array([run.size for run in firings(time, 1 / DAY, 4000)])
    dispersion = counts.var(ddof=1) / counts.mean() * (counts.size - 1)
    assert stats.binomtest(int((counts == 0).sum()), counts.size, math.exp(-5)).pvalue > 1e-3
    assert 1e-3 < stats.chi2.cdf(dispersion, counts.size - 1) < 1 - 1e-3
    assert abs(counts.mean() - 5) < 4 * math.sqrt(5 / counts.size)


def test_nothing_happens_where_the_intensity_is_zero() -> None:
    for t in np.concatenate(firings(time_of(Rhythm("a", hours=OFFICE), days=30), 50 / DAY, 2)).tolist():
        assert 9 <= t // HOUR % 24 < 17


def test_a_clock_without_a_rate_keeps_its_hazard_and_never_fires() -> None:
    time = TIMES["none"]
    for rate in (0.0, -1.0):
        t, hazard = next_poisson(5, 6, 7, 100, rate, time.breaks, time.cumulative)
        assert t == NEVER
        assert hazard == unit_exponential(5, 6, 7, 0)
        assert remaining_hazard(hazard, 100, 500, rate, time.breaks, time.cumulative) == hazard


@given(
    start=st.integers(0, 100 * DAY),
    wait=st.integers(0, 50 * DAY),
    hazard=st.floats(0.001, 40),
    rate=st.floats(0.1, 10),
    name=st.sampled_from(sorted(TIMES)),
)
def test_a_rate_that_changes_to_itself_changes_nothing(
    start: int, wait: int, hazard: float, rate: float, name: str
) -> None:
    time = TIMES[name]
    per_microsecond = rate / DAY
    fires = poisson_time(start, hazard, per_microsecond, time.breaks, time.cumulative)
    changed = start + wait
    assume(fires != NEVER and changed < fires)
    left = remaining_hazard(hazard, start, changed, per_microsecond, time.breaks, time.cumulative)
    again = poisson_time(changed, left, per_microsecond, time.breaks, time.cumulative)
    assert abs(time.elapsed(min(fires, again), max(fires, again))) <= 4


def test_a_doubled_rate_halves_what_is_left_to_wait() -> None:
    time = TIMES["none"]
    fires = poisson_time(0, 2.0, 1 / DAY, time.breaks, time.cumulative)
    left = remaining_hazard(2.0, 0, DAY, 1 / DAY, time.breaks, time.cumulative)
    assert fires == 2 * DAY
    assert poisson_time(DAY, left, 2 / DAY, time.breaks, time.cumulative) == DAY + DAY // 2
    assert remaining_hazard(2.0, 0, 3 * DAY, 1 / DAY, time.breaks, time.cumulative) == 0
