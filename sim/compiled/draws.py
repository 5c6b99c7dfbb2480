"""Draws: calls of the same machine code that the reference engine calls, with the same address."""

from __future__ import annotations

from bustle.agents.randomness import INVALID
from bustle.agents.randomness.samplers import gives_float
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.model import Categorical, Draw, Empirical, Mixture, NewEpisode
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import held, read, write
from bustle.sim.compiled.unit import Value, constant, kind_of
from bustle.sim.compiled.words import draw_name
from bustle.sim.problems import bad_arguments, no_rows, no_weight


def draw(expr: Draw, coder: Coder) -> Value:
    """A draw from a distribution."""
    unit, form = coder.unit, FORMS[expr.form]
    arguments = [unit.value(write(argument, coder).as_float(), "f").text for argument in expr.arguments]
    if expr.purpose in coder.quantiles:
        return _quantile(expr, arguments, coder)
    repetition = coder.repetition(expr.purpose, expr.span)
    address = f"{coder.key(expr.purpose)}, {coder.identity}, {coder.occurrence}, {repetition}"
    floats = gives_float(form)
    value = unit.let(f"{draw_name(expr.form)}({', '.join([address, *arguments])})", "f" if floats else "i")
    count = len(arguments)
    unit.fail_if(
        f"{value.text} != {value.text}" if floats else f"{value.text} == {INVALID + 1} - 1",
        lambda reals, _: bad_arguments(expr.form, reals[:count], expr.span),
        tuple(arguments),
    )
    return unit.let(f"{value.text} != 0", "b") if form.result == "bool" else value


def _quantile(expr: Draw, arguments: list[str], coder: Coder) -> Value:
    """A correlated attribute: its distribution inverted at the probability that the copula gave, by the host."""
    unit = coder.unit
    room = unit.let(f"reserve({unit.context}, {1 + len(arguments)})", "i").text
    for place, text in enumerate([coder.quantiles[expr.purpose], *arguments]):
        unit.line(f"put_f64({room}, {place}, {text})")
    unit.line(f"call_host({unit.word('host', 'quantile', expr.form)}, {room}, {len(arguments)})")
    value = unit.let(f"get_f64({room}, 0)", "f")
    match FORMS[expr.form].result:
        case "whole":
            return unit.let(f"whole({value.text})", "i")
        case "bool":
            return unit.let(f"{value.text} != 0.0", "b")
    return value


def _part(expr: Categorical | Mixture, coder: Coder) -> str:
    """Which of the weights is drawn: the part whose share of the running sum holds the uniform number."""
    unit = coder.unit
    sums: list[str] = []
    for weight in [unit.value(write(weight, coder).as_float(), "f").text for weight in expr.weights]:
        positive = f"({weight} if {weight} > 0.0 else 0.0)"
        sums.append(unit.let(positive if not sums else f"{sums[-1]} + {positive}", "f").text)
    total = sums[-1]
    unit.fail_if(f"not {total} > 0.0", constant(no_weight(expr.span)))
    reach = unit.let(f"{coder.uniform(expr.purpose, expr.span)} * {total}", "f").text
    part = unit.let("0", "i").text
    for place, running in enumerate(sums[:-1]):
        with unit.block(f"if {part} == {place} and {running} <= {reach} and {running} < {total}:"):
            unit.line(f"{part} = {place + 1}")
    return part


def categorical(expr: Categorical, coder: Coder) -> Value:
    """A category's code."""
    return Value(_part(expr, coder), "i")


def mixture(expr: Mixture, coder: Coder) -> Value:
    """A draw from one of several expressions; only the chosen one is evaluated."""
    unit, kind = coder.unit, kind_of(expr.type)
    part = _part(expr, coder)
    result = unit.variable(kind)
    for place, component in enumerate(expr.components):
        with unit.block(f"{'if' if place == 0 else 'elif'} {part} == {place}:"):
            unit.line(f"{result.text} = {held(write(component, coder), kind)}")
    return result


def empirical(expr: Empirical, coder: Coder) -> Value:
    """A value of a file's column, each row equally likely."""
    unit = coder.unit
    how = "sorted" if expr.purpose in coder.quantiles else "plain"
    size = unit.let(unit.word("file size", expr.path, expr.column), "i").text
    unit.fail_if(f"{size} == 0", constant(no_rows(expr)))
    place = unit.let(f"whole({coder.uniform(expr.purpose, expr.span)} * {size})", "i").text
    return read(unit.word("file", expr.path, expr.column, how, expr.type), place, expr.type, coder)


def new_episode(expr: NewEpisode, coder: Coder) -> Value:
    """A fresh identifier of an episode."""
    repetition = coder.repetition(expr.purpose, expr.span)
    return coder.unit.let(
        f"episode_id({coder.key(expr.purpose)}, {coder.identity}, {coder.occurrence}, {repetition})", "i"
    )
