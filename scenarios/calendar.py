"""Local time: what hour, weekday, day and month an instant of the run falls in.

Instants are int64 microseconds since the run's start. Local time is held *naive*, as microseconds that a
wall clock shows since 1970-01-01 00:00. The functions of local time at the top are integer arithmetic
without branches, so they serve Python integers, NumPy int64 arrays and compiled code alike.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

from bustle.scenarios.model import CalendarMoment, Clock

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Whole = TypeVar("Whole", int, Integers)

HOUR = 3_600_000_000
DAY = 86_400_000_000
FAR_PAST = -(2**62)
"""The instant from which the first offset of a calendar holds."""

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_LOCAL = (datetime.max - _EPOCH) // _MICROSECOND
_MARGIN_BEFORE = 366 * DAY
_MARGIN_AFTER = 5 * 366 * DAY
_WRITTEN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?")


# --- functions of local time ----------------------------------------------------


def hour_of_local(local: Whole) -> Whole:
    """The hour, 0 to 23."""
    return local // HOUR % 24


def weekday_of_local(local: Whole) -> Whole:
    """The weekday, Monday 0 to Sunday 6 (1970-01-01 was a Thursday)."""
    return (local // DAY + 3) % 7


def day_of_local(local: Whole) -> Whole:
    """The day of the month, 1 to 31."""
    return civil_from_days(local // DAY)[2]


def month_of_local(local: Whole) -> Whole:
    """The month, 1 to 12."""
    return civil_from_days(local // DAY)[1]


def civil_from_days(days: Whole) -> tuple[Whole, Whole, Whole]:
    """Year, month and day of the Gregorian calendar from days since 1970-01-01.

    Hinnant, "chrono-compatible low-level date algorithms" (2013), ``civil_from_days``: years are
    counted from 1 March in eras of 400 years, so that the leap day comes last.

    >>> civil_from_days(19_782)
    (2024, 2, 29)
    """
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = (month_from_march + 2) % 12 + 1
    year = year_of_era + era * 400 + month_from_march // 10
    return year, month, day


def days_from_civil(year: Whole, month: Whole, day: Whole) -> Whole:
    """Days since 1970-01-01 of a date of the Gregorian calendar (Hinnant, ``days_from_civil``).

    >>> days_from_civil(2024, 2, 29)
    19782
    """
    from_march = (month + 9) % 12
    march_year = year - from_march // 10
    era = march_year // 400
    year_of_era = march_year - era * 400
    day_of_year = (153 * from_march + 2) // 5 + day - 1
    days: Whole = era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
    return days


# --- text -----------------------------------------------------------------------


def parse_local(text: str) -> int:
    """Naive local microseconds from ``2026-01-31`` or ``2026-01-31 12:30[:15[.25]]`` (or with a ``T``).

    ValueError for anything else, an offset included: the zone is the clock's.

    >>> parse_local("1970-01-02 00:00:01")
    86401000000
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"`{text}` is not a date (2026-01-31) or a date and time (2026-01-31 12:30)")
    try:
        moment = datetime.fromisoformat(match[1] + "T" + (match[2] or "00:00"))
    except ValueError as problem:
        raise ValueError(f"`{text}` is not a date: {problem}") from None
    return (moment - _EPOCH) // _MICROSECOND


def format_local(local: int) -> str:
    """Naive local microseconds as text that `parse_local` reads, as short as it can be."""
    moment = _EPOCH + timedelta(microseconds=local)
    return moment.date().isoformat() if local % DAY == 0 else moment.isoformat(" ", "auto").removesuffix(":00")


def find_zone(name: str) -> tzinfo:
    """The IANA time zone ``name``; ValueError with up to three similar names if there is none."""
    import difflib
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an unknown name, a path, a folder of zones
        names = {zone.lower(): zone for zone in sorted(zoneinfo.available_timezones())}
        cities = {zone.rpartition("/")[2]: names[zone] for zone in names}
        asked = name.lower().replace(" ", "_")
        near = [names[zone] for zone in difflib.get_close_matches(asked, names, n=3, cutoff=0.75)]
        near += [cities[city] for city in difflib.get_close_matches(asked.rpartition("/")[2], cities, n=2, cutoff=0.8)]
        hint = " or ".join(f"`{zone}`" for zone in list(dict.fromkeys(near))[:3])
        raise ValueError(f"unknown time zone `{name}`" + (f"; did you mean {hint}?" if near else "")) from None


# --- the calendar ---------------------------------------------------------------


