"""Arrays that are used again, since fresh memory must first be cleared by the system: a fifth of a large run's time."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

from bustle.sim.compiled.memory import Array

_SPARE = 1.25
"""How much longer than asked for an array is made, so that it serves for the next one, too."""

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
        arrays = self._arrays.setdefault(wanted, [])
        short = None
        for place in range(len(arrays)):
            if sys.getrefcount(arrays[place]) == _FREE:
                if len(arrays[place]) >= count:
                    return arrays[place][:count]
                short = place
        if short is not None:
            del arrays[short]
        arrays.append(np.empty(int(count * _SPARE), wanted))
        return arrays[-1][:count]
