"""Held forms to Arrow.

A column is *held* as a NumPy array in the form `bustle.scenarios.types` gives for its type: -1 is a missing agent,
episode, category or state, and an instant is microseconds since the start.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bustle.outputs.epoch import Epoch
from bustle.outputs.errors import OutputError
from bustle.outputs.event_sink import Values
from bustle.outputs.schema import LogColumn
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, State, Text, Type

Array = npt.NDArray[Any]


def held_dtype(type_: Type) -> np.dtype[Any]:
    """The NumPy dtype in which values of ``type_`` are held."""
    match type_:
        case Quantity():
            return np.dtype(np.int64 if type_.held_whole else np.float64)
        case Bool():
            return np.dtype(np.bool_)
        case Category() | State():
            return np.dtype(np.int32)
        case Instant() | Agent() | Episode():
            return np.dtype(np.int64)
        case Text():
            return np.dtype(object)
        case _:
            raise TypeError(f"values of type {type_} are not held in columns")


def hold(values: Values, column: LogColumn) -> Array:
    """``values`` as an array of the column's held dtype; None becomes -1 and names become codes.

    Raises:
        OutputError: a value is no value of the column's type.
    """
    dtype = held_dtype(column.type)
    try:
        if isinstance(values, np.ndarray) and values.dtype.kind not in "OUS":
            array = _cast(values, dtype)
            # The caller may fill its buffer again before the row group is written.
            return array.copy() if np.may_share_memory(array, values) else array
        if isinstance(column.type, Text):
            return np.asarray(values, dtype=object)
        if isinstance(column.type, Category | State):
            codes = {name: code for code, name in enumerate(column.type.levels)}
            codes[None] = -1  # type: ignore[index]
            return np.array([v if isinstance(v, int | np.integer) else codes[v] for v in values], dtype=dtype)
        if column.nullable:
            return np.array([-1 if v is None else v for v in values], dtype=dtype)
        return _cast(np.asarray(values, dtype=None if len(values) else dtype), dtype)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise OutputError(f"column {column.name}: cannot hold {error} as {column.type}") from error


def _cast(values: Array, dtype: np.dtype[Any]) -> Array:
    """Cast where no value is lost: floats are never cut to integers."""
    if values.dtype.kind == "f" and dtype.kind in "iu":
        raise TypeError(f"{values.dtype} values")
    return values.astype(dtype, copy=False)


def to_arrow(values: Array, column: LogColumn, epoch: Epoch) -> pa.Array:
    """A held array as the log's Arrow array."""
    missing = values == -1 if column.nullable else None
    if missing is not None and not missing.any():
        missing = None
    match column.type:
        case Instant():
            return pa.array(values + epoch.start, type=pa.int64(), mask=missing).cast(epoch.arrow_type)
        case Category() | State():
            levels = pa.array(column.type.levels, type=pa.string())
            return pa.DictionaryArray.from_arrays(pa.array(values, type=pa.int32(), mask=missing), levels)
        case Text():
            return pa.array(values, type=pa.string())
        case _:
            return pa.array(values, mask=missing)
