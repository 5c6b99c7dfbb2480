"""Counts, sums, means and extremes over sets of agents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Aggregate
from bustle.sim.problems import nobody_to_ask
from bustle.sim.reference.arithmetic import held_as_int, whole
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.pools import eligible, unfiltered
from bustle.sim.reference.scope import Scope


def aggregate(expr: Aggregate, scope: Scope, *, may_miss: bool = False) -> Closure:
    """An aggregate over the agents of a pool; values are added in canonical order, in their held form.

    Over nobody, ``min`` and ``max`` of instants give None if they ``may_miss``, and end the run otherwise.
    """
    span = expr.span
    if expr.pool is None:
        raise RunError("an aggregate over events has a value in tables only", span)
    members, accepts = unfiltered(expr.pool, scope), eligible(expr.pool, expr.where, scope)
    if expr.value is None:

        def count(f: Frame) -> int:
            outer = f.candidate
            everyone = members(f)
            n = len(everyone) if accepts is None else sum([1 for agent in everyone if accepts(f, agent)])
            f.candidate = outer
            return n

        return count
    value = scope.compile(expr.value)
    integers = held_as_int(expr.value.type)
    result_is_int = held_as_int(expr.type)

    def values(f: Frame) -> Iterator[Any]:
        outer = f.candidate
        for agent in members(f):
            if accepts is None or accepts(f, agent):
                f.candidate = agent
                yield value(f)
        f.candidate = outer

    def total(f: Frame) -> tuple[Any, int]:
        added: Any = 0 if integers else 0.0
        n = 0
        for one in values(f):
            added += one
            n += 1
        return added, n

    def held(result: float) -> Any:
        return whole(result, span) if result_is_int else result

    match expr.function:
        case "sum":
            return lambda f: held(total(f)[0])
        case "mean":

            def mean(f: Frame) -> Any:
                added, n = total(f)
                return held(added / n if n else math.nan)

            return mean
        case _:
            smallest = expr.function == "min"

            def extreme(f: Frame) -> Any:
                best: Any = None
                for n, one in enumerate(values(f)):
                    if n == 0 or one != one or (one < best if smallest else one > best):
                        best = one
                if not result_is_int:
                    return math.nan if best is None else float(best)
                if best is None and not may_miss:
                    raise nobody_to_ask(expr.function, span)
                return best

            return extreme
