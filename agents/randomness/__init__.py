"""Keyed randomness: every draw is a pure function of (seed, purpose, agent, occurrence, repetition).

No draw depends on how many were made before it, so a changed scenario changes only the draws it touches.
"""

from bustle.agents.randomness.draws import (
    SPAWNED,
    episode_id,
    open_uniform01,
    pick_index,
    spawn_identity,
    uniform01,
    unit_exponential,
)
from bustle.agents.randomness.keyed_random import KeyedRandom
from bustle.agents.randomness.keys import purpose_key
from bustle.agents.randomness.many import sample_many
from bustle.agents.randomness.rejection import INVALID
from bustle.agents.randomness.samplers import SAMPLERS, Sampler

__all__ = [
    "INVALID",
    "SAMPLERS",
    "SPAWNED",
    "KeyedRandom",
    "Sampler",
    "episode_id",
    "open_uniform01",
    "pick_index",
    "purpose_key",
    "sample_many",
    "spawn_identity",
    "uniform01",
    "unit_exponential",
]
