"""Values of constant expressions, and the limits of what can be held."""

from __future__ import annotations

import math

from bustle.scenarios.model import Binary, Const, Convert, Expr, Unary
from bustle.scenarios.rule_parser import LARGEST_WHOLE
from bustle.scenarios.types import Instant, Quantity, Type

LONGEST_DURATION = 2.0**62
"""Longest duration in microseconds: some 146,000 years."""


def fold(expr: Expr) -> Expr:
    """``expr`` as one `Const` if it is arithmetic on constants, else unchanged.

    Raises:
        ArithmeticError: It has no value, or one that cannot be held; the message says which.
    """
    match expr:
        case Unary(op="-", operand=Const(value=int() | float() as value)):
            return _const(-value, expr)
        case Convert(how="to_float", operand=Const(value=int() | float() as value)):
            return _const(float(value), expr)
        case Convert(how="to_money", operand=Const(value=int() | float() as value)):
            return _const(value * 100, expr)
        case Binary(op=op, left=Const(value=int() | float() as left), right=Const(value=int() | float() as right)):
            if isinstance(expr.type, Quantity):
                return _const(_operate(op, left, right), expr)
    return expr


def _const(value: float, expr: Expr) -> Const:
    """``value`` as a constant in the held form of ``expr``."""
    whole = isinstance(expr.type, Quantity) and expr.type.held_whole
    refuse_extremes(value, expr.type)
    return Const(round(value) if whole else float(value), type=expr.type, span=expr.span)


def refuse_extremes(value: float, type_: Type) -> None:
    """Raises ArithmeticError if ``value`` is too large to be held as a ``type_``."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ArithmeticError("this number is too large" if value == value else "this has no value")
    if isinstance(type_, Quantity) and type_.held_whole and abs(value) > LARGEST_WHOLE:
        raise ArithmeticError("this amount is too large" if type_.is_money else "this whole number is too large")
    if isinstance(type_, Quantity) and type_ == Quantity(time=1) and abs(value) > LONGEST_DURATION:
        raise ArithmeticError("this duration is too long")
    if isinstance(type_, Instant) and abs(value) > LARGEST_WHOLE:
        raise ArithmeticError("this time is too far away")


def _operate(op: str, left: float, right: float) -> float:
    try:
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "//":
                return left // right
            case "%":
                return left % right
            case _:
                return float(math.pow(left, right))
    except ZeroDivisionError:
        raise ArithmeticError("a division by zero") from None
    except ValueError:
        raise ArithmeticError("this has no value") from None
    except OverflowError:
        raise ArithmeticError("this number is too large") from None


def cents(amount: float) -> int:
    """An amount in the main unit as whole cents, halves to even."""
    return round(amount * 100)
