"""The pure functions of the language on single values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Call
from bustle.scenarios.types import MICROSECONDS
from bustle.sim.problems import outside_domain
from bustle.sim.reference.arithmetic import CENTS, whole
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.scope import Scope

_MATH: dict[str, Callable[[float], float]] = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt}

_ROUNDING: dict[str, Callable[[float], Any]] = {"round": lambda x: x, "floor": math.floor, "ceil": math.ceil}


def call(expr: Call, scope: Scope) -> Closure:
    """A call of a function of `bustle.scenarios.functions.FUNCTIONS`."""
    arguments = [scope.compile(argument) for argument in expr.arguments]
    name, span = expr.function, expr.span
    first = arguments[0]
    if name in _MATH:
        return _domain(name, first, expr)
    if name in _ROUNDING:
        rounding = _ROUNDING[name]

        def rounded(f: Frame) -> int:
            value = first(f)
            return whole(rounding(value) if math.isfinite(value) else value, span)

        return rounded
    match name:
        case "abs":
            return lambda f: abs(first(f))
        case "min":
            return lambda f: min([argument(f) for argument in arguments])
        case "max":
            return lambda f: max([argument(f) for argument in arguments])
        case "clip":
            _, low, high = arguments
            return lambda f: min(max(first(f), low(f)), high(f))
        case "money":
            return lambda f: whole(float(first(f)) * CENTS, span)
        case "number":
            return lambda f: first(f) / CENTS
        case "time_of_day":
            local = scope.runtime.calendar.local
            return lambda f: float(local(first(f)) % MICROSECONDS["day"])
        case "hour" | "weekday" | "day" | "month":
            moment: Callable[[int], int] = getattr(scope.runtime.calendar, name)
            return lambda f: moment(first(f))
    raise RunError(f"the function `{name}` is not known", span)


def _domain(name: str, argument: Closure, expr: Call) -> Closure:
    function, span = _MATH[name], expr.span

    def guarded(f: Frame) -> float:
        value = argument(f)
        try:
            return function(value)
        except (ValueError, OverflowError):
            raise outside_domain(name, value, span) from None

    return guarded
