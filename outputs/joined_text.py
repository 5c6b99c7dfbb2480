"""``text(...)`` in a table: texts, whole numbers, ids and names one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from bustle.outputs.arrow_memory import Array, arrow_array, text_array, values_of
from bustle.outputs.cells import Cells, any_missing
from bustle.scenarios.types import Category, State, Type


def joined_text(types: Sequence[Type]) -> Callable[..., Cells]:
    """The function that joins cells of ``types``, row by row; missing where one of them is.

    An agent is written as its id, a category or state by name, a whole number in decimal digits.

    Args:
        types: of the parts, in order: texts, whole numbers, agents, categories and states.
    """
    import pyarrow.compute as pc  # takes longer than most tables

    nothing = text_array([""])[0]  # to make a scalar of Python's text PyArrow imports pandas

    def joined(*parts: Cells) -> Cells:
        rows = np.broadcast_shapes(*(part.values.shape for part in parts))
        written = [_written(part, type_, rows) for part, type_ in zip(parts, types, strict=True)]
        texts = pc.binary_join_element_wise(*written, nothing).dictionary_encode()
        codes = values_of(texts.indices, np.int32, None)
        return Cells(codes if rows else codes[0], any_missing(*parts), texts.dictionary)

    return joined


def _written(cells: Cells, type_: Type, rows: tuple[int, ...]) -> pa.StringArray:
    """Every row as text; what stands where a value is missing means nothing."""
    values = np.atleast_1d(np.broadcast_to(cells.values, rows))
    if isinstance(type_, Category | State):
        return text_array(type_.levels).take(arrow_array(_within(values, cells, len(type_.levels)), pa.int64()))
    if cells.texts is not None:
        return cells.texts.take(arrow_array(_within(values, cells, len(cells.texts)), pa.int64()))
    return arrow_array(values.astype(np.int64), pa.int64()).cast(pa.string())


def _within(codes: Array, cells: Cells, names: int) -> Array:
    """Codes that all have a name, those of missing values too."""
    return codes.astype(np.int64) if cells.missing is None else np.clip(codes, 0, names - 1).astype(np.int64)
