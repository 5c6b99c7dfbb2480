"""Evaluate expressions of rules for many agents at once.

`evaluate` gives, lane by lane, what scalar evaluation with Python numbers gives, bit for bit. Branches of
``if else``, ``and``, ``or`` and mixtures are evaluated only in the lanes that need them, so an error
appears only where scalar evaluation would meet it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bustle.agents.aggregates import aggregate
from bustle.agents.arithmetic import BINARY, CENTS, COMPARE, FUNCTIONS, ArithmeticProblem, whole
from bustle.agents.draws import categorical, chosen_part, draw, empirical, new_episode
from bustle.agents.lanes import Held, Lanes, Surroundings
from bustle.agents.picking import pick
from bustle.agents.population import NONE, Array, held_dtype
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Binary,
    Call,
    Candidate,
    Categorical,
    Choose,
    Compare,
    Const,
    Convert,
    Draw,
    Empirical,
    Expr,
    Global,
    Logic,
    Mixture,
    NewEpisode,
    Now,
    Param,
    Pick,
    Self,
    Unary,
)
from bustle.scenarios.types import Instant, Nothing, Quantity, Type


def evaluate(expr: Expr, lanes: Lanes, world: Surroundings) -> Array:
    """The value of ``expr`` in every lane.

    Args:
        expr: A checked expression. Locals and event fields exist only inside a run and are refused.
        lanes: Whose values to compute.
        world: What the expressions read.

    Returns:
        An array of length ``lanes.size`` in the held form of ``expr.type``. It may be a read-only view.

    Raises:
        RunError: A value cannot be computed (division by zero, a bad argument of a draw, an attribute of
            ``none``...); its span is that of the innermost expression at fault.
    """
    evaluator = _EVALUATORS.get(type(expr))
    if evaluator is None:
        raise RunError(f"a {type(expr).__name__.lower()} has no value before the run starts", expr.span)
    try:
        return evaluator(expr, lanes, world)
    except ArithmeticProblem as problem:
        raise RunError(str(problem), expr.span) from None


def evaluate_one(expr: Expr, world: Surroundings) -> Held:
    """The value of an expression that belongs to no agent, as a Python value."""
    value = evaluate(expr, Lanes(size=1), world)[0]
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[no-any-return]


def held(values: Array, type_: Type) -> Array:
    """``values`` as a column of ``type_``: contiguous, own memory, with the type's dtype."""
    return np.array(values, dtype=held_dtype(type_))


def _constant(value: Held | None, type_: Type, size: int) -> Array:
    dtype = np.dtype(np.int64) if isinstance(type_, Nothing) else held_dtype(type_)
    return np.broadcast_to(np.array(NONE if value is None else value, dtype=dtype), size)


def _const(expr: Const, lanes: Lanes, world: Surroundings) -> Array:
    return _constant(expr.value, expr.type, lanes.size)


def _param(expr: Param, lanes: Lanes, world: Surroundings) -> Array:
    return _constant(world.parameter(expr.name), expr.type, lanes.size)


def _global(expr: Global, lanes: Lanes, world: Surroundings) -> Array:
    return _constant(world.world_value(expr.name), expr.type, lanes.size)


def _self(expr: Self, lanes: Lanes, world: Surroundings) -> Array:
    if lanes.agents is None:
        raise RunError("there is no acting agent here", expr.span)
    return lanes.agents


def _candidate(expr: Candidate, lanes: Lanes, world: Surroundings) -> Array:
    if lanes.candidates is None:
        raise RunError("there is no candidate here", expr.span)
    return lanes.candidates


def _attr(expr: Attr, lanes: Lanes, world: Surroundings) -> Array:
    agents = evaluate(expr.target, lanes, world)
    if expr.name == "id":
        _refuse_none(agents, expr)
        return agents
    if isinstance(expr.target, Self) and lanes.own is not None:
        return lanes.own(expr.name)[lanes.rows]
    _refuse_none(agents, expr)
    values: Array = world.column(expr.population, expr.name)[agents]
    return values


def _refuse_none(agents: Array, expr: Attr) -> None:
    if (agents < 0).any():
        raise RunError(f"`{expr.name}` is read of none, where a {expr.population} is needed", expr.span)


def _now(expr: Now, lanes: Lanes, world: Surroundings) -> Array:
    return np.broadcast_to(np.asarray(lanes.now, dtype=np.int64), lanes.size)


def _unary(expr: Unary, lanes: Lanes, world: Surroundings) -> Array:
    values = evaluate(expr.operand, lanes, world)
    return np.logical_not(values) if expr.op == "not" else np.negative(values)


