"""Binary search, as `numpy.searchsorted` does it for one value, but quick to compile."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bustle.machine_code import kernel


@kernel
def search_right(values: npt.NDArray[np.generic], x: Any) -> int:
    """The number of ``values`` (rising, [n]) that are not above ``x``."""
    low, high = 0, values.size
    while low < high:
        middle = (low + high) // 2
        if values[middle] <= x:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def search_left(values: npt.NDArray[np.generic], x: Any) -> int:
    """The number of ``values`` (rising, [n]) that are below ``x``."""
    low, high = 0, values.size
    while low < high:
        middle = (low + high) // 2
        if values[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low
