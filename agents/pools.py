"""The agents a pick or an aggregate looks through, for many acting agents at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bustle.agents.lanes import Lanes, Surroundings
from bustle.agents.network import from_pairs
from bustle.agents.population import STATE, Array, Indices
from bustle.scenarios.model import Expr, Linked, Members, Neighbours

Evaluate = Callable[[Expr, Lanes, Surroundings], Array]
"""The evaluator, handed in by the caller."""

CHUNK = 4_000_000
"""Pairs of acting agent and candidate that are looked at together; bounds memory."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool a lane, in canonical order.

    Attributes:
        starts: int64, where the lane's pool starts in ``ids``.
        counts: int64, how many agents it holds.
        ids: int32 agents; None means that the place is the agent, as in a whole population.
        population: The population the agents are of.
        state: Only agents in this state (code) are eligible; None for all.
    """

    starts: Indices
    counts: Indices
    ids: Array | None
    population: str
    state: int | None = None

    def at(self, lanes: Array, places: Indices) -> Indices:
        """The agents at ``places`` of the pools of ``lanes``."""
        absolute = self.starts[lanes] + places
        return absolute if self.ids is None else self.ids[absolute].astype(np.int64)

    def everyone(self, lanes: Array) -> tuple[Indices, Indices]:
        """All pairs (position in ``lanes``, candidate) of some lanes, lane by lane."""
        counts = self.counts[lanes]
        owners = np.repeat(np.arange(len(lanes), dtype=np.int64), counts)
        ends = np.cumsum(counts)
        places = np.arange(len(owners), dtype=np.int64) - np.repeat(ends - counts, counts)
        return owners, self.at(np.asarray(lanes)[owners], places)

    def chunks(self) -> Iterator[Indices]:
        """Lanes in order, in groups of at most `CHUNK` pairs (at least one lane each)."""
        ends = np.cumsum(self.counts)
        first = 0
        while first < len(ends):
            before = int(ends[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(ends, before + CHUNK, side="right")))
            yield np.arange(first, last, dtype=np.int64)
            first = last


def pool_of(pool: Members | Neighbours | Linked, lanes: Lanes, world: Surroundings, evaluate: Evaluate) -> Pool:
    """The pool of every lane. The pool of ``none`` is empty."""
    if isinstance(pool, Members):
        counts = np.full(lanes.size, world.size(pool.population), dtype=np.int64)
        return Pool(np.zeros(lanes.size, dtype=np.int64), counts, None, pool.population, pool.state)
    if isinstance(pool, Neighbours):
        csr = world.network(pool.network)
    else:
        links = world.column(pool.population, pool.link)
        linked = np.flatnonzero(links >= 0)
        size = int(links.max(initial=-1)) + 1
        csr = from_pairs(links[linked], linked, size)
    agents = evaluate(pool.agent, lanes, world)
    known = (agents >= 0) & (agents < csr.sources)
    agents = np.where(known, agents, 0)
    offsets = csr.offsets if csr.sources else np.zeros(2, dtype=np.int64)
    starts, ends = offsets[agents], offsets[agents + 1]
    return Pool(starts, np.where(known, ends - starts, 0), csr.targets, pool.population)


def eligible(pool: Pool, where: Expr | None, lanes: Lanes, world: Surroundings, evaluate: Evaluate) -> Array:
    """Whether each lane's candidate may be taken (bool)."""
    assert lanes.candidates is not None
    fits = np.ones(lanes.size, dtype=np.bool_)
    if pool.state is not None:
        fits &= world.column(pool.population, STATE)[lanes.candidates] == pool.state
    if where is not None:
        left = np.flatnonzero(fits)
        fits[left] = evaluate(where, lanes.take(left), world)
    return fits
