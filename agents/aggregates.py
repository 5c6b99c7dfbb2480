"""Counts, sums, means and extremes over the agents of a pool."""

from __future__ import annotations

import numpy as np

from bustle.agents.arithmetic import ArithmeticProblem, whole
from bustle.agents.expressions import depends_on_agent
from bustle.agents.lanes import Lanes, Surroundings
from bustle.agents.pools import Evaluate, Pool, eligible, pool_of
from bustle.agents.population import Array, held_dtype
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Aggregate, Members


def no_instant_of_nobody(function: str) -> str:
    """What is said where ``min`` or ``max`` of instants meets no agents, and nothing can be missing."""
    return f"`{function}` of instants over nobody has no value; ask `count` first"


def aggregate(expr: Aggregate, lanes: Lanes, world: Surroundings, evaluate: Evaluate) -> Array:
    """The aggregate in every lane, in the held form of its type.

    Sums add in the pool's canonical order, in the held form of the value, as scalar code does.

    Raises:
        RunError: The aggregate is over rows of events, which exist only in a table, or the first or last instant
            of no agents is asked for.
    """
    if expr.pool is None:
        raise RunError("an aggregate over events has no value before the run starts", expr.span)
    inside = [part for part in (expr.where, expr.value) if part is not None]
    if isinstance(expr.pool, Members) and not any(map(depends_on_agent, inside)):
        one = Lanes(size=1, now=lanes.now if isinstance(lanes.now, int) else 0)
        pool = pool_of(expr.pool, one, world, evaluate)
        return np.broadcast_to(_reduce(expr, pool, np.array([0]), one, world, evaluate), lanes.size)
    pool = pool_of(expr.pool, lanes, world, evaluate)
    parts = [_reduce(expr, pool, chunk, lanes, world, evaluate) for chunk in pool.chunks()]
    return np.concatenate(parts) if parts else np.empty(0, dtype=held_dtype(expr.type))


def _reduce(expr: Aggregate, pool: Pool, chunk: Array, lanes: Lanes, world: Surroundings, evaluate: Evaluate) -> Array:
    owners, candidates = pool.everyone(chunk)
    looking = lanes.take(np.asarray(chunk)[owners]).looking_at(candidates)
    fits = np.flatnonzero(eligible(pool, expr.where, looking, world, evaluate))
    owners, size = owners[fits], len(chunk)
    counts = np.bincount(owners, minlength=size)
    if expr.value is None:
        return counts.astype(held_dtype(expr.type))
    values = evaluate(expr.value, looking.take(fits), world)
    if values.dtype == np.bool_:
        values = values.astype(np.int64)
    if expr.function in ("sum", "mean"):
        total = np.zeros(size, dtype=values.dtype)
        np.add.at(total, owners, values)
        if expr.function == "sum":
            return total.astype(held_dtype(expr.type))
        with np.errstate(invalid="ignore", divide="ignore"):
            result = np.true_divide(total, counts)
    else:
        smallest = expr.function == "min"
        best = np.full(size, np.inf if smallest else -np.inf)
        (np.minimum if smallest else np.maximum).at(best, owners, values.astype(np.float64))
        if held_dtype(expr.type) != np.float64 and not counts.all():
            raise ArithmeticProblem(no_instant_of_nobody(expr.function))
        result = np.where(counts > 0, best, np.nan)
    return result if held_dtype(expr.type) == np.float64 else whole(result)
