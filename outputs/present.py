"""From held values to the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from bustle.outputs.arrow_memory import Bits, arrow_array, named_array
from bustle.outputs.cells import Cells
from bustle.outputs.epoch import Epoch
from bustle.outputs.table_schema import TableColumn, table_factor, table_type
from bustle.scenarios.types import Agent, Category, Episode, Instant, Quantity, State

NEVER = 2**62
"""The instant ``never``, and those after it: missing in a table."""


def present(
    cells: Mapping[str, Cells], columns: Sequence[TableColumn], schema: pa.Schema, epoch: Epoch
) -> pa.RecordBatch:
    """The rows of a table from held values.

    Args:
        cells: full cells for each of ``columns``; of features in the units of tables already.
        columns: the table's columns.
        schema: its Arrow schema, from `bustle.outputs.table_schema.table_schema`.
        epoch: the run's epoch.
    """
    arrays = [_array(cells[c.name], c, epoch) for c in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(cells: Cells, column: TableColumn, epoch: Epoch) -> pa.Array:
    values, missing = cells.values, cells.missing
    if cells.texts is not None:
        codes = arrow_array(values, pa.int32(), missing)
        return pa.DictionaryArray.from_arrays(codes, cells.texts).cast(pa.string())
    match column.type:
        case Category() | State():
            return named_array(values, column.type.levels, missing)
        case Instant():
            never = values >= NEVER
            if never.any():
                missing = _or(missing, never)
                values = np.where(never, 0, values)
            return arrow_array(values + epoch.start, epoch.arrow_type, missing)
        case Quantity() if not (column.type.is_plain and column.type.whole):
            # NaN is what an undefined number is while computing; in a table it is missing like any other value.
            if values.dtype.kind == "f" and (undefined := np.isnan(values)).any():
                missing = _or(missing, undefined)
            times, over = (1, 1) if column.role == "feature" else table_factor(column.type)
            numbers = values.astype(np.float64, copy=False)
            if times != 1:
                numbers = numbers * times
            if over != 1:
                numbers = numbers / over
            return arrow_array(numbers, pa.float64(), missing)
        case Quantity() | Agent() | Episode():
            return arrow_array(values.astype(np.int64, copy=False), pa.int64(), missing)
        case _:
            return arrow_array(values, table_type(column.type, epoch), missing)


def _or(missing: Bits | None, more: Bits) -> Bits:
    return more if missing is None else missing | more
