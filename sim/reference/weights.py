"""Weights of picks as running sums, kept where they cannot change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate

from bustle.scenarios.model import (
    Expr,
    Linked,
    Members,
    Neighbours,
)
from bustle.sim.reads import reads
from bustle.sim.reference.frame import Frame
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.society import AnyAgent

Table = tuple[list[float], float, int]
"""The running sum of the weights, its last value, and the last place with a weight above 0."""


def table_of(weights: Sequence[float]) -> Table:
    """The running sum of ``weights``, added in order; weights that are not above 0 count as 0."""
    cumulative = list(accumulate([float(weight) if weight > 0 else 0.0 for weight in weights]))
    total = cumulative[-1]
    return cumulative, total, bisect_left(cumulative, total)


class Weights:
    """The weights of one pick.

    Attributes:
        table: the running sum over a whole pool in canonical order; computed anew where a rule may change it.
        constant: True if no rule may change a weight.
        by_agent: room for tables of neighbourhoods with their agents, by the index of the agent in the middle; emptied
            when code from outside of the rules changes a weight.
    """

    def __init__(self, pool: Members | Neighbours | Linked, weight: Expr, scope: Scope) -> None:
        self._weight = scope.compile(weight)
        self.by_agent: dict[int, tuple[list[float], float, int, Sequence[AnyAgent]]] = {}
        self.table: Callable[[Frame, Sequence[AnyAgent]], Table] = self._anew
        self.constant = scope.runtime.facts.is_constant_weight(weight)
        if self.constant:
            self._keep(pool, weight, scope.runtime)

    def each(self, f: Frame, agents: Sequence[AnyAgent]) -> list[float]:
        """The weights of some agents. It leaves the frame's candidate changed."""
        weight = self._weight
        weights = []
        for agent in agents:
            f.candidate = agent
            weights.append(weight(f))
        return weights

    def _anew(self, f: Frame, everyone: Sequence[AnyAgent]) -> Table:
        outer = f.candidate
        table = table_of(self.each(f, everyone))
        f.candidate = outer
        return table

    def _continued(self, table: Table, f: Frame, joined: Sequence[AnyAgent]) -> Table:
        """The table after some agents have joined the end of the pool."""
        outer = f.candidate
        cumulative, total, _ = table
        for weight in self.each(f, joined):
            total += float(weight) if weight > 0 else 0.0
            cumulative.append(total)
        f.candidate = outer
        return cumulative, total, bisect_left(cumulative, total)

    def _keep(self, pool: Members | Neighbours | Linked, weight: Expr, runtime: Runtime) -> None:
        """Remember tables: by the list itself, which is one object a pool (see `bustle.sim.reference.networks`)."""
        kept: dict[int, tuple[Sequence[AnyAgent], int, Table]] = {}
        anew, by_agent = self._anew, self.by_agent

        def table(f: Frame, everyone: Sequence[AnyAgent]) -> Table:
            found = kept.get(id(everyone))
            if found is None:
                made = anew(f, everyone)
            elif found[1] == len(everyone):
                return found[2]
            else:
                made = self._continued(found[2], f, everyone[found[1] :])
            kept[id(everyone)] = (everyone, len(everyone), made)
            return made

        def forget(agent: AnyAgent, former: object) -> None:
            kept.clear()
            by_agent.clear()

        self.table = table
        for read in reads(weight):
            runtime.watch.hooks_of(read.population, read.name).append(forget)
        if isinstance(pool, Linked):
            runtime.watch.hooks_of(pool.population, pool.link).append(forget)
