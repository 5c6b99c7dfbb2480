"""Division as IEEE 754 has it.

Polars divides floats by a constant as a multiplication by its inverse, which is off by one in the last place for some
numbers: 1999 cents would be 19.990000000000002, and ``floor(49 seconds / 1 second)`` could be 48. NumPy divides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Float64Array = npt.NDArray[np.float64]


def divide(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """``left / right`` as float64; null where ``right`` is 0."""
    return _through_numpy(np.divide, left, right)


def floor_divide(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """``left // right`` of floats, rounded down as in Python; null where ``right`` is 0."""
    return _through_numpy(np.floor_divide, left, right)


def remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """``left % right`` of floats, with the sign of ``right`` as in Python; null where ``right`` is 0."""
    return _through_numpy(np.remainder, left, right)


def _through_numpy(function: Callable[..., Any], left: pl.Expr, right: pl.Expr) -> pl.Expr:
    def computed(pair: pl.Series) -> pl.Series:
        one, other = pair.struct.field("left"), pair.struct.field("right")
        missing = one.is_null() | other.is_null() | (other == 0)
        with np.errstate(all="ignore"):
            result: Float64Array = function(one.to_numpy(), other.to_numpy())
        return pl.Series(result).set(missing.fill_null(True), None)

    pair = pl.struct(left.cast(pl.Float64).alias("left"), right.cast(pl.Float64).alias("right"))
    return pair.map_batches(computed, return_dtype=pl.Float64, is_elementwise=True)
