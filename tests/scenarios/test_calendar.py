"""Local time: arithmetic against datetime, daylight saving, leap years, recurring moments, text."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bustle.scenarios.calendar import (
    DAY,
    HOUR,
    Calendar,
    civil_from_days,
    day_of_local,
    days_from_civil,
    find_zone,
    format_local,
    hour_of_local,
    month_of_local,
    parse_local,
    weekday_of_local,
)
from bustle.scenarios.model import CalendarMoment, Clock

MINUTE = 60_000_000
EPOCH = datetime(1970, 1, 1)
ANY_DATETIME = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))


def calendar(start: str, days: int = 365, zone: str | None = "Europe/Berlin") -> Calendar:
    return Calendar(Clock(parse_local(start), days * DAY, zone))


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


# --- functions of local time -----------------------------------------------------


@given(ANY_DATETIME)
def test_local_fields_agree_with_datetime(moment: datetime) -> None:
    local = micros(moment)
    assert hour_of_local(local) == moment.hour
    assert weekday_of_local(local) == moment.weekday()
    assert day_of_local(local) == moment.day
    assert month_of_local(local) == moment.month
    assert civil_from_days(local // DAY) == (moment.year, moment.month, moment.day)
    assert days_from_civil(moment.year, moment.month, moment.day) == local // DAY


@pytest.mark.parametrize(("year", "leap"), [(1900, False), (2000, True), (2023, False), (2024, True), (2100, False)])
def test_leap_years_have_a_29th_of_february(year: int, leap: bool) -> None:
    after = civil_from_days(days_from_civil(year, 2, 28) + 1)
    assert after == ((year, 2, 29) if leap else (year, 3, 1))


def test_functions_of_local_time_take_arrays() -> None:
    local = np.arange(-400, 400) * 7 * HOUR + 5
    for function in (hour_of_local, weekday_of_local, day_of_local, month_of_local):
        values = function(local)
        assert values.dtype == np.int64
        assert values.tolist() == [function(int(one)) for one in local]


# --- daylight saving ---------------------------------------------------------------


def test_spring_skips_an_hour() -> None:
    berlin = calendar("2026-03-29")
    assert [berlin.hour(n * HOUR) for n in range(5)] == [0, 1, 3, 4, 5]
    assert berlin.from_local(parse_local("2026-03-30")) == 23 * HOUR


def test_autumn_repeats_an_hour() -> None:
    berlin = calendar("2026-10-25")
    assert [berlin.hour(n * HOUR) for n in range(5)] == [0, 1, 2, 2, 3]
    assert berlin.from_local(parse_local("2026-10-26")) == 25 * HOUR


def test_a_skipped_local_time_moves_forward_by_the_gap() -> None:
    berlin = calendar("2026-03-29")
    t = berlin.from_local(parse_local("2026-03-29 02:30"))
    assert t == 2 * HOUR + 30 * MINUTE
    assert berlin.datetime(t).isoformat() == "2026-03-29T03:30:00+02:00"


def test_a_repeated_local_time_is_the_first_of_the_two() -> None:
    berlin = calendar("2026-10-25")
    t = berlin.from_local(parse_local("2026-10-25 02:30"))
    assert berlin.datetime(t).isoformat() == "2026-10-25T02:30:00+02:00"
    assert berlin.local(t) == berlin.local(t + HOUR)


@pytest.mark.parametrize(
    ("start", "shown"),
    [("2026-03-29 02:30", "2026-03-29T03:30:00+02:00"), ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00")],
)
def test_a_run_may_start_inside_a_gap_or_an_overlap(start: str, shown: str) -> None:
    berlin = calendar(start)
    assert berlin.datetime(0).isoformat() == shown
    assert berlin.from_local(parse_local(start)) == 0


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia"],
)
@settings(max_examples=40)
@given(t=st.integers(-300 * DAY, 1500 * DAY))
def test_instants_agree_with_the_time_zone_database(zone: str, t: int) -> None:
    ours = CALENDARS.setdefault(zone, calendar("2010-06-01 12:00", 1000, zone))
    there = (datetime(2010, 6, 1, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC) + timedelta(microseconds=t)).astimezone(
        ZoneInfo(zone)
    )
    assert ours.local(t) == micros(there.replace(tzinfo=None))
    assert ours.datetime(t) == there
    assert (ours.hour(t), ours.weekday(t), ours.day(t), ours.month(t)) == (
        there.hour,
        there.weekday(),
        there.day,
        there.month,
    )
    back = ours.from_local(ours.local(t))
    assert ours.local(back) == ours.local(t)
    assert back == t if there.fold == 0 else back < t


CALENDARS: dict[str, Calendar] = {}


@given(st.lists(st.integers(-DAY, 400 * DAY), min_size=1))
def test_arrays_of_instants_give_what_single_instants_give(instants: list[int]) -> None:
    berlin = CALENDARS.setdefault("year", calendar("2026-01-01"))
    t = np.array(instants, np.int64)
    for one, many in [
        (berlin.local, berlin.local_array),
        (berlin.hour, berlin.hour_array),
        (berlin.weekday, berlin.weekday_array),
        (berlin.day, berlin.day_array),
        (berlin.month, berlin.month_array),
    ]:
        assert many(t).tolist() == [one(x) for x in instants]


def test_transitions_and_shifts_say_what_local_says() -> None:
    berlin = calendar("2026-01-01")
    assert berlin.transitions.dtype == berlin.shifts.dtype == np.int64
    inside = [i for i, t in enumerate(berlin.transitions) if 0 < t < 365 * DAY]
    assert [berlin.datetime(int(berlin.transitions[i])).date().isoformat() for i in inside] == [
        "2026-03-29",
        "2026-10-25",
    ]
    for i in inside:
        t = int(berlin.transitions[i])
        assert berlin.local(t) - t == berlin.shifts[i]
        assert berlin.local(t - 1) - (t - 1) == berlin.shifts[i - 1]


# --- without a zone ----------------------------------------------------------------


def test_without_a_zone_local_time_runs_on_evenly() -> None:
    plain = calendar("2026-03-28 12:00", zone=None)
    assert plain.local(0) == parse_local("2026-03-28 12:00")
    assert [plain.hour(n * HOUR) for n in range(11, 18)] == [23, 0, 1, 2, 3, 4, 5]
    assert plain.from_local(parse_local("2026-03-29 02:30")) == 14 * HOUR + 30 * MINUTE
    assert plain.datetime(DAY) == datetime(2026, 3, 29, 12)
    assert plain.datetime(DAY).tzinfo is None
    assert plain.transitions.size == 1


def test_a_run_must_stay_within_the_years_of_the_calendar() -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        calendar("9999-01-01", 366)
    late = calendar("9998-12-31", 300)
    assert late.datetime(300 * DAY).year == 9999
    assert calendar("0001-01-01", 10).hour(5 * HOUR) == 5


# --- recurring moments --------------------------------------------------------------


def shown(berlin: Calendar, moment: CalendarMoment) -> list[str]:
    return [berlin.datetime(t).strftime("%m-%d %H:%M") for t in berlin.moments(moment)]


def test_moments_come_every_matching_day_in_order() -> None:
    berlin = calendar("2026-01-01 10:00", 60)
    daily = list(berlin.moments(CalendarMoment(9 * HOUR)))
    assert len(daily) == 60
    assert all(a < b for a, b in pairwise(daily))
    assert shown(berlin, CalendarMoment(9 * HOUR, weekdays=(0,)))[:2] == ["01-05 09:00", "01-12 09:00"]
    assert shown(berlin, CalendarMoment(0, month_days=(1, 15))) == [
        "01-15 00:00",
        "02-01 00:00",
        "02-15 00:00",
        "03-01 00:00",
    ]
    assert shown(berlin, CalendarMoment(0, month_days=(-1,))) == ["01-31 00:00", "02-28 00:00"]
    assert shown(berlin, CalendarMoment(0, weekdays=(6,), month_days=(1,))) == ["02-01 00:00", "03-01 00:00"]


def test_the_last_day_of_february_knows_leap_years() -> None:
    assert shown(calendar("2024-02-01", 40), CalendarMoment(0, month_days=(-1,))) == ["02-29 00:00"]
    assert shown(calendar("2023-12-01", 40), CalendarMoment(0, month_days=(-1, -31))) == [
        "12-01 00:00",
        "12-31 00:00",
        "01-01 00:00",
    ]


def test_a_moment_at_the_start_counts_and_one_at_the_end_does_not() -> None:
    assert shown(calendar("2026-01-01", 2), CalendarMoment(0)) == ["01-01 00:00", "01-02 00:00"]


def test_moments_that_are_skipped_come_late_and_repeated_ones_once() -> None:
    moment = CalendarMoment(2 * HOUR + 30 * MINUTE)
    assert shown(calendar("2026-03-28", 3), moment) == ["03-28 02:30", "03-29 03:30", "03-30 02:30"]
    assert shown(calendar("2026-10-24", 3), moment) == ["10-24 02:30", "10-25 02:30", "10-26 02:30"]


# --- text -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01", datetime(2026, 1, 1)),
        ("2026-01-01 12:30", datetime(2026, 1, 1, 12, 30)),
        ("2026-01-01T12:30", datetime(2026, 1, 1, 12, 30)),
        (" 2024-02-29 23:59:59.25 ", datetime(2024, 2, 29, 23, 59, 59, 250_000)),
        ("1969-12-31 23:59:59.999999", datetime(1969, 12, 31, 23, 59, 59, 999_999)),
    ],
)
def test_dates_and_times_are_read(text: str, moment: datetime) -> None:
    assert parse_local(text) == micros(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13-01",
        "2026-02-29",
        "2026-1-1",
        "20260101",
        "2026-W01-1",
        "2026-01-01 25:00",
        "2026-01-01 12",
        "12:30",
        "2026-01-01T12:30Z",
        "2026-01-01 12:30+02:00",
        "tomorrow",
    ],
)
def test_other_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date") as problem:
        parse_local(text)
    assert f"`{text}`" in str(problem.value)


@given(ANY_DATETIME)
def test_written_local_time_reads_back(moment: datetime) -> None:
    assert parse_local(format_local(micros(moment))) == micros(moment)


def test_local_time_is_written_no_longer_than_needed() -> None:
    written = ("2026-01-01", "2026-01-01 12:00", "2026-01-01 12:30", "2026-01-01 12:30:05")
    assert [format_local(parse_local(text)) for text in written] == list(written)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berln", "did you mean `Europe/Berlin`"),
        ("berlin", "did you mean `Europe/Berlin`?"),
        ("New York", "did you mean `America/New_York`?"),
        ("europe/berlin", "did you mean `Europe/Berlin`"),
        ("Europe", "unknown time zone `Europe`"),
        ("../../etc/passwd", "unknown time zone"),
        ("", "unknown time zone ``"),
    ],
)
def test_an_unknown_zone_is_refused_with_similar_names(name: str, hint: str) -> None:
    if name == "europe/berlin" and sys.platform != "linux":
        pytest.skip("file names are the same in any case here")
    with pytest.raises(ValueError, match="unknown time zone") as problem:
        find_zone(name)
    assert hint in str(problem.value)


def test_importing_the_calendar_pulls_in_nothing_heavy() -> None:
    script = "import sys, bustle.scenarios.calendar; assert not {'numpy', 'numba', 'zoneinfo'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
