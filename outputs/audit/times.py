"""The time of rows, from time stamps, texts or numbers."""

from __future__ import annotations

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Floats, Integers
from bustle.outputs.errors import OutputError
from bustle.scenarios.model import AuditTime


def instants_of(column: pl.Series, how: AuditTime) -> Integers:
    """When rows happened, in microseconds since 1970-01-01, in UTC where there is a time zone; missing times are 0.

    Raises:
        OutputError: a text or number that is no time, or times are missing where the rows need them.
    """
    if how.unit:
        return _from_numbers(column, how)
    return _microseconds(_as_times(column, how))


def local_times_of(column: pl.Series, how: AuditTime) -> Integers:
    """What the clocks showed, in microseconds since 1970-01-01. Raises as `instants_of` does."""
    if how.unit:
        return _from_numbers(column, how)
    if column.dtype == pl.String:  # what stands before the offset is what the clocks showed
        column = column.str.replace(r"(?:Z|[+-]\d{2}:?\d{2})$", "") if not how.format else column
    times = _as_times(column, how)
    zone = getattr(times.dtype, "time_zone", None)
    return _microseconds(times if zone is None else times.dt.replace_time_zone(None))


def _as_times(column: pl.Series, how: AuditTime) -> pl.Series:
    dtype = column.dtype
    if isinstance(dtype, pl.Datetime):
        return column
    if dtype == pl.Date:
        return column.cast(pl.Datetime("us"))
    if dtype != pl.String:
        raise OutputError(f"the column {column.name} holds {dtype}, not times: say its `unit`")
    try:
        return column.str.to_datetime(how.format or None, time_unit="us", strict=True)
    except pl.exceptions.PolarsError:
        example = next((value for value in column if value), "")
        raise OutputError(
            f"the texts of the column {column.name}, such as {example!r}, cannot be read as times: say their `format`"
        ) from None


def _from_numbers(column: pl.Series, how: AuditTime) -> Integers:
    if not column.dtype.is_numeric():
        raise OutputError(f"the column {column.name} holds {column.dtype}, not numbers: leave `unit` out")
    try:
        start = np.datetime64(how.start or "1970-01-01", "us").astype(np.int64)
    except ValueError:
        raise OutputError(f"{how.start} is not a date") from None
    numbers: Floats = column.cast(pl.Float64).fill_null(0.0).to_numpy()
    return np.rint(numbers * how.unit).astype(np.int64) + start


def _microseconds(times: pl.Series) -> Integers:
    found: Integers = times.dt.epoch("us").fill_null(0).to_numpy()
    return found
