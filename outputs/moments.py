"""Local calendar fields of instants in a frame."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from bustle.scenarios.calendar import Calendar
from bustle.scenarios.model import Clock


def local_moment(function: str, instant: pl.Expr, clock: Clock) -> pl.Expr:
    """``hour``, ``weekday`` (Monday is 0), ``day``, ``month`` or ``time_of_day`` (microseconds) in local time.

    Args:
        function: the name of the function in `bustle.scenarios.functions.FUNCTIONS`.
        instant: int64 microseconds since the start.
        clock: the scenario's clock.

    Raises:
        KeyError: there is no such function of an instant.
    """
    local = _local(instant, Calendar(clock)).cast(pl.Datetime("us"))
    return _FIELDS[function](local)


def _local(instant: pl.Expr, calendar: Calendar) -> pl.Expr:
    """Microseconds since 1970-01-01 in local time."""
    shifts = pl.Series(calendar.shifts, dtype=pl.Int64)
    if len(shifts) == 1:
        return instant + int(shifts[0])
    stretch = pl.lit(pl.Series(calendar.transitions, dtype=pl.Int64)).search_sorted(instant, side="right")
    return instant + pl.lit(shifts).gather((stretch.cast(pl.Int64) - 1).clip(0))


_FIELDS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "hour": lambda local: local.dt.hour().cast(pl.Int64),
    "weekday": lambda local: local.dt.weekday().cast(pl.Int64) - 1,
    "day": lambda local: local.dt.day().cast(pl.Int64),
    "month": lambda local: local.dt.month().cast(pl.Int64),
    "time_of_day": lambda local: (local - local.dt.truncate("1d")).dt.total_microseconds().cast(pl.Float64),
}
