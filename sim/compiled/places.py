"""Where things are: from agents and numbers to the addresses of records.

``who`` names an agent of the run in one word: the number of its population and its index.
"""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.native import get_f64, get_i8, get_i32, get_i64, kernel

WHO_SHIFT = 40
_INDEX = (1 << WHO_SHIFT) - 1


@kernel
def who_is(population: int, agent: int) -> int:
    """The word that names an agent; ``population`` is the address of its record."""
    return get_i64(population, r.NUMBER) << WHO_SHIFT | agent


@kernel
def population_of(run: int, who: int) -> int:
    """The address of the record of the population of ``who``."""
    return get_i64(run, r.POPULATIONS) + 8 * r.POPULATION_WORDS * (who >> WHO_SHIFT)


@kernel
def index_of(who: int) -> int:
    """The index of ``who`` in its population."""
    return who & _INDEX


@kernel
def behavior_of(run: int, number: int) -> int:
    """The address of the record of a behavior."""
    return get_i64(run, r.BEHAVIORS) + 8 * r.BEHAVIOR_WORDS * number


@kernel
def agenda_of(population: int, agent: int) -> int:
    """The address of the agent's agenda."""
    return get_i64(population, r.AGENDA) + 8 * get_i64(population, r.WIDTH) * agent


@kernel
def shard_of(population: int, agent: int) -> int:
    """The number of the shard that the agent belongs to."""
    last = get_i64(population, r.LAST_SHARD)
    return 0 if last == 0 else min(int(agent * get_f64(population, r.SHARD_SCALE)), last)


@kernel
def context_of(run: int, population: int, agent: int) -> int:
    """The context of the shard that the agent belongs to."""
    return get_i64(get_i64(run, r.CONTEXTS), shard_of(population, agent))


@kernel
def is_alive(population: int, agent: int) -> bool:
    """Whether the agent has not retired."""
    retired = get_i64(population, r.RETIRED)
    return retired == 0 or get_i64(retired, agent) == r.ALIVE


@kernel
def is_runnable(population: int, behavior: int, agent: int) -> bool:
    """Whether the agent's state lets the behavior run."""
    states = get_i64(behavior, r.STATES)
    return states == 0 or get_i8(states, get_i32(get_i64(population, r.STATE), agent)) != 0
