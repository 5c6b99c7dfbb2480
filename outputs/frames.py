"""Log files as rows of held values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bustle.outputs.cells import Array, Cells, Rows, cell_dtype
from bustle.outputs.epoch import Epoch
from bustle.outputs.schema import LogColumn
from bustle.scenarios.types import Bool, Category, Instant, State, Text, Type


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
    missing = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    match type_:
        case Text():
            coded = array.cast(pa.string()).dictionary_encode()
            return Cells(_whole(coded.indices), missing, coded.dictionary)
        case Category() | State():
            return Cells(_level_codes(array, type_), missing)
        case Instant():
            assert epoch is not None
            return Cells(_whole(array.view(pa.int64())) - epoch.start, missing)
        case Bool():
            return Cells(
                (array.fill_null(False) if array.null_count else array).to_numpy(zero_copy_only=False), missing
            )
        case _:
            filled = array.fill_null(0) if array.null_count else array
            return Cells(filled.to_numpy().astype(cell_dtype(type_), copy=False), missing)


def _level_codes(array: pa.DictionaryArray, type_: Category | State) -> Array:
    """Codes into the levels of ``type_``; a file may hold its names in another order."""
    indices = _whole(array.indices)
    names = array.dictionary.to_pylist()
    if names == list(type_.levels[: len(names)]):
        return indices
    code_of = {name: code for code, name in enumerate(type_.levels)}
    codes: Array = np.array([code_of.get(name, -1) for name in names] or [0], np.int32)
    return codes[indices]


def _whole(array: pa.Array) -> Array:
    """The whole numbers of an array; 0 where one is missing."""
    numbers: Array = (array.fill_null(0) if array.null_count else array).to_numpy()
    return numbers
