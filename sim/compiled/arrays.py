"""Arrays that are used again, since fresh memory must first be cleared by the system: a fifth of a large run's time."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

from bustle.sim.compiled.memory import Array

_FEW = 16_384
"""Values up to which an array is made anew: the C library has such memory at hand."""

_SPARE, _MOST_SPARE = 1.25, 4
"""How much longer than asked for an array is made, so that it serves for the next one, too, and may be at most: a few
values that are held for long must not hold the memory of many."""

_FREE = 2
"""References to an array that nobody holds: the pool's, and that of who counts them."""


class ArrayPool:
    """Arrays for values that others hold for a while.

    An array goes to the next who asks once nobody holds it, or a view of it, any more.
    """

    def __init__(self) -> None:
        self._arrays: dict[np.dtype[np.generic], list[Array]] = {}

    def take(self, dtype: npt.DTypeLike, count: int) -> Array:
        """An array of ``count`` values, whatever they are."""
        wanted = np.dtype(dtype)
        if count <= _FEW:
            return np.empty(count, wanted)
        arrays = self._arrays.setdefault(wanted, [])
        unfit = None
        for place in range(len(arrays)):
            if sys.getrefcount(arrays[place]) == _FREE:
                if count <= len(arrays[place]) <= _MOST_SPARE * count:
                    return arrays[place][:count]
                unfit = place
        if unfit is not None:
            del arrays[unfit]
        arrays.append(np.empty(int(count * _SPARE), wanted))
        return arrays[-1][:count]
