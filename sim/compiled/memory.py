"""Memory that never moves, reserved from the system and used as far as it is needed."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_RESERVED = getattr(mmap, "MAP_NORESERVE", 0x4000)


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of memory.

    Attributes:
        address: where it begins.
        array: the whole of it; reading what was never written gives zeros.
    """

    address: int
    array: Array


class Memory:
    """All memory of a run. It is given back when this object goes."""

    def __init__(self) -> None:
        self._kept: list[object] = []

    def reserve(self, dtype: npt.DTypeLike, count: int) -> Region:
        """Room for ``count`` values, all zero. What is not touched takes no memory.

        Raises:
            MemoryError: the system does not give as much.
        """
        size = max(1, count) * np.dtype(dtype).itemsize
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _RESERVED
        try:
            block = mmap.mmap(-1, size, flags=flags)
        except OSError as error:
            raise MemoryError(f"the system does not give {size / 2**30:,.1f} GiB") from error
        array = np.frombuffer(block, dtype=dtype)[:count] if count else np.empty(0, dtype)
        whole = np.frombuffer(block, dtype=np.uint8)
        self._kept.append(whole)
        return Region(whole.ctypes.data, array)

    def keep(self, values: Array) -> Region:
        """An array as it is; it must not be resized. It is copied only if it is not contiguous."""
        array = np.ascontiguousarray(values)
        self._kept.append(array)
        return Region(array.ctypes.data, array)

    def copy(self, values: Array, room: int | None = None) -> Region:
        """A writable copy, with room for ``room`` values where more may come."""
        region = self.reserve(values.dtype, len(values) if room is None else room)
        region.array[: len(values)] = values
        return region
