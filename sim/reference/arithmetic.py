"""Arithmetic on single values, as `bustle.agents.arithmetic` does it on columns, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.model import Binary, Compare, Convert, Unary
from bustle.scenarios.types import Bool, Instant, Quantity, Type
from bustle.sim.problems import division_by_zero, no_power, not_whole, too_large
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.scope import Scope

LIMIT = 1 << 63
"""Whole numbers and money lie in [-LIMIT, LIMIT)."""

CENTS = 100
"""Cents in one main unit of money."""


def held_as_int(type_: Type) -> bool:
    """True if values of the type are Python integers at run time (truth values count as such)."""
    return isinstance(type_, Instant | Bool) or (isinstance(type_, Quantity) and type_.held_whole)


def whole(value: float, span: Span | None) -> int:
    """``value`` rounded half to even.

    Raises:
        RunError: It is not finite, or does not fit in 64 bits.
    """
    try:
        result = round(value)
    except (ValueError, OverflowError):
        result = LIMIT
    if not -LIMIT <= result < LIMIT:
        raise not_whole(value, span)
    return result


def negate(expr: Unary, scope: Scope) -> Closure:
    """``-x`` or ``not x``."""
    operand = scope.compile(expr.operand)
    if expr.op == "not":
        return lambda f: not operand(f)
    return lambda f: -operand(f)


_PLAIN: dict[str, Callable[[Closure, Closure], Closure]] = {
    "+": lambda left, right: lambda f: left(f) + right(f),
    "-": lambda left, right: lambda f: left(f) - right(f),
    "*": lambda left, right: lambda f: left(f) * right(f),
}

_COMPARE: dict[str, Callable[[Closure, Closure], Closure]] = {
    "==": lambda left, right: lambda f: left(f) == right(f),
    "!=": lambda left, right: lambda f: left(f) != right(f),
    "<": lambda left, right: lambda f: left(f) < right(f),
    "<=": lambda left, right: lambda f: left(f) <= right(f),
    ">": lambda left, right: lambda f: left(f) > right(f),
    ">=": lambda left, right: lambda f: left(f) >= right(f),
}


def binary(expr: Binary, scope: Scope) -> Closure:
    """Arithmetic; the result is brought to the held form of the expression's type."""
    left, right = scope.compile(expr.left), scope.compile(expr.right)
    integers = held_as_int(expr.left.type) and held_as_int(expr.right.type)
    if expr.op in _PLAIN:
        closure = _PLAIN[expr.op](left, right)
    elif expr.op == "**":
        closure = _power(left, right, expr.span)
    else:
        closure = _division(expr.op, left, right, integers, expr.span)
    return _held(closure, expr, integers)


def _held(closure: Closure, expr: Binary, integers: bool) -> Closure:
    span = expr.span
    if held_as_int(expr.type):
        if not (integers and expr.op not in ("/", "**")):
            return lambda f: whole(closure(f), span)

        def checked(f: Frame) -> int:
            result: int = closure(f)
            if not -LIMIT <= result < LIMIT:
                raise too_large(result, span)
            return result

        return checked
    if integers and expr.op != "**":
        return lambda f: float(closure(f))
    return closure


def _division(op: str, left: Closure, right: Closure, integers: bool, span: Span | None) -> Closure:
    if op == "/":

        def divide(f: Frame) -> float:
            over = left(f)
            under = right(f)
            if under == 0:
                raise division_by_zero(over, span)
            return float(over) / float(under)

        return divide

    def floor_divide(f: Frame) -> Any:
        over = left(f)
        under = right(f)
        if under == 0:
            raise division_by_zero(over, span)
        return over // under if op == "//" else over % under

    return floor_divide


def _power(left: Closure, right: Closure, span: Span | None) -> Closure:
    def power(f: Frame) -> float:
        base = left(f)
        exponent = right(f)
        try:
            return math.pow(base, exponent)
        except (ValueError, OverflowError):
            raise no_power(base, exponent, span) from None

    return power


def compare(expr: Compare, scope: Scope) -> Closure:
    """A comparison; agents are equal when they are the same agent."""
    return _COMPARE[expr.op](scope.compile(expr.left), scope.compile(expr.right))


def convert(expr: Convert, scope: Scope) -> Closure:
    """A change of held form."""
    operand = scope.compile(expr.operand)
    span = expr.span
    match expr.how:
        case "to_money":
            return _to_money(operand, span)
        case "to_number":
            return lambda f: operand(f) / CENTS
        case "to_float":
            return lambda f: float(operand(f))
        case "to_whole":
            return lambda f: int(operand(f))


def _to_money(operand: Closure, span: Span | None) -> Closure:
    def to_money(f: Frame) -> int:
        amount: float = operand(f) * 100.0
        if -(2.0**62) < amount < 2.0**62:
            return round(amount)
        return whole(amount, span)

    return to_money
