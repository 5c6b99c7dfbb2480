"""Draws: each is a pure function of the run's seed, its purpose, the agent, the firing and the repetition."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from bustle.agents.randomness import INVALID
from bustle.agents.randomness.samplers import gives_float
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.model import Categorical, Draw, Empirical, Expr, Mixture, NewEpisode
from bustle.scenarios.types import Category
from bustle.sim.problems import bad_arguments, no_rows, no_weight
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.single_draws import episode_id, uniform01
from bustle.sim.reference.single_draws import sampler as sampler_of


def draw(expr: Draw, scope: Scope) -> Closure:
    """A draw from a distribution."""
    if expr.purpose in scope.correlated:
        return _quantile(expr, scope)
    sampler = sampler_of(expr.form)
    key = scope.runtime.key(expr.purpose)
    arguments = [scope.compile(argument) for argument in expr.arguments]
    form, span = expr.form, expr.span
    floats = gives_float(FORMS[form])
    finish = bool if FORMS[form].result == "bool" else None
    take = scope.repetition(expr.purpose, span) if expr.purpose in scope.repeated else None
    if len(arguments) == 1:
        (only,) = arguments

        def draw_by_one(f: Frame) -> Any:
            argument = only(f)
            value = sampler(key, f.identity, f.occurrence, 0 if take is None else take(f), argument)
            if value != value if floats else value == INVALID:
                raise bad_arguments(form, (argument,), span)
            return value if finish is None else finish(value)

        return draw_by_one
    if len(arguments) == 2:
        first, second = arguments

        def draw_by_two(f: Frame) -> Any:
            one, other = first(f), second(f)
            value = sampler(key, f.identity, f.occurrence, 0 if take is None else take(f), one, other)
            if value != value if floats else value == INVALID:
                raise bad_arguments(form, (one, other), span)
            return value

        return draw_by_two

    def draw_by_more(f: Frame) -> Any:
        values = [argument(f) for argument in arguments]
        value = sampler(key, f.identity, f.occurrence, 0 if take is None else take(f), *values)
        if value != value if floats else value == INVALID:
            raise bad_arguments(form, values, span)
        return value

    return draw_by_more


def _quantile(expr: Draw, scope: Scope) -> Closure:
    """A draw of a correlated attribute: its distribution inverted at the probability that the copula gave."""
    import numpy as np

    from bustle.agents.quantiles import quantile

    arguments = [scope.compile(argument) for argument in expr.arguments]
    result = FORMS[expr.form].result
    held: Callable[[Any], Any] = {"whole": int, "bool": bool}.get(result, float)

    def invert(f: Frame) -> Any:
        values = [np.array([float(argument(f))]) for argument in arguments]
        return held(quantile(expr.form, np.array([f.quantiles[expr.purpose]]), values)[0])

    return invert


def uniform_of(expr: Categorical | Empirical | Mixture, scope: Scope) -> Callable[[Frame], float]:
    """The uniform number in [0, 1) that decides a draw."""
    purpose = expr.purpose
    if purpose in scope.correlated:
        return lambda f: f.quantiles[purpose]
    key, take = scope.runtime.key(purpose), scope.repetition(purpose, expr.span)
    return lambda f: uniform01(key, f.identity, f.occurrence, take(f))


def _part(expr: Categorical | Mixture, scope: Scope) -> Callable[[Frame], int]:
    """Which of the weights is drawn: the part whose share of the running sum holds the uniform number."""
    uniform, span = uniform_of(expr, scope), expr.span
    weights = [scope.compile(weight) for weight in expr.weights]
    known = [scope.fixed(weight) for weight in expr.weights]
    if all(known):
        fixed = running_sum([value[0] for value in known if value is not None])
        if not fixed[-1] > 0:
            raise no_weight(span)
        last = bisect_left(fixed, fixed[-1])
        return lambda f: min(bisect_right(fixed, uniform(f) * fixed[-1]), last)

    def part(f: Frame) -> int:
        sums = running_sum([weight(f) for weight in weights])
        total = sums[-1]
        if not total > 0:
            raise no_weight(span)
        return min(bisect_right(sums, uniform(f) * total), bisect_left(sums, total))

    return part


def running_sum(weights: Sequence[float]) -> list[float]:
    """Cumulative weights, added in order; weights that are not above 0 count as 0."""
    return list(accumulate(float(weight) if weight > 0 else 0.0 for weight in weights))


def categorical(expr: Categorical, scope: Scope) -> Closure:
    """A category's code."""
    return _part(expr, scope)


def mixture(expr: Mixture, scope: Scope) -> Closure:
    """A draw from one of several expressions; only the chosen one is evaluated."""
    part = _part(expr, scope)
    components = [scope.compile(component) for component in expr.components]
    return lambda f: components[part(f)](f)


def empirical(expr: Empirical, scope: Scope) -> Closure:
    """A value of a file's column, each row equally likely."""
    column = scope.runtime.world.columns[expr.path, expr.column]
    values: list[Any] = column.tolist()
    if not values:
        raise no_rows(expr)
    if isinstance(expr.type, Category) and isinstance(values[0], str):
        values = [expr.type.levels.index(value) for value in values]
    if expr.purpose in scope.correlated:
        values.sort()
    uniform, size = uniform_of(expr, scope), len(values)
    return lambda f: values[int(uniform(f) * size)]


def new_episode(expr: NewEpisode, scope: Scope) -> Closure:
    """A fresh identifier of an episode."""
    key, take = scope.runtime.key(expr.purpose), scope.repetition(expr.purpose, expr.span)
    return lambda f: episode_id(key, f.identity, f.occurrence, take(f))


def draws_in(expr: Expr) -> bool:
    """True if evaluating ``expr`` draws anything."""
    from bustle.agents.expressions import draws_in as nodes

    return bool(nodes(expr))
