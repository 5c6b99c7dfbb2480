"""The pure functions of the language."""

from __future__ import annotations

import math

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Call
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import held, write
from bustle.sim.compiled.operators import LIMIT, to_money, whole
from bustle.sim.compiled.unit import Message, Value, kind_of
from bustle.sim.problems import not_whole, outside_domain

_OUTSIDE = {
    "exp": "math.isinf({result}) and math.isfinite({x})",
    "log": "{x} <= 0.0",
    "sqrt": "{x} < 0.0",
}
"""When a function has no value, as Python's ``math`` sees it."""


def call(expr: Call, coder: Coder) -> Value:
    """A call of a function of `bustle.scenarios.functions.FUNCTIONS`."""
    arguments = [write(argument, coder) for argument in expr.arguments]
    name, span, unit = expr.function, expr.span, coder.unit
    first = arguments[0]
    match name:
        case "exp" | "log" | "sqrt":
            return _of_the_math_module(expr, first, coder)
        case "round":
            return whole(first, coder, span)
        case "floor" | "ceil":
            return _floor_or_ceil(expr, first, coder)
        case "abs":
            return unit.let(f"abs({first.text})", first.kind)
        case "min" | "max":
            return _extreme("<" if name == "min" else ">", arguments, kind_of(expr.type), coder)
        case "clip":
            kind = kind_of(expr.type)
            above = _extreme(">", arguments[:2], kind, coder)
            return _extreme("<", [above, arguments[2]], kind, coder)
        case "money":
            return to_money(first, coder, span)
        case "number":
            return unit.let(f"{first.as_float()} / 100.0", "f")
        case "hour" | "weekday" | "day" | "month":
            return unit.let(f"{name}_of({_local(first, coder)})", "i")
        case "time_of_day":
            return unit.let(f"float(time_of_day_of({_local(first, coder)}))", "f")
    raise RunError(f"the function `{name}` is not known", span)


def _local(instant: Value, coder: Coder) -> str:
    words = (coder.unit.word("calendar", part) for part in ("starts", "shifts", "count"))
    return coder.unit.let(f"local_time({instant.text}, {', '.join(words)})", "i").text


def _of_the_math_module(expr: Call, argument: Value, coder: Coder) -> Value:
    x = coder.unit.value(argument.as_float(), "f").text
    result = coder.unit.let(f"math.{expr.function}({x})", "f")
    of_whole = argument.kind != "f"

    def message(reals: tuple[float, ...], _: object) -> RunError:
        return outside_domain(expr.function, int(reals[0]) if of_whole else reals[0], expr.span)

    coder.unit.fail_if(_OUTSIDE[expr.function].format(result=result.text, x=x), message, (x,))
    return result


def _floor_or_ceil(expr: Call, argument: Value, coder: Coder) -> Value:
    if argument.kind != "f":
        return coder.unit.value(argument.as_whole(), "i")
    rounding = math.floor if expr.function == "floor" else math.ceil

    def message(reals: tuple[float, ...], _: object) -> RunError:
        return not_whole(rounding(reals[0]) if math.isfinite(reals[0]) else reals[0], expr.span)

    good: Message = message
    rounded = coder.unit.let(f"np_{expr.function}({argument.text})", "f")
    coder.unit.fail_if(f"not (-{LIMIT} <= {rounded.text} < {LIMIT})", good, (argument.text,))
    return coder.unit.let(f"whole({rounded.text})", "i")


def _extreme(sign: str, values: list[Value], kind: str, coder: Coder) -> Value:
    """The smallest or largest as Python finds it: the first of equals, and NaN only where it stands first."""
    best = coder.unit.let(held(values[0], kind), "f" if kind == "f" else "i")
    for value in values[1:]:
        text = held(value, kind)
        with coder.unit.block(f"if {text} {sign} {best.text}:"):
            coder.unit.line(f"{best.text} = {text}")
    return best
