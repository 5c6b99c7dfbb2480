"""Held forms to Arrow.

A column is *held* as a NumPy array in the form `bustle.scenarios.types` gives for its type: -1 is a missing agent,
episode, category or state, and an instant is microseconds since the start. Text is an array of objects or `Coded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from bustle.outputs.arrow_memory import Array, Bits, arrow_array, named_array, text_array
from bustle.outputs.epoch import Epoch
from bustle.outputs.errors import OutputError
from bustle.outputs.event_sink import Coded, Values
from bustle.outputs.schema import NONE, LogColumn, log_type
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, State, Text, Type

Part = Array | Coded
"""Some rows of a column."""

_FEW = 1 << 20
"""Texts up to which they are made into an array without PyArrow's own way, for which it imports pandas."""


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


def accept(values: Values, column: LogColumn, *, owned: bool) -> Part:
    """``values`` as a part of ``column`` that nobody else changes: None becomes -1 and names become codes.

    An array may keep a dtype other than the held one, from which `join` casts.

    Args:
        values: the values.
        column: the column.
        owned: True if an array among the arguments is never changed afterwards, so that it needs no copy.

    Raises:
        OutputError: a value is no value of the column's type.
    """
    dtype = held_dtype(column.type)
    try:
        if isinstance(values, Coded):
            return _coded(values, column, owned=owned)
        if isinstance(values, np.ndarray) and values.dtype.kind not in "OUS":
            array = _castable(values, dtype)
            return array if owned else array.astype(dtype)
        if isinstance(column.type, Text):
            return np.array(values, dtype=object)
        if isinstance(column.type, Category | State):
            codes = {name: code for code, name in enumerate(column.type.levels)}
            codes[None] = -1  # type: ignore[index]
            return np.array([v if isinstance(v, int | np.integer) else codes[v] for v in values], dtype=dtype)
        if column.missing is not None:
            return np.array([column.missing if v is None else v for v in values], dtype=dtype)
        return _castable(np.asarray(values, dtype=None if len(values) else dtype), dtype)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise OutputError(f"column {column.name}: cannot hold {error} as {column.type}") from error


def join(parts: Sequence[Part], column: LogColumn) -> Part:
    """The parts of a column as one: an array of the held dtype, or text as `Coded` if all parts are."""
    if isinstance(column.type, Text):
        return _join_texts(parts)
    dtype = held_dtype(column.type)
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if len(arrays) == 1:
        return arrays[0].astype(dtype, copy=False)
    return np.concatenate(arrays, dtype=dtype, casting="unsafe")


def _coded(values: Coded, column: LogColumn, *, owned: bool) -> Coded:
    if not isinstance(column.type, Text):
        raise TypeError("coded text")
    if len(values) and not -1 <= values.codes.min() <= values.codes.max() < len(values.texts):
        raise ValueError("a code without a text")
    return values if owned else Coded(values.codes.copy(), values.texts)


def _castable(values: Array, dtype: np.dtype[Any]) -> Array:
    """``values``, if no value is lost in a cast to ``dtype``: floats are never cut to integers."""
    if values.dtype.kind == "f" and dtype.kind in "iu":
        raise TypeError(f"{values.dtype} values")
    return values


def _join_texts(parts: Sequence[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    coded = [part for part in parts if isinstance(part, Coded)]
    if len(coded) == len(parts) and all(part.texts is coded[0].texts for part in coded):
        return Coded(np.concatenate([part.codes for part in coded]), coded[0].texts)
    return np.concatenate([_objects(part) for part in parts])


def _objects(part: Part) -> Array:
    """Text as an array of objects."""
    if isinstance(part, np.ndarray):
        return part
    texts = np.array([*part.texts, None], dtype=object)
    return texts.take(part.codes)


def to_arrow(values: Part, column: LogColumn, epoch: Epoch) -> pa.Array:
    """A held array, or coded text, as the log's Arrow array.

    Raises:
        OutputError: a value is no text, or a code stands for nothing.
    """
    try:
        if isinstance(values, Coded):
            missing = _equal(values.codes, NONE)
            return named_array(values.codes, values.texts, missing).cast(pa.string())
        missing = None if column.missing is None else _equal(values, column.missing)
        match column.type:
            case Instant():
                return arrow_array(values + epoch.start, epoch.arrow_type, missing)
            case Category() | State():
                return named_array(values, column.type.levels, missing)
            case Text():
                texts = values.tolist()
                if len(texts) <= _FEW and all(type(text) is str for text in texts):
                    return text_array(texts)
                return pa.array(values, type=pa.string())
            case _:
                return arrow_array(values, log_type(column.type, epoch), missing)
    except (pa.ArrowInvalid, pa.ArrowTypeError, IndexError) as error:
        raise OutputError(f"column {column.name}: cannot hold {error} as {column.type}") from error


def _equal(held: Array, missing: int) -> Bits | None:
    found: Bits = held == missing
    return found if found.any() else None
