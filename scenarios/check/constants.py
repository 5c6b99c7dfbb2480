"""Values of constant expressions, and the conversions between held forms."""

from __future__ import annotations

import math

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.model import Binary, Const, Convert, Expr, Unary
from bustle.scenarios.types import MONEY, NUMBER, WHOLE, Quantity, Type

Value = float | int | bool | str | None


def fold(expr: Expr) -> Expr:
    """``expr`` as one `Const` if it is arithmetic on constants, else unchanged.

    Arithmetic that has no value (a division by zero, an overflow) is left for the run to report.
    """
    match expr:
        case Unary(op="-", operand=Const(value=int() | float() as value)):
            return Const(-value, type=expr.type, span=expr.span)
        case Convert(how="to_float", operand=Const(value=int() | float() as value)):
            return Const(float(value), type=expr.type, span=expr.span)
        case Convert(how="to_money", operand=Const(value=int() | float() as value)):
            return Const(cents(value), type=expr.type, span=expr.span)
        case Binary(op=op, left=Const(value=int() | float() as left), right=Const(value=int() | float() as right)):
            result = _operate(op, left, right)
            if result is None or not math.isfinite(result):
                return expr
            if isinstance(expr.type, Quantity):
                folded = round(result) if expr.type.held_whole else float(result)
                return Const(folded, type=expr.type, span=expr.span)
    return expr


def _operate(op: str, left: float, right: float) -> float | None:
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
            case "**":
                value = left**right if abs(right) < 1000 else None
                return None if isinstance(value, complex) else value
    except (ZeroDivisionError, OverflowError):
        return None
    return None


def cents(amount: float) -> int:
    """An amount in the main unit as whole cents, halves to even."""
    return round(amount * 100)


def constant(expr: Expr) -> Value:
    """The value of a constant expression; raises ValueError for any other."""
    if isinstance(expr, Const):
        return expr.value
    raise ValueError("not a constant")


def number(value: float, span: Span | None = None) -> Const:
    """A plain constant number."""
    whole = isinstance(value, int)
    return Const(value, type=WHOLE if whole else NUMBER, span=span)


def holds(type_: Type) -> str:
    """A short name of how values of ``type_`` are written, for messages."""
    return "money" if type_ == MONEY else str(type_)
