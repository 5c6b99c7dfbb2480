"""Arrow arrays over NumPy memory and back, without copies.

``pyarrow.array`` and ``to_numpy`` do the same, but look for pandas first and import it where it is installed, which
takes longer than recording a million rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]
Bits = npt.NDArray[np.bool_]


def arrow_array(values: Array, type_: pa.DataType, missing: Bits | None = None) -> pa.Array:
    """``values`` as an Arrow array of ``type_``, null where ``missing``.

    Args:
        values: numbers of the width that ``type_`` has in memory, or bool for Arrow's bool.
        type_: a number, an instant or bool.
        missing: bool of [rows]; None if nothing is.
    """
    held = np.packbits(values, bitorder="little") if pa.types.is_boolean(type_) else np.ascontiguousarray(values)
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(type_, len(values), [valid, pa.py_buffer(held)])


def text_array(texts: Sequence[str]) -> pa.StringArray:
    """A few texts, such as the levels of a category, as an Arrow array."""
    encoded = [text.encode() for text in texts]
    ends = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(text) for text in encoded], out=ends[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def named_array(codes: Array, names: Sequence[str], missing: Bits | None = None) -> pa.DictionaryArray:
    """Codes into ``names`` as an Arrow dictionary array.

    Raises:
        ArrowInvalid: a code that is not missing has no name.
    """
    held = codes.astype(np.int32, copy=False)
    if missing is not None:
        held = np.where(missing, np.int32(0), held)
    return pa.DictionaryArray.from_arrays(arrow_array(held, pa.int32(), missing), text_array(names))


def missing_of(array: pa.Array) -> Bits | None:
    """Where ``array`` is null; None if nowhere."""
    if not array.null_count:
        return None
    return ~_bits(array.buffers()[0], array.offset, len(array))


def values_of(array: pa.Array, dtype: npt.DTypeLike, missing: Bits | None) -> Array:
    """The values of a numeric or bool array as NumPy has them: a view where nothing is missing, else 0 there.

    Args:
        array: the array.
        dtype: NumPy's type of the same width.
        missing: what `missing_of` gives for the array.
    """
    memory = array.buffers()[1]
    values: Array
    if not len(array):
        return np.empty(0, dtype)
    if pa.types.is_boolean(array.type):
        values = _bits(memory, array.offset, len(array))
    else:
        values = np.frombuffer(memory, dtype)[array.offset : array.offset + len(array)]
    return values if missing is None else np.where(missing, np.zeros((), dtype), values)


def _bits(memory: pa.Buffer, offset: int, length: int) -> Bits:
    first, last = offset // 8, (offset + length + 7) // 8
    bits = np.unpackbits(np.frombuffer(memory, np.uint8)[first:last], bitorder="little")
    return bits[offset % 8 : offset % 8 + length].view(np.bool_)