def _binary(expr: Binary, lanes: Lanes, world: Surroundings) -> Array:
    left = evaluate(expr.left, lanes, world)
    right = evaluate(expr.right, lanes, world)
    result = BINARY[expr.op](left, right)
    if isinstance(expr.type, Instant) or (isinstance(expr.type, Quantity) and expr.type.held_whole):
        return whole(result)
    return result if result.dtype == np.float64 else result.astype(np.float64)


def _compare(expr: Compare, lanes: Lanes, world: Surroundings) -> Array:
    left = evaluate(expr.left, lanes, world)
    right = evaluate(expr.right, lanes, world)
    return np.asarray(COMPARE[expr.op](left, right), dtype=np.bool_)


def _logic(expr: Logic, lanes: Lanes, world: Surroundings) -> Array:
    result = np.array(evaluate(expr.left, lanes, world), dtype=np.bool_)
    open_lanes = np.flatnonzero(result if expr.op == "and" else ~result)
    if len(open_lanes):
        result[open_lanes] = evaluate(expr.right, lanes.take(open_lanes), world)
    return result


def _choose(expr: Choose, lanes: Lanes, world: Surroundings) -> Array:
    condition = evaluate(expr.condition, lanes, world)
    return _merge(condition.astype(np.int64), (expr.no, expr.yes), expr.type, lanes, world)


def _mixture(expr: Mixture, lanes: Lanes, world: Surroundings) -> Array:
    weights = [evaluate(weight, lanes, world) for weight in expr.weights]
    parts = chosen_part(expr, weights, lanes, world)
    return _merge(parts, expr.components, expr.type, lanes, world)


def _merge(parts: Array, branches: tuple[Expr, ...], type_: Type, lanes: Lanes, world: Surroundings) -> Array:
    """Each lane from its own branch; a branch sees only its lanes."""
    dtype = np.dtype(np.int64) if isinstance(type_, Nothing) else held_dtype(type_)
    result = np.empty(lanes.size, dtype=dtype)
    for code, branch in enumerate(branches):
        chosen = np.flatnonzero(parts == code)
        if len(chosen) == lanes.size:
            return evaluate(branch, lanes, world)
        if len(chosen):
            result[chosen] = evaluate(branch, lanes.take(chosen), world)
    return result


def _call(expr: Call, lanes: Lanes, world: Surroundings) -> Array:
    arguments = [evaluate(argument, lanes, world) for argument in expr.arguments]
    if expr.function in FUNCTIONS:
        return FUNCTIONS[expr.function](*arguments)
    if expr.function == "money":
        return whole(arguments[0].astype(np.float64) * CENTS)
    if expr.function == "number":
        return arguments[0] / CENTS
    return world.moment(expr.function, arguments[0])


def _convert(expr: Convert, lanes: Lanes, world: Surroundings) -> Array:
    values = evaluate(expr.operand, lanes, world)
    match expr.how:
        case "to_money":
            return whole(values.astype(np.float64) * CENTS)
        case "to_number":
            return values / CENTS
        case "to_float":
            return values.astype(np.float64)
        case "to_whole":
            return values.astype(np.int64)


def _draw(expr: Draw, lanes: Lanes, world: Surroundings) -> Array:
    return draw(expr, [evaluate(argument, lanes, world) for argument in expr.arguments], lanes, world)


def _categorical(expr: Categorical, lanes: Lanes, world: Surroundings) -> Array:
    return categorical(expr, [evaluate(weight, lanes, world) for weight in expr.weights], lanes, world)


def _pick(expr: Pick, lanes: Lanes, world: Surroundings) -> Array:
    return pick(expr, lanes, world, evaluate)


def _aggregate(expr: Aggregate, lanes: Lanes, world: Surroundings) -> Array:
    return aggregate(expr, lanes, world, evaluate)


_EVALUATORS: dict[type, Callable[[Any, Lanes, Surroundings], Array]] = {
    Const: _const,
    Param: _param,
    Global: _global,
    Self: _self,
    Candidate: _candidate,
    Attr: _attr,
    Now: _now,
    Unary: _unary,
    Binary: _binary,
    Compare: _compare,
    Logic: _logic,
    Choose: _choose,
    Mixture: _mixture,
    Call: _call,
    Convert: _convert,
    Draw: _draw,
    Categorical: _categorical,
    Empirical: empirical,
    NewEpisode: new_episode,
    Pick: _pick,
    Aggregate: _aggregate,
}
