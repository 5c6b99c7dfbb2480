"""Log files as rows of held values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bustle.outputs.arrow_memory import Array, Bits, missing_of, values_of
from bustle.outputs.cells import Cells, Rows, cell_dtype
from bustle.outputs.epoch import Epoch
from bustle.outputs.schema import LogColumn
from bustle.scenarios.types import Category, Instant, State, Text, Type


def held_rows(batch: pa.RecordBatch, columns: Sequence[LogColumn], epoch: Epoch) -> Rows:
    """A batch of a log file as rows of held values, with those of ``columns`` that the batch has."""
    present = set(batch.schema.names)
    held = {c.name: cells_of(batch.column(c.name), c.type, epoch) for c in columns if c.name in present}
    return Rows(batch.num_rows, held)


def cells_of(array: pa.Array, type_: Type, epoch: Epoch | None = None) -> Cells:
    """An Arrow array of a log, or of a scenario's file, as cells. Numbers are not copied.

    Args:
        array: values as `bustle.outputs.schema.log_type` says.
        type_: their type.
        epoch: the run's epoch; needed for instants.
    """
    if isinstance(type_, Text):
        coded = array.cast(pa.string()).dictionary_encode()
        missing = missing_of(coded)
        return Cells(values_of(coded.indices, np.int32, missing), missing, coded.dictionary)
    missing = missing_of(array)
    match type_:
        case Category() | State():
            return Cells(_level_codes(array, type_, missing), missing)
        case Instant():
            assert epoch is not None
            return Cells(values_of(array, np.int64, missing) - epoch.start, missing)
        case _:
            return Cells(values_of(array, cell_dtype(type_), missing), missing)


def _level_codes(array: pa.DictionaryArray, type_: Category | State, missing: Bits | None) -> Array:
    """Codes into the levels of ``type_``; a file may hold its names in another order."""
    indices = values_of(array.indices, np.int32, missing)
    names = array.dictionary.to_pylist()
    if names == list(type_.levels[: len(names)]):
        return indices
    code_of = {name: code for code, name in enumerate(type_.levels)}
    codes: Array = np.array([code_of.get(name, -1) for name in names] or [0], np.int32)
    return codes[indices]