class Calendar:
    """The calendar of a run: from instants to local time and back.

    Local time is t plus an offset that changes at the zone's transitions; these are known from a year
    before the start to five years after the end, and the outermost offsets hold beyond. Without a zone
    there is one offset, the clock's start.

    Attributes:
        clock: What the calendar was made from.
        epoch: Microseconds from 1970-01-01 00:00 to t = 0, in UTC with a zone and naive without one.

    Raises:
        ValueError: The zone is not known, or the run leaves the years 1 to 9999.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        if not (days_from_civil(1, 1, 1) * DAY <= clock.start_local <= _LAST_LOCAL - clock.length):
            raise ValueError("the clock leaves the years 1 to 9999")
        self._zone = find_zone(clock.timezone) if clock.timezone else None
        self.epoch = clock.start_local if self._zone is None else _utc_of(clock.start_local, self._zone)
        changes = [] if self._zone is None else _offset_changes(self._zone, self.epoch, clock.length)
        if self._zone is None:
            changes = [(FAR_PAST, 0)]
        self._starts = [t for t, _ in changes]
        self._shifts = [self.epoch + offset for _, offset in changes]
        # A wall clock time belongs to the older offset until both offsets are past it: so the first of
        # two, and forward over a gap.
        pairs = zip(self._starts[1:], self._shifts[:-1], self._shifts[1:], strict=True)
        self._walls = [t + max(before, after) for t, before, after in pairs]

    @cached_property
    def transitions(self) -> Integers:
        """Instants int64[k] from which ``shifts`` hold; the first is `FAR_PAST`."""
        import numpy as np

        return np.array(self._starts, np.int64)

    @cached_property
    def shifts(self) -> Integers:
        """int64[k]: naive local time is t + shifts[i] for transitions[i] <= t < transitions[i + 1]."""
        import numpy as np

        return np.array(self._shifts, np.int64)

    def local(self, t: int) -> int:
        """Naive local microseconds of the instant ``t``."""
        return t + self._shifts[bisect_right(self._starts, t) - 1]

    def from_local(self, local: int) -> int:
        """The instant at which the local clock shows ``local``.

        The first of the two where a clock was set back; moved on by the gap where it was set forward over ``local``.
        """
        return local - self._shifts[bisect_right(self._walls, local)]

    def hour(self, t: int) -> int:
        """The local hour, 0 to 23."""
        return (t + self._shifts[bisect_right(self._starts, t) - 1]) // HOUR % 24

    def weekday(self, t: int) -> int:
        """The local weekday, Monday 0 to Sunday 6."""
        return ((t + self._shifts[bisect_right(self._starts, t) - 1]) // DAY + 3) % 7

    def day(self, t: int) -> int:
        """The local day of the month, 1 to 31."""
        return _civil((t + self._shifts[bisect_right(self._starts, t) - 1]) // DAY)[2]

    def month(self, t: int) -> int:
        """The local month, 1 to 12."""
        return _civil((t + self._shifts[bisect_right(self._starts, t) - 1]) // DAY)[1]

    def local_array(self, t: Integers) -> Integers:
        """`local` of every instant of an int64 array."""
        return t + self.shifts[self.transitions.searchsorted(t, side="right") - 1]

    def hour_array(self, t: Integers) -> Integers:
        """`hour` of every instant of an int64 array."""
        return hour_of_local(self.local_array(t))

    def weekday_array(self, t: Integers) -> Integers:
        """`weekday` of every instant of an int64 array."""
        return weekday_of_local(self.local_array(t))

    def day_array(self, t: Integers) -> Integers:
        """`day` of every instant of an int64 array."""
        return day_of_local(self.local_array(t))

    def month_array(self, t: Integers) -> Integers:
        """`month` of every instant of an int64 array."""
        return month_of_local(self.local_array(t))

    def datetime(self, t: int) -> datetime:
        """The local date and time of ``t``: aware with a zone, naive without. OverflowError past the year 9999."""
        if self._zone is None:
            return _EPOCH + timedelta(microseconds=self.epoch + t)
        return (_EPOCH_UTC + timedelta(microseconds=self.epoch + t)).astimezone(self._zone)

    def moments(self, moment: CalendarMoment) -> Iterator[int]:
        """The instants of the run, in order, at which ``moment`` comes round.

        A day matches when its weekday and its day of the month both do. A time that is skipped when
        clocks go forward comes later by the gap; one that comes twice counts once, the first time.
        """
        for today in range(self.local(0) // DAY - 1, self.local(self.clock.length) // DAY + 2):
            if moment.weekdays and (today + 3) % 7 not in moment.weekdays:
                continue
            if moment.month_days:
                year, month, day = civil_from_days(today)
                from_end = day - 1 - _days_in_month(year, month)
                if day not in moment.month_days and from_end not in moment.month_days:
                    continue
            t = self.from_local(today * DAY + moment.time_of_day)
            if 0 <= t < self.clock.length:
                yield t


@lru_cache(maxsize=4096)
def _civil(days: int) -> tuple[int, int, int]:
    """`civil_from_days`, remembered: a run asks for the same days again and again."""
    return civil_from_days(days)


def _days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return days_from_civil(year + month // 12, month % 12 + 1, 1) - days_from_civil(year, month, 1)


def _utc_of(local: int, zone: tzinfo) -> int:
    """UTC microseconds since 1970 of a local time: the first of two, moved on over a gap."""
    moment = _EPOCH + timedelta(microseconds=local)
    return local - (moment.replace(tzinfo=zone).utcoffset() or timedelta()) // _MICROSECOND


def _offset_at(zone: tzinfo, utc: int) -> int:
    """The zone's offset in microseconds at a UTC time (brought into the years that `datetime` knows)."""
    nearest = min(max(utc, days_from_civil(1, 1, 2) * DAY), _LAST_LOCAL - DAY)
    moment = (_EPOCH_UTC + timedelta(microseconds=nearest)).astimezone(zone)
    return (moment.utcoffset() or timedelta()) // _MICROSECOND


def _offset_changes(zone: tzinfo, epoch: int, length: int) -> list[tuple[int, int]]:
    """The instants at which the zone's offset changes and the offset from then on, found day by day and by halving."""
    t, offset = -_MARGIN_BEFORE, _offset_at(zone, epoch - _MARGIN_BEFORE)
    changes = [(FAR_PAST, offset)]
    while t < length + _MARGIN_AFTER:
        later, after = t + DAY, _offset_at(zone, epoch + t + DAY)
        if after != offset:
            before, change = t, later
            while change - before > 1:
                middle = (before + change) // 2
                if _offset_at(zone, epoch + middle) == offset:
                    before = middle
                else:
                    change = middle
            changes.append((change, after))
        t, offset = later, after
    return changes
