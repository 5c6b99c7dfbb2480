"""Pick one agent for each of many acting agents, by the rule every engine follows.

A pick draws uniform numbers of its purpose, one repetition each. A try takes a place in the pool as it is
before ``where`` (evenly, or by the running sum of weights) and is accepted if the agent is eligible. After
`TRIES` rejected tries the eligible agents are listed and one more number decides. The result depends on the
pool's canonical order and on the draws alone, never on how an engine stores a pool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bustle.agents.expressions import depends_on_agent
from bustle.agents.lanes import Lanes, Surroundings
from bustle.agents.pools import Evaluate, Pool, eligible, pool_of
from bustle.agents.population import NONE, Array, Indices
from bustle.agents.randomness import purpose_key
from bustle.agents.uniforms import uniforms
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Members, Pick

TRIES = 64
"""Rejected tries before the eligible agents are listed."""


def running_sum(weights: Array) -> Array:
    """Cumulative weights (float64), added in order; weights that are not above 0 count as 0."""
    with np.errstate(over="ignore"):
        return np.cumsum(np.where(weights > 0, weights, 0.0))


def weighted_places(cumulative: Array, uniform: Array) -> Indices:
    """Places whose share of the running sum holds ``uniform`` (in [0, 1)); never one without weight."""
    return np.asarray(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"), dtype=np.int64)


def _drawable(cumulative: Array) -> bool:
    return bool(0 < cumulative[-1] < np.inf)


def pick(expr: Pick, lanes: Lanes, world: Surroundings, evaluate: Evaluate) -> Indices:
    """The picked agent of each lane (int64), -1 where there is none to pick.

    Raises:
        RunError: The pick asks for several agents, which cannot be held in one value.
    """
    if expr.count is not None:
        raise RunError("an attribute holds one agent, not several: leave out `count`", expr.span)
    pool = pool_of(expr.pool, lanes, world, evaluate)
    picker = _Picker(expr, lanes, world, evaluate, pool, purpose_key(world.seed, expr.purpose))
    result = np.full(lanes.size, NONE, dtype=np.int64)
    everyone = np.flatnonzero(pool.counts > 0)
    if expr.weight is None or not len(everyone):
        picker.fill(result, everyone, None)
    elif isinstance(expr.pool, Members) and not depends_on_agent(expr.weight):
        candidates = np.arange(pool.counts[0], dtype=np.int64)
        shared = running_sum(picker.weights(Lanes(size=len(candidates)), candidates))
        picker.fill(result, everyone, [shared])
    else:
        for chunk in pool.chunks():
            chosen = chunk[pool.counts[chunk] > 0]
            if not len(chosen):
                continue
            owners, candidates = pool.everyone(chosen)
            weights = picker.weights(lanes.take(chosen[owners]), candidates)
            sums = [running_sum(part) for part in np.split(weights, np.cumsum(pool.counts[chosen])[:-1])]
            picker.fill(result, chosen, sums)
    return result


@dataclass(frozen=True, slots=True)
class _Picker:
    expr: Pick
    lanes: Lanes
    world: Surroundings
    evaluate: Evaluate
    pool: Pool
    key: int

    def weights(self, lanes: Lanes, candidates: Indices) -> Array:
        """The weight (float64) of each candidate in its lane."""
        assert self.expr.weight is not None
        return self.evaluate(self.expr.weight, lanes.looking_at(candidates), self.world).astype(np.float64)

    def fill(self, result: Indices, chosen: Indices, sums: list[Array] | None) -> None:
        """Write the picks of the lanes ``chosen`` into ``result``.

        ``sums`` are running sums of weights, one for all lanes or one each; None picks evenly.
        """
        pending = np.arange(len(chosen), dtype=np.int64)
        if sums is not None:
            weighty = np.array([_drawable(total) for total in sums])
            pending = pending[weighty[pending] if len(sums) > 1 else np.repeat(weighty, len(pending))]
        for attempt in range(TRIES):
            if not len(pending):
                return
            lanes = chosen[pending]
            places = self._places(lanes, self._uniforms(lanes, attempt), pending, sums)
            candidates = self.pool.at(lanes, places)
            fits = self._eligible(lanes, candidates)
            result[lanes[fits]] = candidates[fits]
            pending = pending[~fits]
        for lane in chosen[pending]:
            result[lane] = self._from_list(lane)

    def _uniforms(self, lanes: Indices, repetition: int) -> Array:
        occurrence = self.lanes.occurrence
        firing = occurrence if isinstance(occurrence, int) else occurrence[lanes]
        return uniforms(self.key, self.lanes.keys()[lanes], firing, repetition)

    def _places(self, lanes: Indices, uniform: Array, pending: Indices, sums: list[Array] | None) -> Indices:
        if sums is None:
            return (uniform * self.pool.counts[lanes]).astype(np.int64)
        if len(sums) == 1:
            return weighted_places(sums[0], uniform)
        return np.array([weighted_places(sums[i], u) for i, u in zip(pending, uniform, strict=True)], dtype=np.int64)

    def _eligible(self, lanes: Indices, candidates: Indices) -> Array:
        looking = self.lanes.take(lanes).looking_at(candidates)
        return eligible(self.pool, self.expr.where, looking, self.world, self.evaluate)

    def _from_list(self, lane: int) -> int:
        """The choice among the eligible agents of one lane, listed."""
        _, candidates = self.pool.everyone(np.array([lane]))
        repeated = np.full(len(candidates), lane, dtype=np.int64)
        left = candidates[self._eligible(repeated, candidates)]
        if not len(left):
            return NONE
        uniform = self._uniforms(np.array([lane]), TRIES)
        if self.expr.weight is None:
            return int(left[int(uniform[0] * len(left))])
        total = running_sum(self.weights(self.lanes.take(repeated[: len(left)]), left))
        return int(left[weighted_places(total, uniform)[0]]) if _drawable(total) else NONE
