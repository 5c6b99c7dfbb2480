"""A keyed stream in the shape of Python's own generator, for libraries that ask for one."""

from __future__ import annotations

import random
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from bustle.agents.randomness.philox import BLOCKS, halves
from bustle.machine_code import kernel

_BUFFER = 512
_REPETITION_BITS = 22


@kernel
def _fill(key: int, agent: int, occurrence: int, repetition: int, first: int, out: npt.NDArray[np.uint64]) -> None:
    """Write the halves of the blocks from ``first`` on to ``out``."""
    for i in range(out.size // 2):
        out[2 * i], out[2 * i + 1] = halves(key, agent, occurrence, repetition, first + i)


class KeyedRandom(random.Random):
    """A `random.Random` whose bits are those of a purpose's key (and agent), one block after another.

    For generators of networkx and the like, which take a ``seed`` of this type. It cannot be seeded:
    what it gives is fixed by its key. Its own order of calls matters, as in any sequential generator,
    so one stream serves one piece of work. A stream ends after 2^86 blocks.

    >>> KeyedRandom(7).random() == KeyedRandom(7).random()
    True
    """

    def __new__(cls, key: int, agent: int = 0) -> KeyedRandom:
        """An unseeded generator."""
        return super().__new__(cls)

    def __init__(self, key: int, agent: int = 0) -> None:
        self._key = key
        self._agent = agent
        self._blocks = 0
        self._buffer: list[int] = []
        self.gauss_next = None

    def _word(self) -> int:
        """The next 64 bits."""
        if not self._buffer:
            address, first = divmod(self._blocks, BLOCKS)
            occurrence, repetition = divmod(address, 1 << _REPETITION_BITS)
            words = np.empty(_BUFFER, np.uint64)
            _fill(self._key, self._agent, occurrence, repetition, first, words)
            self._blocks += _BUFFER // 2
            self._buffer = words[::-1].tolist()
        return self._buffer.pop()

    def random(self) -> float:
        """A uniform number in [0, 1), a multiple of 2^-53."""
        return float(self._word() >> 11) * 2.0**-53

    def getrandbits(self, k: int, /) -> int:
        """A whole number of ``k`` random bits. ValueError for negative ``k``."""
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        value = 0
        for shift in range(0, k, 64):
            value |= self._word() << shift
        return value & ((1 << k) - 1)

    def seed(self, *_arguments: Any, **_named: Any) -> None:
        """Refuse: TypeError. A keyed stream's seed is its key."""
        raise TypeError("a keyed stream cannot be seeded: make another KeyedRandom")

    def getstate(self) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError("a keyed stream has no state to save: its key says it all")

    def setstate(self, state: Any) -> NoReturn:
        """Refuse: TypeError."""
        raise TypeError("a keyed stream has no state to restore: its key says it all")
