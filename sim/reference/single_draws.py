"""The draws and clocks of `bustle.agents` for one agent at a time, as Numba calls them, which is quickest."""

from __future__ import annotations

from functools import cache

from bustle.agents import clocks, randomness
from bustle.agents.randomness import SAMPLERS, Sampler
from bustle.machine_code import for_scalars

__all__ = [
    "advance",
    "episode_id",
    "next_poisson",
    "poisson_time",
    "remaining_hazard",
    "sampler",
    "spawn_identity",
    "uniform01",
]

uniform01 = for_scalars(randomness.uniform01)
episode_id = for_scalars(randomness.episode_id)
spawn_identity = for_scalars(randomness.spawn_identity)
advance = for_scalars(clocks.advance)
next_poisson = for_scalars(clocks.next_poisson)
poisson_time = for_scalars(clocks.poisson_time)
remaining_hazard = for_scalars(clocks.remaining_hazard)


@cache
def sampler(form: str) -> Sampler:
    """The sampler of a distribution's form."""
    return for_scalars(SAMPLERS[form])
