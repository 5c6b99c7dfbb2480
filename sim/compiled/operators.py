"""Arithmetic, comparisons and conversions; see `bustle.sim.reference.arithmetic` for what they mean."""

from __future__ import annotations

import operator
from collections.abc import Callable

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.model import Binary, Compare, Convert, Unary
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write
from bustle.sim.compiled.unit import Kind, Value, kind_of
from bustle.sim.problems import division_by_zero, no_power, not_whole, too_large

LIMIT = "9223372036854775808.0"
"""2 to the 63rd: whole numbers lie below it, and not below its negative."""

_EXACT: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
}


def unary(expr: Unary, coder: Coder) -> Value:
    """``-x`` or ``not x``."""
    operand = write(expr.operand, coder)
    if expr.op == "not":
        return coder.unit.let(f"not {operand.text}", "b")
    kind: Kind = "f" if operand.kind == "f" else "i"
    return coder.unit.let(f"-{operand.text if operand.kind == kind else operand.as_whole()}", kind)


def whole(value: Value, coder: Coder, span: Span | None) -> Value:
    """``value`` rounded half to even."""
    if value.kind != "f":
        return coder.unit.value(value.as_whole(), "i")
    rounded = coder.unit.let(f"rint({value.text})", "f")
    coder.unit.fail_if(
        f"not (-{LIMIT} <= {rounded.text} < {LIMIT})", lambda reals, _: not_whole(reals[0], span), (value.text,)
    )
    return coder.unit.let(f"whole({rounded.text})", "i")


def binary(expr: Binary, coder: Coder) -> Value:
    """Arithmetic; the result is brought to the held form of the expression's type."""
    left, right = write(expr.left, coder), write(expr.right, coder)
    whole_result = kind_of(expr.type) != "f"
    if left.kind != "f" and right.kind != "f" and expr.op not in ("/", "**"):
        a, b = left.as_whole(), right.as_whole()
        return _of_wholes(expr, a, b, coder) if whole_result else _of_wholes_as_float(expr, a, b, coder)
    result = _of_floats(expr, left, right, coder)
    return whole(result, coder, expr.span) if whole_result else result


def _of_floats(expr: Binary, left: Value, right: Value, coder: Coder) -> Value:
    unit, span = coder.unit, expr.span
    a, b = left.as_float(), right.as_float()
    match expr.op:
        case "+" | "-" | "*":
            return unit.let(f"{a} {expr.op} {b}", "f")
        case "**":
            base, exponent = unit.value(a, "f").text, unit.value(b, "f").text
            power = unit.let(f"pow_f64({base}, {exponent})", "f")
            unit.fail_if(
                f"not math.isfinite({power.text}) and math.isfinite({base}) and math.isfinite({exponent})",
                _power_error(left.kind, right.kind, span),
                (base, exponent),
            )
            return power
    _refuse_zero(left, right, coder, span)
    if expr.op == "/":
        return unit.let(f"{a} / {b}", "f")
    return unit.let(f"{'floor_divide' if expr.op == '//' else 'remainder'}({a}, {b})", "f")


def _power_error(left: str, right: str, span: Span | None):  # type: ignore[no-untyped-def]
    def said(value: float, kind: str) -> float:
        return value if kind == "f" else int(value)

    return lambda reals, _: no_power(said(reals[0], left), said(reals[1], right), span)


def _refuse_zero(left: Value, right: Value, coder: Coder, span: Span | None) -> None:
    zero = f"{right.text} == 0"
    if left.kind == "f":
        coder.unit.fail_if(zero, lambda reals, _: division_by_zero(reals[0], span), (left.text,))
    else:
        coder.unit.fail_if(zero, lambda _, wholes: division_by_zero(wholes[0], span), (), (left.as_whole(),))


def _of_wholes(expr: Binary, a: str, b: str, coder: Coder) -> Value:
    """Whole numbers that give one: in 64 bits, or the run ends."""
    unit, span, op = coder.unit, expr.span, expr.op
    if op in ("//", "%"):
        unit.fail_if(f"{b} == 0", lambda _, wholes: division_by_zero(wholes[0], span), (), (a,))
    if op == "%":
        return unit.let(f"{a} % {b}", "i")
    exact = _EXACT[op]

    def message(_: object, wholes: tuple[int, int]):  # type: ignore[no-untyped-def]
        return too_large(exact(*wholes), span)

    if op == "*":
        unit.fail_if(f"product_overflows({a}, {b})", message, (), (a, b))
        return unit.let(f"{a} * {b}", "i")
    if op == "//":
        unit.fail_if(f"{b} == -1 and {a} == -9223372036854775807 - 1", message, (), (a, b))
        return unit.let(f"{a} // {b}", "i")
    result = unit.let(f"{a} {op} {b}", "i")
    other = b if op == "+" else f"~{b}"
    unit.fail_if(f"({a} ^ {result.text}) & ({other} ^ {result.text}) < 0", message, (), (a, b))
    return result


def _of_wholes_as_float(expr: Binary, a: str, b: str, coder: Coder) -> Value:
    """Whole numbers that give a number: exact, then rounded to float64; beyond 64 bits rounded before."""
    unit, op = coder.unit, expr.op
    if op in ("//", "%"):
        unit.fail_if(f"{b} == 0", lambda _, wholes: division_by_zero(wholes[0], expr.span), (), (a,))
        return unit.let(f"float({a} {op} {b})", "f")
    result = unit.variable("f")
    exact = unit.let(f"{a} {op} {b}", "i")
    if op == "*":
        overflow = f"product_overflows({a}, {b})"
    else:
        other = b if op == "+" else f"~{b}"
        overflow = f"({a} ^ {exact.text}) & ({other} ^ {exact.text}) < 0"
    with unit.block(f"if {overflow}:"):
        unit.line(f"{result.text} = float({a}) {op} float({b})")
    with unit.block("else:"):
        unit.line(f"{result.text} = float({exact.text})")
    return result


def compare(expr: Compare, coder: Coder) -> Value:
    """A comparison; agents are equal when they are the same agent, and so are episodes."""
    left, right = write(expr.left, coder), write(expr.right, coder)
    if left.kind == "f" or right.kind == "f":
        return coder.unit.let(f"{left.as_float()} {expr.op} {right.as_float()}", "b")
    return coder.unit.let(f"{left.as_whole()} {expr.op} {right.as_whole()}", "b")


def convert(expr: Convert, coder: Coder) -> Value:
    """A change of held form."""
    operand = write(expr.operand, coder)
    match expr.how:
        case "to_money":
            return to_money(operand, coder, expr.span)
        case "to_number":
            return coder.unit.let(f"{operand.as_float()} / 100.0", "f")
        case "to_float":
            return coder.unit.value(operand.as_float(), "f")
        case "to_whole":
            return coder.unit.value(operand.as_whole(), "i")


def to_money(value: Value, coder: Coder, span: Span | None) -> Value:
    """Cents of a number, rounded half to even."""
    return whole(coder.unit.let(f"{value.as_float()} * 100.0", "f"), coder, span)
