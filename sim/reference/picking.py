"""Picks, exactly by the rule that every engine follows (see `bustle.agents.picking`).

A try draws one uniform number, takes the place it points at in the pool *before* any filter, and is accepted if the
agent there is eligible. After `TRIES` rejected tries the eligible agents are listed and one more number decides.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from bustle.scenarios.model import Expr, Neighbours, Pick
from bustle.sim.reference.arithmetic import whole
from bustle.sim.reference.draws import draws_in
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.pools import Accepts, Everyone, eligible, unfiltered
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.single_draws import uniform01
from bustle.sim.reference.society import AnyAgent
from bustle.sim.reference.weights import Table, Weights, table_of
from bustle.sim.repetitions import MOST_REPETITIONS, too_many

TRIES = 64
"""Rejected tries before the eligible agents are listed."""


def pick(expr: Pick, scope: Scope) -> Closure:
    """One agent or None, or with ``count`` a list of agents in the order drawn."""
    members, accepts = unfiltered(expr.pool, scope), eligible(expr.pool, expr.where, scope)
    weights = None if expr.weight is None else Weights(expr.pool, expr.weight, scope)
    key = scope.runtime.key(expr.purpose)
    if expr.count is None:
        if expr.purpose not in scope.repeated and accepts is None:
            if weights is not None and weights.constant and isinstance(expr.pool, Neighbours):
                return _near(key, expr.pool, weights, scope)
            return _sure(key, members, weights)
        return _single(expr, key, members, accepts, weights, scope)
    return _several(expr, key, members, accepts, weights, scope)


def _sure(key: int, members: Everyone, weights: Weights | None) -> Closure:
    """A pick whose first try is always accepted."""
    if weights is None:

        def evenly(f: Frame) -> AnyAgent:
            everyone = members(f)
            if not everyone:
                return None
            return everyone[int(uniform01(key, f.identity, f.occurrence, 0) * len(everyone))]

        return evenly
    table = weights.table

    def weighted(f: Frame) -> AnyAgent:
        everyone = members(f)
        if not everyone:
            return None
        cumulative, total, last = table(f, everyone)
        if not 0.0 < total < math.inf:
            return None
        place = bisect_right(cumulative, uniform01(key, f.identity, f.occurrence, 0) * total)
        return everyone[place if place < last else last]

    return weighted


def _near(key: int, pool: Neighbours, weights: Weights, scope: Scope) -> Closure:
    """`_sure` among neighbours whose weights do not change: everything about one neighbourhood is kept in one place."""
    agent_of, of = scope.compile(pool.agent), scope.runtime.neighbours(pool.network).of
    table, kept = weights.table, weights.by_agent

    def weighted(f: Frame) -> AnyAgent:
        agent = agent_of(f)
        found = None if agent is None else kept.get(agent.id)
        if found is None:
            everyone = of(agent)
            if not everyone:
                return None
            found = kept[agent.id] = (*table(f, everyone), everyone)
        cumulative, total, last, everyone = found
        if not 0.0 < total < math.inf:
            return None
        place = bisect_right(cumulative, uniform01(key, f.identity, f.occurrence, 0) * total)
        return everyone[place if place < last else last]

    return weighted


def _single(
    expr: Pick, key: int, members: Everyone, accepts: Accepts | None, weights: Weights | None, scope: Scope
) -> Closure:
    counted, purpose, span = expr.purpose in scope.repeated, expr.purpose, expr.span

    def one(f: Frame) -> AnyAgent:
        everyone = members(f)
        table = None if weights is None or not everyone else weights.table(f, everyone)
        outer = f.candidate
        first = f.counts.get(purpose, 0) if counted else 0
        search = _Search(f, key, everyone, table, accepts, weights, first)
        agent = search.draw()
        f.candidate = outer
        if search.repetition > MOST_REPETITIONS:
            raise too_many(span)
        if counted:
            f.counts[purpose] = search.repetition
        return agent

    return one


def _several(
    expr: Pick, key: int, members: Everyone, accepts: Accepts | None, weights: Weights | None, scope: Scope
) -> Closure:
    assert expr.count is not None
    count, purpose, span, replacement = scope.compile(expr.count), expr.purpose, expr.span, expr.replacement
    steady = not _draws(expr.where) and not _draws(expr.weight)

    def several(f: Frame) -> list[Any]:
        wanted = whole(count(f), span)
        everyone = members(f)
        chosen: list[AnyAgent] = []
        if wanted <= 0 or not everyone:
            return chosen
        outer = f.candidate
        table = None if weights is None else weights.table(f, everyone)
        taken: set[AnyAgent] = set()

        def free(f: Frame, agent: AnyAgent) -> bool:
            return agent not in taken and (accepts is None or accepts(f, agent))

        search = _Search(
            f, key, everyone, table, accepts if replacement else free, weights, f.counts.get(purpose, 0), steady
        )
        while len(chosen) < wanted:
            agent = search.draw()
            if search.repetition > MOST_REPETITIONS:
                raise too_many(span)
            if agent is None:
                break
            chosen.append(agent)
            if not replacement:
                taken.add(agent)
                search.forget(agent)
        f.candidate = outer
        f.counts[purpose] = search.repetition
        return chosen

    return several


class _Search:
    """Draws from one pool at one moment."""

    __slots__ = ("_accepts", "_everyone", "_frame", "_key", "_left", "_steady", "_table", "_weights", "repetition")

    def __init__(
        self,
        frame: Frame,
        key: int,
        everyone: Sequence[AnyAgent],
        table: Table | None,
        accepts: Accepts | None,
        weights: Weights | None,
        repetition: int,
        steady: bool = False,
    ) -> None:
        self._frame = frame
        self._key = key
        self._everyone = everyone
        self._table = table
        self._accepts = accepts
        self._weights = weights
        self._steady = steady
        self._left: list[AnyAgent] | None = None
        self.repetition = repetition

    def draw(self) -> AnyAgent:
        """The next agent, or None where nobody is eligible."""
        f, key, everyone, accepts = self._frame, self._key, self._everyone, self._accepts
        size = len(everyone)
        if not size:
            return None
        place: Callable[[float], int] = lambda u: int(u * size)  # noqa: E731
        if self._table is not None:
            cumulative, total, last = self._table
            if not 0.0 < total < math.inf:
                return None
            place = lambda u: min(bisect_right(cumulative, u * total), last)  # noqa: E731
        repetition = self.repetition
        for _ in range(TRIES):
            agent = everyone[place(uniform01(key, f.identity, f.occurrence, repetition))]
            repetition += 1
            if accepts is None or accepts(f, agent):
                self.repetition = repetition
                return agent
        self.repetition = repetition
        return self._from_list()

    def _from_list(self) -> AnyAgent:
        """One of the eligible, listed in canonical order."""
        f, accepts = self._frame, self._accepts
        if self._left is None or not self._steady:
            self._left = [agent for agent in self._everyone if accepts is None or accepts(f, agent)]
        left = self._left
        if not left:
            return None
        if self._weights is None:
            place = int(self._uniform() * len(left))
            return left[place]
        cumulative, total, last = table_of(self._weights.each(f, left))
        if not 0.0 < total < math.inf:
            return None
        return left[min(bisect_right(cumulative, self._uniform() * total), last)]

    def _uniform(self) -> float:
        f = self._frame
        u: float = uniform01(self._key, f.identity, f.occurrence, self.repetition)
        self.repetition += 1
        return u

    def forget(self, agent: AnyAgent) -> None:
        """Take a chosen agent from the list of the eligible, where there is one."""
        if self._left is not None:
            try:
                self._left.remove(agent)
            except ValueError:
                self._left = None


def _draws(expr: Expr | None) -> bool:
    return expr is not None and draws_in(expr)
