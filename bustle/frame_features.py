"""Features of a table that is there already: of a run, or from elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa

from bustle.outputs.arrow_memory import Array, arrow_array
from bustle.outputs.cells import Cells, Rows, concatenated
from bustle.outputs.epoch import Epoch
from bustle.outputs.features.stream import KNOWN, FeatureStream
from bustle.outputs.frames import cells_of
from bustle.outputs.log import BATCH
from bustle.scenarios.check.features import Given
from bustle.scenarios.features_of_rows import features_of_rows
from bustle.scenarios.model import Feature
from bustle.scenarios.structure.features import OF_LABELS
from bustle.scenarios.types import BOOL, DURATION, INSTANT, MONEY, NUMBER, TEXT, WHOLE, Type

if TYPE_CHECKING:
    import pandas as pd

Frame = TypeVar("Frame", "pl.DataFrame", "pd.DataFrame")

_EPOCH = Epoch(0, None)
"""Instants of frames are held as they are, in microseconds since 1970."""

_TIMES = (pl.Date, pl.Datetime)

_MOST_CENTS = 2.0**53
"""Up to here every whole cent has a float64 of its own."""


def features(frame: Frame, asked: Mapping[str, Any], *, time: str = "time", known: str | None = None) -> Frame:
    """Add features to a table: what could be known of each row's past when the row came.

    They are those of the section ``features:`` of a scenario's table, and named like them.

    >>> import polars as pl
    >>> from datetime import date
    >>> days = [date(2026, 1, day) for day in (1, 2, 5)]
    >>> paid = pl.DataFrame({"day": days, "card": [7, 7, 7], "amount": [10.0, 0.1, 0.2]})
    >>> features(paid, {"card": {"windows": "3 days", "sum": "amount"}}, time="day")["card_sum_amount_3d"].to_list()
    [10.0, 10.1, 0.2]

    Args:
        frame: the table, a Polars or a pandas frame. Its rows need not be in order of time; those of the same time
            come in their order.
        asked: what to measure, by the column that says which rows belong together; for example
            ``{"card": {"windows": ["1 day", "7 days"], "count": True, "sum": "amount"}}``.
        time: the column that says when rows come, dates or timestamps.
        known: the column that says when labels become known, likewise; ``known``, if it holds times, unless another
            is given.

    Returns:
        The frame with a column for each feature at its end. Numbers that are all whole hundredths are summed as
        such, without rounding errors.

    Raises:
        ScenarioError: ``asked`` has problems; ``diagnostics`` holds every one.
        ValueError: ``time`` or ``known`` cannot be used.
        OutputError: the disk that holds temporary files is full.
    """
    if isinstance(frame, pl.DataFrame):
        return frame.with_columns(_columns(frame, asked, time, known))
    made = _columns(pl.from_pandas(frame, include_index=False), asked, time, known)
    return frame.assign(**{column.name: column.to_pandas().to_numpy() for column in made})


def _columns(table: pl.DataFrame, asked: Mapping[str, Any], time: str, known: str | None) -> list[pl.Series]:
    """The features as columns."""
    if known is None and table.schema.get(KNOWN) in _TIMES:
        known = KNOWN
    held = {column: _held(table[column], column in _labels(asked)) for column in table.columns}
    given = {column: Given(type_, "input") for column, (type_, _) in held.items()}
    given |= {column: Given(given[column].type, "label") for column in _labels(asked) if column in given}
    given |= {} if known is None else {known: Given(INSTANT, "known")}
    found = features_of_rows(asked, given)
    instants = _instants(table, time)
    values = {name: held[name] for f in found for name in (f.entity, f.of) if name is not None}
    if known is not None:
        values[KNOWN] = (INSTANT, _instants(table, known, like=time))
    if instants.null_count():
        raise ValueError(f"the column `{time}` does not say of every row when it came")
    order = pl.Series(np.argsort(instants.to_numpy(), kind="stable"))
    in_order = {name: (type_, column.gather(order)) for name, (type_, column) in values.items()}
    made = _computed(found, instants.gather(order).to_numpy(), in_order)
    places = order.arg_sort()
    return [column.gather(places) for column in made]


def _computed(found: Sequence[Feature], times: Array, columns: Mapping[str, tuple[Type, pl.Series]]) -> list[pl.Series]:
    """The features of rows that are in order of time."""
    types = {name: type_ for name, (type_, _) in columns.items()}
    parts: dict[str, list[Cells]] = {feature.name: [] for feature in found}
    with closing(FeatureStream(found, types, Path(tempfile.gettempdir()))) as stream:
        for first in range(0, len(times), BATCH):
            batch = times[first : first + BATCH]
            rows = {n: cells_of(c.slice(first, len(batch)).to_arrow(), t, _EPOCH) for n, (t, c) in columns.items()}
            for name, cells in stream.add(batch, Rows(len(batch), rows)).items():
                parts[name].append(cells)
    return [_series(feature.name, parts[feature.name]) for feature in found]


def _series(name: str, parts: Sequence[Cells]) -> pl.Series:
    if not parts:
        return pl.Series(name, [], pl.Float64)
    cells = concatenated(parts)
    type_ = pa.float64() if cells.values.dtype.kind == "f" else pa.int64()
    return pl.Series(name, arrow_array(cells.values, type_, cells.missing))


def _labels(asked: Mapping[str, Any]) -> set[str]:
    """The columns that are asked for as labels, and so are labels wherever they are named."""
    named = [
        section[key]
        for section in asked.values()
        if isinstance(section, Mapping)
        for key in OF_LABELS
        if key in section
    ]
    return {name for names in named for name in ([names] if isinstance(names, str) else names)}


def _held(column: pl.Series, is_label: bool) -> tuple[Type, pl.Series]:
    """A column in held form, with its type; what features cannot be made of becomes text."""
    dtype = column.dtype
    if dtype == pl.Boolean or (is_label and dtype.is_integer() and column.is_in([0, 1]).all()):
        return BOOL, column.cast(pl.Boolean)
    if dtype == pl.UInt64:
        return WHOLE, column.reinterpret(signed=True)
    if dtype.is_integer():
        return WHOLE, column.cast(pl.Int64)
    if dtype.is_numeric():
        return _number(column.cast(pl.Float64))
    if dtype == pl.Duration:
        return DURATION, column.cast(pl.Duration("us")).cast(pl.Int64).cast(pl.Float64)
    if dtype in _TIMES:
        return INSTANT, column.cast(pl.Datetime("us")).cast(pl.Int64)
    return TEXT, column.cast(pl.String)


def _number(column: pl.Series) -> tuple[Type, pl.Series]:
    """An amount of money in cents if all numbers are whole hundredths, else numbers."""
    numbers = column.drop_nulls().to_numpy()
    cents = np.rint(numbers * 100)  # NumPy divides correctly rounded; Polars multiplies by the nearest 0.01
    if not ((cents / 100 == numbers) & (np.abs(cents) <= _MOST_CENTS)).all():
        return NUMBER, column
    return MONEY, (column * 100).round().cast(pl.Int64)


def _instants(table: pl.DataFrame, name: str, like: str | None = None) -> pl.Series:
    """A column of times as microseconds since 1970, in UTC where it has a time zone."""
    if name not in table.columns:
        raise ValueError(f"the table has no column `{name}`; it has: {', '.join(table.columns)}")
    dtype = table.schema[name]
    if dtype not in _TIMES:
        hint = "make dates or timestamps of them, as in `pl.datetime(2026, 1, 1) + pl.duration(hours=pl.col('step'))`"
        raise ValueError(f"the column `{name}` holds no times but {dtype}: {hint}")
    if like is not None and (_zone(dtype) is None) != (_zone(table.schema[like]) is None):
        raise ValueError(f"of the columns `{name}` and `{like}` one has a time zone and the other has none")
    return table[name].cast(pl.Datetime("us")).cast(pl.Int64)


def _zone(dtype: pl.DataType) -> str | None:
    return dtype.time_zone if isinstance(dtype, pl.Datetime) else None
