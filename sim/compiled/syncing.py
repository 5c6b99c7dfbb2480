"""Bringing an agent that advances on its own up to an instant, before somebody else looks at it or changes it."""

from __future__ import annotations

from bustle.sim.compiled import records as r
from bustle.sim.compiled.firing import ALL, advance_agent
from bustle.sim.compiled.native import get_i64, kernel
from bustle.sim.compiled.places import context_of


@kernel
def sync(context: int, population: int, agent: int, now: int, acting: int) -> int:
    """Fire everything that comes before a firing at ``now``; gives a status.

    Args:
        context: of the rule that needs the agent.
        population: the record of the population of the agent that is needed.
        agent: its index.
        now: the instant.
        acting: the record of the population that acts; at one instant populations act in their order.
    """
    if get_i64(population, r.QUEUED) != 0:
        return 0
    limit = now + 1 if get_i64(population, r.NUMBER) < get_i64(acting, r.NUMBER) else now
    times = get_i64(population, r.NEXT)
    if get_i64(times, agent) >= limit:
        return 0
    home = context_of(get_i64(context, r.RUN), population, agent)
    return advance_agent(home, population, agent, limit, ALL)
