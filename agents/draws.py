"""Draws for many agents at once, each keyed by its agent, purpose and firing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bustle.agents.arithmetic import ArithmeticProblem
from bustle.agents.file_columns import codes
from bustle.agents.lanes import Lanes, Surroundings
from bustle.agents.population import Array, Indices
from bustle.agents.randomness import INVALID, purpose_key, sample_many
from bustle.agents.uniforms import episodes, uniforms
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.model import Categorical, Draw, Empirical, Mixture, NewEpisode
from bustle.scenarios.types import Category


def draw(expr: Draw, arguments: list[Array], lanes: Lanes, world: Surroundings) -> Array:
    """A draw from a distribution in every lane: float64, int64 for counts, bool for ``bernoulli``.

    Raises:
        ArithmeticProblem: An argument is outside of the distribution's bounds.
    """
    floats = [np.ascontiguousarray(argument, dtype=np.float64) for argument in arguments]
    result = FORMS[expr.form].result
    if expr.purpose in lanes.quantiles:
        from bustle.agents.quantiles import quantile

        values = quantile(expr.form, _given(expr.purpose, lanes), floats)
    else:
        key = purpose_key(world.seed, expr.purpose)
        values = sample_many(expr.form, key, lanes.keys(), lanes.occurrence, 0, floats)
    good = values != INVALID if values.dtype.kind == "i" else ~np.isnan(values)
    if not good.all():
        lane = int(np.argmin(good))
        raise ArithmeticProblem(bad_arguments(expr.form, [float(argument[lane]) for argument in floats]))
    return values.astype({"whole": np.int64, "bool": np.bool_}.get(result, np.float64), copy=False)


def bad_arguments(form: str, arguments: Sequence[float]) -> str:
    """What is wrong with arguments that a sampler refused: the distribution, the argument, its bound and its value."""
    distribution = FORMS[form].distribution
    for parameter, value in zip(FORMS[form].parameters, arguments, strict=True):
        low, high = parameter.minimum, parameter.maximum
        below = low is not None and (value < low or (parameter.open and value == low))
        above = high is not None and value > high
        if below or above or math.isnan(value):
            bounds = [] if low is None else [f"{'above' if parameter.open else 'at least'} {low:g}"]
            bounds += [] if high is None else [f"at most {high:g}"]
            needs = " and ".join(bounds) or "a number"
            return f"{distribution} needs `{parameter.name}` to be {needs}, but it is {value:g}"
    given = ", ".join(f"{p.name}={v:g}" for p, v in zip(FORMS[form].parameters, arguments, strict=True))
    return f"{distribution} cannot be drawn with {given}"


def categorical(expr: Categorical, weights: list[Array], lanes: Lanes, world: Surroundings) -> Array:
    """The code (int32) of a category drawn in proportion to the weights."""
    return _weighted(expr, weights, lanes, world).astype(np.int32)


def chosen_part(expr: Mixture, weights: list[Array], lanes: Lanes, world: Surroundings) -> Indices:
    """Which component of a mixture each lane draws from, int64."""
    return _weighted(expr, weights, lanes, world)


def empirical(expr: Empirical, lanes: Lanes, world: Surroundings) -> Array:
    """A value of a file's column, each row equally likely.

    Raises:
        ArithmeticProblem: The column is empty.
    """
    values = world.file_column(expr.path, expr.column)
    if not len(values):
        raise ArithmeticProblem(f"column `{expr.column}` of {expr.path} has no rows to draw from")
    if isinstance(expr.type, Category) and values.dtype == np.dtype(object):
        values = codes(values, expr.type.levels)
    if expr.purpose in lanes.quantiles:
        values = np.sort(values)
    places = (_uniform(expr.purpose, lanes, world) * len(values)).astype(np.int64)
    return values[places]


def new_episode(expr: NewEpisode, lanes: Lanes, world: Surroundings) -> Array:
    """Fresh episode identifiers: 63 keyed random bits, int64."""
    key = purpose_key(world.seed, expr.purpose)
    return episodes(key, lanes.keys(), lanes.occurrence, 0)


def _weighted(expr: Categorical | Mixture, weights: list[Array], lanes: Lanes, world: Surroundings) -> Indices:
    """The part whose share of the running sum of weights holds the lane's uniform number."""
    sums = [np.where(weights[0] > 0, weights[0], 0.0)]
    for weight in weights[1:]:
        sums.append(sums[-1] + np.where(weight > 0, weight, 0.0))
    if not (sums[-1] > 0).all():
        raise ArithmeticProblem("no weight is above 0, so nothing can be drawn")
    reach = _uniform(expr.purpose, lanes, world) * sums[-1]
    parts = np.zeros(lanes.size, dtype=np.int64)
    for total in sums[:-1]:
        parts += total <= reach
    return parts


def _uniform(purpose: str, lanes: Lanes, world: Surroundings) -> Array:
    if purpose in lanes.quantiles:
        return _given(purpose, lanes)
    return uniforms(purpose_key(world.seed, purpose), lanes.keys(), lanes.occurrence, 0)


def _given(purpose: str, lanes: Lanes) -> Array:
    assert lanes.rows is not None
    return lanes.quantiles[purpose][lanes.rows]
