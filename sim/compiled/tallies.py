"""How many agents are in each state, by stretches of the population.

A pick that hardly anybody fits ends with the list of those who do. Where fitting means being in a state, these counts
stand in for the list: the n-th of them in order of id is found by adding up stretches.
"""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_i32, get_i64, kernel, put_i64

STRETCH_SHIFT = 10
"""A stretch is 2 to this power agents."""


@kernel
def count_state(population: int, agent: int, state: int, change: int) -> None:
    """Note that an agent enters (``change`` 1) or leaves (-1) a state; nothing where states are not counted."""
    tally = get_i64(population, r.TALLY)
    if tally != 0:
        place = (agent >> STRETCH_SHIFT) * get_i64(population, r.N_STATES) + state
        put_i64(tally, place, get_i64(tally, place) + change)


@kernel
def in_state(population: int, state: int) -> int:
    """How many agents that have not retired are in a state."""
    tally, states = get_i64(population, r.TALLY), get_i64(population, r.N_STATES)
    total = 0
    for stretch in range(_stretches(population)):
        total += get_i64(tally, stretch * states + state)
    return total


@kernel
def nth_in_state(population: int, state: int, n: int) -> int:
    """The agent before whom ``n`` others, in order of id, are in a state; there must be more than ``n``."""
    tally, states = get_i64(population, r.TALLY), get_i64(population, r.N_STATES)
    stretch = 0
    while n >= get_i64(tally, stretch * states + state):
        n -= get_i64(tally, stretch * states + state)
        stretch += 1
    agent, codes, retired = stretch << STRETCH_SHIFT, get_i64(population, r.STATE), get_i64(population, r.RETIRED)
    while True:
        if get_i32(codes, agent) == state and (retired == 0 or get_i64(retired, agent) == r.ALIVE):
            if n == 0:
                return agent
            n -= 1
        agent += 1


@kernel
def _stretches(population: int) -> int:
    return (get_i64(population, r.COUNT) + (1 << STRETCH_SHIFT) - 1) >> STRETCH_SHIFT


@kernel
def count_everybody(population: int) -> None:
    """Count the agents of the start."""
    for agent in range(get_i64(population, r.COUNT)):
        count_state(population, agent, get_i32(get_i64(population, r.STATE), agent), 1)
