"""Arithmetic on whole columns, equal bit for bit to Python's on single values.

A population is sampled column by column, but an agent spawned during a run is made by scalar code. Both must
follow the same arithmetic. IEEE 754 fixes ``+ - * / sqrt`` and comparisons; it does not fix ``exp``, ``log`` and
powers, whose vectorised versions in NumPy may differ from the C library's in the last bit, so those go through
Python's ``math`` one value at a time.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from bustle.agents.population import Array

WHOLE_LIMIT = 2.0**63
"""Whole numbers and money are held in 64 bits with a sign."""


CENTS = 100
"""Cents in one main unit of money."""


class ArithmeticProblem(Exception):
    """A value that cannot be computed; the evaluator adds the place in the scenario."""


def whole(values: Array) -> Array:
    """``values`` rounded half to even, as int64, like Python's ``round``.

    Raises:
        ArithmeticProblem: A value is not finite or does not fit.
    """
    if values.dtype.kind != "f":
        return values
    rounded = np.rint(values)
    fits = np.abs(rounded) < WHOLE_LIMIT
    if not fits.all():
        raise ArithmeticProblem(f"{float(values[~fits][0])} cannot be rounded to a whole number")
    return rounded.astype(np.int64)


def _exact(op: Callable[[Any, Any], Any], symbol: str) -> Callable[[Array, Array], Array]:
    """``+ - *``: exact for floats as NumPy does them, checked for overflow for integers."""

    def compute(left: Array, right: Array) -> Array:
        with np.errstate(all="ignore"):
            result: Array = op(left, right)
            if result.dtype.kind == "i":
                near = op(left.astype(np.float64), right.astype(np.float64))
                large = np.abs(near) >= WHOLE_LIMIT
                if large.any():
                    a, b = left[large][0], right[large][0]
                    raise ArithmeticProblem(f"{a} {symbol} {b} does not fit a whole number")
        return result

    return compute


def _divisor(left: Array, right: Array) -> None:
    zero = right == 0
    if zero.any():
        raise ArithmeticProblem(f"division of {left[zero][0].item()} by zero")


def _divide(left: Array, right: Array) -> Array:
    _divisor(left, right)
    with np.errstate(all="ignore"):
        result: Array = np.true_divide(left, right)
    return result


def _floor_divide(left: Array, right: Array) -> Array:
    _divisor(left, right)
    with np.errstate(all="ignore"):
        result: Array = np.floor_divide(left, right)
    return result


def _modulo(left: Array, right: Array) -> Array:
    _divisor(left, right)
    with np.errstate(all="ignore"):
        result: Array = np.remainder(left, right)
    return result


def _power(left: Array, right: Array) -> Array:
    bases, exponents = left.astype(np.float64), right.astype(np.float64)
    try:
        return np.fromiter(map(math.pow, bases.tolist(), exponents.tolist()), np.float64, count=len(bases))
    except (ValueError, OverflowError):
        base, exponent = _first_failure(math.pow, bases, exponents)
        raise ArithmeticProblem(f"{base} ** {exponent} is not a number that can be held") from None


BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "+": _exact(operator.add, "+"),
    "-": _exact(operator.sub, "-"),
    "*": _exact(operator.mul, "*"),
    "/": _divide,
    "//": _floor_divide,
    "%": _modulo,
    "**": _power,
}
"""Arithmetic by operator, on arrays of one length."""

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Comparisons by operator."""


def _first_failure(function: Callable[..., float], *columns: Array) -> tuple[float, ...]:
    for values in zip(*(column.tolist() for column in columns), strict=True):
        try:
            function(*values)
        except (ValueError, OverflowError):
            return tuple(values)
    raise AssertionError("no value fails")


def _through_math(function: Callable[[float], float], needs: str) -> Callable[[Array], Array]:
    def compute(values: Array) -> Array:
        floats = values.astype(np.float64)
        try:
            return np.fromiter(map(function, floats.tolist()), np.float64, count=len(floats))
        except (ValueError, OverflowError):
            (value,) = _first_failure(function, floats)
            raise ArithmeticProblem(f"{function.__name__}({value}): {needs}") from None

    return compute


def _minimum(*values: Array) -> Array:
    """The smallest as Python's ``min`` finds it: the first of equals, and NaN only where it stands first."""
    result = values[0]
    for value in values[1:]:
        result = np.where(value < result, value, result)
    return result


def _maximum(*values: Array) -> Array:
    """The largest as Python's ``max`` finds it."""
    result = values[0]
    for value in values[1:]:
        result = np.where(value > result, value, result)
    return result


def _clip(value: Array, low: Array, high: Array) -> Array:
    return _minimum(_maximum(value, low), high)


def _floor(values: Array) -> Array:
    return whole(np.floor(values)) if values.dtype.kind == "f" else values


def _ceil(values: Array) -> Array:
    return whole(np.ceil(values)) if values.dtype.kind == "f" else values


FUNCTIONS: dict[str, Callable[..., Array]] = {
    "abs": np.abs,
    "min": _minimum,
    "max": _maximum,
    "clip": _clip,
    "round": whole,
    "floor": _floor,
    "ceil": _ceil,
    "exp": _through_math(math.exp, "the result is too large"),
    "log": _through_math(math.log, "the argument must be above 0"),
    "sqrt": _through_math(math.sqrt, "the argument must not be below 0"),
}
"""Pure functions of the language that need no calendar, on arrays of one length."""
