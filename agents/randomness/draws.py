"""Draws that are no distribution of the language: uniforms, unit exponentials, indices and identifiers.

All are pure functions of (key, agent, occurrence, repetition), int64 and not negative; see
`bustle.agents.randomness.philox` for the address they make.
"""

from __future__ import annotations

import math

import numpy as np

from bustle.agents.randomness.philox import halves, open_unit, unit
from bustle.agents.randomness.search import search_right
from bustle.machine_code import kernel

_TO_63_BITS = np.uint64(1)
_TO_62_BITS = np.uint64(2)
SPAWNED = 1 << 62
"""The bit that marks the identity of an agent made during the run."""


@kernel
def uniform01(key: int, agent: int, occurrence: int, repetition: int) -> float:
    """A uniform number in [0, 1), a multiple of 2^-53."""
    first, _ = halves(key, agent, occurrence, repetition, 0)
    return unit(first)


@kernel
def open_uniform01(key: int, agent: int, occurrence: int, repetition: int) -> float:
    """A uniform number in (0, 1), an odd multiple of 2^-53, from the same bits as `uniform01`."""
    first, _ = halves(key, agent, occurrence, repetition, 0)
    return open_unit(first)


@kernel
def unit_exponential(key: int, agent: int, occurrence: int, repetition: int) -> float:
    """An exponential number of mean 1, by inverse transform of `uniform01`.

    1 - u is exact, so that no ``log1p`` is needed, which takes three times as long as ``log``.
    """
    return 0.0 - math.log(1.0 - uniform01(key, agent, occurrence, repetition))


@kernel
def pick_index(key: int, agent: int, occurrence: int, repetition: int, cumulative: np.ndarray) -> int:
    """An index drawn in proportion to the steps of ``cumulative`` (float64[n], sums from the first weight on).

    The first index whose cumulative weight exceeds u times the last one, so an index of weight zero is
    never drawn. -1 where there is nothing to draw: no weights, or a total that is not positive and finite.
    """
    n = cumulative.size
    if n == 0:
        return -1
    total = cumulative[n - 1]
    if not 0.0 < total < math.inf:
        return -1
    return search_right(cumulative, uniform01(key, agent, occurrence, repetition) * total)


@kernel
def episode_id(key: int, agent: int, occurrence: int, repetition: int) -> int:
    """A fresh 63-bit identifier of an episode: the draw's bits themselves."""
    first, _ = halves(key, agent, occurrence, repetition, 0)
    return np.int64(first >> _TO_63_BITS)  # type: ignore[return-value]


@kernel
def spawn_identity(key: int, agent: int, occurrence: int, repetition: int) -> int:
    """The identity of an agent spawned by ``agent``: 62 keyed bits and the bit `SPAWNED`.

    ``key`` is that of the spawn's purpose and ``agent`` the spawner's own identity. Identities of agents
    made at the start are their indices, far below 2^62, so the two never meet.
    """
    first, _ = halves(key, agent, occurrence, repetition, 0)
    return np.int64(first >> _TO_62_BITS) | np.int64(SPAWNED)  # type: ignore[return-value]
