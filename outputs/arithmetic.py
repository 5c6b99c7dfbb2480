"""What operators, comparisons and functions give in a table.

What has no value - a division by zero, the logarithm of a negative number - is missing, and what is computed from
something missing is missing too. Everything here is the same on every machine: NumPy's own ``exp``, ``log`` and
``power`` differ in the last bit between processors, so those three are Polars', which asks the C library.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from bustle.outputs.arrow_memory import Array, Bits
from bustle.outputs.cells import Cells, any_missing, same_texts
from bustle.scenarios.model import Binary, Call, Compare, Const, Convert, Expr, Param
from bustle.scenarios.types import Agent, Episode, Instant, Nothing, Quantity, Type

CENTS = 100
_LARGEST = 2.0**63

Operation = Callable[..., Cells]


def whole(numbers: Array, missing: Bits | None = None) -> Cells:
    """Float64 rounded half to even to int64; missing where it is not finite or too large."""
    rounded = np.rint(numbers)
    fits = (rounded >= -_LARGEST) & (rounded < _LARGEST)
    if fits.all():
        return Cells(rounded.astype(np.int64), missing)
    return Cells(np.where(fits, rounded, 0.0).astype(np.int64), missing).lacking(~fits)


def divide(left: Cells, right: Cells) -> Cells:
    """``left / right`` as float64; missing where ``right`` is 0."""
    return _by(np.divide, left, right)


def _by(function: Callable[..., Any], left: Cells, right: Cells) -> Cells:
    divisor = right.as_float()
    zero = divisor == 0
    result = Cells(function(left.as_float(), divisor), any_missing(left, right))
    return result.lacking(zero) if zero.any() else result


def held_whole(type_: Type) -> bool:
    """True for what is held as int64 and counted: whole numbers, money and instants."""
    return isinstance(type_, Instant) or (isinstance(type_, Quantity) and type_.held_whole)


# --- operators --------------------------------------------------------------------


def binary(expr: Binary) -> Operation:
    """The operation of ``expr`` on the values of its two sides."""
    wholes = held_whole(expr.left.type) and held_whole(expr.right.type) and expr.op != "/"
    if expr.op == "**":
        operation = _power
    elif wholes and expr.op in ("//", "%"):
        operation = _whole_division(_ARITHMETIC[expr.op])
    elif expr.op in ("/", "//", "%"):
        operation = _float_division(_FLOAT_DIVISION[expr.op])
    else:
        operation = _plain(_ARITHMETIC[expr.op])
    if not held_whole(expr.type):
        return lambda left, right: _float(operation(left, right))
    if wholes:
        return operation
    return lambda left, right: _rounded(operation(left, right))


def _plain(function: Callable[[Any, Any], Any]) -> Operation:
    return lambda left, right: Cells(function(left.values, right.values), any_missing(left, right))


def _whole_division(function: Callable[[Any, Any], Any]) -> Operation:
    def divided(left: Cells, right: Cells) -> Cells:
        result = Cells(function(left.values, right.values), any_missing(left, right))
        zero = right.values == 0
        return result.lacking(zero) if zero.any() else result

    return divided


def _float_division(function: Callable[..., Any]) -> Operation:
    return lambda left, right: _by(function, left, right)


def _power(left: Cells, right: Cells) -> Cells:
    import polars as pl

    base, exponent = np.broadcast_arrays(np.atleast_1d(left.as_float()), right.as_float())
    result = (pl.Series(base) ** pl.Series(exponent)).to_numpy()
    return Cells(result if left.values.ndim or right.values.ndim else result[0], any_missing(left, right))


def _float(cells: Cells) -> Cells:
    return Cells(cells.as_float(), cells.missing)


def _rounded(cells: Cells) -> Cells:
    return whole(cells.as_float(), cells.missing)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}

_FLOAT_DIVISION: dict[str, Callable[..., Any]] = {"/": np.divide, "//": np.floor_divide, "%": np.remainder}


# --- comparisons and logic ----------------------------------------------------------


def compare(expr: Compare) -> Operation:
    """The operation of ``expr`` on the values of its two sides."""
    if is_none(expr.left) or is_none(expr.right):
        left_is = is_none(expr.left)
        return lambda left, right: _lacks(right if left_is else left, equal=expr.op == "==")
    if isinstance(expr.left.type, Agent | Episode):
        return lambda left, right: _same_agent(left, right, equal=expr.op == "==")
    function = _COMPARE[expr.op]
    either_nan = (_may_be_nan(expr.left), _may_be_nan(expr.right))

    def compared(left: Cells, right: Cells) -> Cells:
        if left.texts is not None and right.texts is not None:
            left, right = _in_order(left, right)
        result = Cells(np.asarray(function(left.values, right.values)), any_missing(left, right))
        if result.missing is None:
            return result
        # A comparison with NaN is known, whatever the other side is: false, or true for !=.
        values, missing = result.values, result.missing
        for side, may_be in zip((left, right), either_nan, strict=True):
            if may_be:
                nan = np.isnan(side.values)
                nan = nan if side.missing is None else nan & ~side.missing
                values, missing = np.where(nan, expr.op == "!=", values), missing & ~nan
        return Cells(values, missing)

    return compared


def is_none(expr: Expr) -> bool:
    """True for a bare ``none``."""
    return isinstance(expr.type, Nothing) or (isinstance(expr, Const) and expr.value is None)


def _lacks(cells: Cells, *, equal: bool) -> Cells:
    missing = np.zeros((), np.bool_) if cells.missing is None else cells.missing
    return Cells(missing if equal else ~missing)


def _same_agent(left: Cells, right: Cells, *, equal: bool) -> Cells:
    """Agents and episodes: none is none, and nobody else."""
    same = np.asarray(left.values == right.values)
    if left.missing is not None or right.missing is not None:
        one, other = (np.zeros((), np.bool_) if c.missing is None else c.missing for c in (left, right))
        same = (same & ~one & ~other) | (one & other)
    return Cells(same if equal else ~same)


def _in_order(left: Cells, right: Cells) -> tuple[Cells, Cells]:
    """Texts as numbers that compare as the texts do."""
    one, other = same_texts(left, right)
    assert one.texts is not None
    texts = one.texts.to_pylist()
    rank = np.empty(len(texts), np.int64)
    rank[np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)] = np.arange(len(texts))
    return Cells(rank[one.values], one.missing), Cells(rank[other.values], other.missing)


def _may_be_nan(expr: Expr) -> bool:
    return isinstance(expr.type, Quantity) and not held_whole(expr.type) and not isinstance(expr, Const | Param)


def both(left: Cells, right: Cells) -> Cells:
    """``left and right``: false where one side is, whatever the other."""
    missing = any_missing(left, right)
    if missing is None:
        return Cells(left.values & right.values)
    false = _is(left, False) | _is(right, False)
    return Cells(left.values & right.values & ~missing, missing & ~false)


def either(left: Cells, right: Cells) -> Cells:
    """``left or right``: true where one side is, whatever the other."""
    missing = any_missing(left, right)
    if missing is None:
        return Cells(left.values | right.values)
    true = _is(left, True) | _is(right, True)
    return Cells(true, missing & ~true)


def _is(cells: Cells, value: bool) -> Bits:
    same: Bits = np.asarray(cells.values == value)
    return same if cells.missing is None else same & ~cells.missing


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# --- functions and conversions ------------------------------------------------------


def call(expr: Call) -> Operation:
    """The operation of a function that is none of the calendar's.

    Raises:
        KeyError: there is no such function.
    """
    if expr.function in _ROUNDINGS:
        # Whole numbers beyond 2**53 would not survive a trip through float64, and are round already.
        rounding = _ROUNDINGS[expr.function]
        return (lambda x: x) if held_whole(expr.arguments[0].type) else lambda x: whole(rounding(x.values), x.missing)
    return _CALLS[expr.function]


def convert(expr: Convert) -> Operation:
    """The operation of a change of held form."""
    return _CONVERSIONS[expr.how]


def _to_money(cells: Cells) -> Cells:
    return whole(cells.as_float() * CENTS, cells.missing)


def _to_number(cells: Cells) -> Cells:
    return Cells(cells.as_float() / CENTS, cells.missing)


def _least(*cells: Cells) -> Cells:
    return reduce(lambda a, b: _replaced(a, b, _less(b.values, a.values)), cells)


def _greatest(*cells: Cells) -> Cells:
    return reduce(lambda a, b: _replaced(a, b, _less(a.values, b.values)), cells)


def _less(left: Array, right: Array) -> Bits:
    """``left < right``, with NaN above every number."""
    less: Bits = np.asarray(left < right)
    if left.dtype.kind == "f" or right.dtype.kind == "f":
        less = less | (np.isnan(right) & ~np.isnan(left))
    return less


def _replaced(first: Cells, second: Cells, better: Bits) -> Cells:
    """``second`` where it is better and both have a value, else ``first``."""
    missing = any_missing(first, second)
    if missing is not None:
        better = better & ~missing
    return Cells(np.where(better, second.values, first.values), first.missing)


def _clip(cells: Cells, low: Cells, high: Cells) -> Cells:
    return _least(_greatest(cells, low), high)


def _exp(cells: Cells) -> Cells:
    return Cells(_through_c("exp", cells.as_float()), cells.missing)


def _log(cells: Cells) -> Cells:
    numbers = cells.as_float()
    return Cells(_through_c("log", numbers), cells.missing).lacking(_marked(numbers <= 0))


def _sqrt(cells: Cells) -> Cells:
    numbers = cells.as_float()
    return Cells(np.sqrt(numbers), cells.missing).lacking(_marked(numbers < 0))


def _marked(mask: Bits) -> Bits | None:
    return mask if mask.any() else None


def _through_c(function: str, numbers: Array) -> Array:
    import polars as pl

    result: Array = getattr(pl.Series(np.atleast_1d(numbers)), function)().to_numpy()
    return result if numbers.ndim else result[0]


_ROUNDINGS: dict[str, Callable[[Array], Array]] = {"round": lambda x: x, "floor": np.floor, "ceil": np.ceil}

_CALLS: dict[str, Operation] = {
    "abs": lambda x: Cells(np.abs(x.values), x.missing),
    "min": _least,
    "max": _greatest,
    "clip": _clip,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "money": _to_money,
    "number": _to_number,
}

_CONVERSIONS: dict[str, Operation] = {
    "to_money": _to_money,
    "to_number": _to_number,
    "to_float": _float,
    "to_whole": lambda x: Cells(x.values.astype(np.int64), x.missing),
}
