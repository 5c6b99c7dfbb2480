"""The total order of what happens at one instant, as a single integer to sort by.

Firings of one instant run by population, agent, behavior and occurrence. SimPy breaks ties of time by an integer
priority, so the four numbers are packed into one, the most significant first. Everything that comes before
the firings of an instant has a smaller number: what an intervention ends, what it begins, samples, and the
resumptions of SimPy processes, for which SimPy itself uses 0 and 1.
"""

from __future__ import annotations

INTERVENTION_ENDS = -4
INTERVENTION_BEGINS = -3
SAMPLE = -2

OCCURRENCE_BITS = 32
BEHAVIOR_BITS = 16
AGENT_BITS = 40

WORLD = -1
"""Population position and agent index of what no agent does."""


def rank(population: int, agent: int, behavior: int, occurrence: int) -> int:
    """Place of a firing among those of the same instant.

    Args:
        population: position of the population in the scenario; `WORLD` comes first.
        agent: index in the population; `WORLD` for the world.
        behavior: the behavior's position in the scenario.
        occurrence: number of the firing among those of this agent and behavior.

    Returns:
        An integer above 1; ranks of one agent and behavior differ by their occurrences.

    >>> rank(0, 7, 2, 5) - rank(0, 7, 2, 3)
    2
    >>> rank(WORLD, WORLD, 3, 9) < rank(0, 0, 0, 0) < rank(0, 0, 1, 0) < rank(0, 1, 0, 0) < rank(1, 0, 0, 0)
    True
    """
    who = (population + 1) << AGENT_BITS | (agent + 1)
    return (who << BEHAVIOR_BITS | (behavior + 1)) << OCCURRENCE_BITS | occurrence


AGENT_STEP_BITS = BEHAVIOR_BITS + OCCURRENCE_BITS
"""Ranks of neighbouring agents, all else equal, differ by 2 to this power."""
