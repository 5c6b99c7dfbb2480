"""Log files as Polars frames of held values.

In these frames a missing agent, episode, category or state is null; categories and states are int32 codes into the
levels of their type, and instants are int64 microseconds since the start.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from bustle.outputs.epoch import Epoch
from bustle.outputs.schema import LogColumn
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Nothing, Quantity, State, Text, Type


def frame_dtype(type_: Type) -> pl.DataType:
    """The Polars dtype of values of ``type_`` in a frame of held values."""
    match type_:
        case Quantity():
            return pl.Int64() if type_.held_whole else pl.Float64()
        case Bool():
            return pl.Boolean()
        case Category() | State():
            return pl.Int32()
        case Instant() | Agent() | Episode():
            return pl.Int64()
        case Text():
            return pl.String()
        case Nothing():
            return pl.Null()
        case _:
            raise TypeError(f"a table cannot hold values of type {type_}")


def held_frame(batch: pa.RecordBatch, columns: Sequence[LogColumn], epoch: Epoch) -> pl.DataFrame:
    """A batch of a log file as a frame of held values, with those of ``columns`` that the batch has."""
    present = set(batch.schema.names)
    return pl.DataFrame([_held(batch.column(c.name), c, epoch) for c in columns if c.name in present])


def _held(array: pa.Array, column: LogColumn, epoch: Epoch) -> pl.Series:
    match column.type:
        case Instant():
            return _series(array.cast(pa.int64()), column.name) - epoch.start
        case Category() | State():
            code_of = {name: code for code, name in enumerate(column.type.levels)}
            own = pl.Series([code_of.get(name) for name in array.dictionary.to_pylist()], dtype=pl.Int32)
            indices = _series(array.indices, column.name)
            return own.gather(indices).alias(column.name)
        case _:
            return _series(array, column.name)


def _series(array: pa.Array, name: str) -> pl.Series:
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series.alias(name)
