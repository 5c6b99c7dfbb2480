"""Counts, sums, means and extremes over sets of agents, added up in canonical order."""

from __future__ import annotations

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Aggregate
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import held, write
from bustle.sim.compiled.operators import whole
from bustle.sim.compiled.pools import eligible, everybody_fits, pool_code
from bustle.sim.compiled.unit import Value, constant, kind_of
from bustle.sim.problems import nobody_to_ask


def aggregate(expr: Aggregate, coder: Coder, missing: int | None = None) -> Value:
    """An aggregate over the agents of a pool.

    Over nobody, ``min`` and ``max`` of instants give ``missing`` if there is one, and end the run otherwise.
    """
    if expr.pool is None:
        raise RunError("an aggregate over events has a value in tables only", expr.span)
    unit = coder.unit
    pool = pool_code(expr.pool, coder)
    if expr.value is None and everybody_fits(expr.pool, expr.where, coder):
        return Value(pool.size, "i")
    count, place = unit.let("0", "i").text, unit.let("0", "i").text
    kind = "f" if expr.value is None or kind_of(expr.value.type) == "f" else "i"
    result = unit.let("0.0" if kind == "f" else "0", kind)  # type: ignore[arg-type]
    with unit.block(f"while {place} < {pool.size}:"):
        candidate = unit.let(pool.at(place), "i", "c").text
        unit.line(f"{place} += 1")
        fits = eligible(expr.pool, expr.where, candidate, coder)
        if fits is not None:
            with unit.block(f"if not {fits}:"):
                unit.line("continue")
        if expr.value is not None:
            with coder.looking_at(candidate):
                one = held(write(expr.value, coder), kind)
            if expr.function in ("sum", "mean"):
                unit.line(f"{result.text} = {result.text} + {one}")
            else:
                sign = "<" if expr.function == "min" else ">"
                one = unit.let(one, kind).text  # type: ignore[arg-type]
                with unit.block(f"if {count} == 0 or {one} != {one} or {one} {sign} {result.text}:"):
                    unit.line(f"{result.text} = {one}")
        unit.line(f"{count} += 1")
    if expr.value is None:
        return Value(count, "i")
    if expr.function == "sum":
        return whole(result, coder, expr.span) if kind_of(expr.type) == "i" else unit.let(result.as_float(), "f")
    if kind_of(expr.type) == "i":
        if missing is None:
            unit.fail_if(f"{count} == 0", constant(nobody_to_ask(expr.function, expr.span)))
        else:
            with unit.block(f"if {count} == 0:"):
                unit.line(f"{result.text} = {missing}")
        return result
    value = unit.let("math.nan", "f")
    with unit.block(f"if {count} > 0:"):
        mean = f" / float({count})" if expr.function == "mean" else ""
        unit.line(f"{value.text} = {result.as_float()}{mean}")
    return value
