"""From held values to the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from bustle.outputs.epoch import Epoch
from bustle.outputs.table_schema import TableColumn, table_factor
from bustle.scenarios.types import Category, Instant, Quantity, State

NEVER = 2**62
"""The instant ``never``, and those after it: missing in a table."""


def present(frame: pl.DataFrame, columns: Sequence[TableColumn], schema: pa.Schema, epoch: Epoch) -> pa.RecordBatch:
    """The rows of a table from a frame of held values that has a column for each of ``columns``.

    Args:
        frame: held values (see `bustle.outputs.frames`).
        columns: the table's columns.
        schema: its Arrow schema, from `bustle.outputs.table_schema.table_schema`.
        epoch: the run's epoch.
    """
    arrays = [_array(frame.get_column(c.name), c, epoch) for c in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(series: pl.Series, column: TableColumn, epoch: Epoch) -> pa.Array:
    type_ = column.type
    match type_:
        case Category() | State():
            codes = series.cast(pl.Int32).to_arrow()
            return pa.DictionaryArray.from_arrays(codes, pa.array(type_.levels, type=pa.string()))
        case Instant():
            series = series.set(series >= NEVER, None)
            return (series.cast(pl.Int64) + epoch.start).to_arrow().cast(epoch.arrow_type)
        case Quantity() if type_.is_plain and type_.whole:
            return series.cast(pl.Int64).to_arrow()
        case Quantity():
            # NaN is what an undefined number is while computing; in a table it is missing like any other value.
            times, over = table_factor(type_)
            numbers = pc.multiply(series.cast(pl.Float64).fill_nan(None).to_arrow(), times)
            return pc.divide(numbers, over)
        case _:
            array = series.to_arrow()
            return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array
