"""Uniform numbers and identifiers for many agents: the scalar draws in a loop, so equal bit for bit."""

from __future__ import annotations

import numpy as np

from bustle.agents.population import Array, Indices
from bustle.agents.randomness.draws import episode_id, uniform01
from bustle.machine_code import kernel


def uniforms(key: int, identities: Indices, occurrence: Indices | int, repetition: int) -> Array:
    """Numbers in [0, 1), float64, one an identity.

    Args:
        key: The purpose's key.
        identities: int64 identities of the agents.
        occurrence: Number of the firing, for all or for each.
        repetition: How many draws with this purpose the firing has made.
    """
    result = np.empty(len(identities))
    firings = np.broadcast_to(np.asarray(occurrence, dtype=np.int64), len(identities))
    _fill_uniforms(key, np.ascontiguousarray(identities), np.ascontiguousarray(firings), repetition, result)
    return result


def episodes(key: int, identities: Indices, occurrence: Indices | int, repetition: int) -> Indices:
    """Fresh episode identifiers (63 bits, int64), one an identity; arguments as for `uniforms`."""
    result = np.empty(len(identities), dtype=np.int64)
    firings = np.broadcast_to(np.asarray(occurrence, dtype=np.int64), len(identities))
    _fill_episodes(key, np.ascontiguousarray(identities), np.ascontiguousarray(firings), repetition, result)
    return result


@kernel
def _fill_uniforms(key: int, identities: Array, firings: Array, repetition: int, result: Array) -> None:
    for i in range(len(identities)):
        result[i] = uniform01(key, identities[i], firings[i], repetition)


@kernel
def _fill_episodes(key: int, identities: Array, firings: Array, repetition: int, result: Array) -> None:
    for i in range(len(identities)):
        result[i] = episode_id(key, identities[i], firings[i], repetition)
