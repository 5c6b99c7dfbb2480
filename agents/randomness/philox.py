"""Philox 4x32-10: the counter-based generator that every draw goes through.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4.3
and the constants of table 2. A draw is a pure function of its address

* key words: the low 32 and the high 31 bits of the purpose's key,
* counter words: the low 32 and the high 31 bits of the agent's identity, the occurrence (its low 32
  bits), and ``repetition << 10 | block`` (so repetitions below 2^22 and blocks below 1024).

A block gives 128 bits: two 64-bit halves, the first made of words 0 (low) and 1, the second of
words 2 (low) and 3.
"""

from __future__ import annotations

import numpy as np

from bustle.machine_code import kernel

BLOCKS = 1024
"""Blocks that one draw may consume."""

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)  # golden ratio
_WEYL_1 = np.uint64(0xBB67AE85)  # square root of 3, less 1
_LOW = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)
_BLOCK_BITS = np.uint64(10)
_TO_53_BITS = np.uint64(11)
_TO_52_BITS = np.uint64(12)


@kernel
def philox4x32(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four 32-bit words from a counter and a key, all held in uint64 and below 2^32."""
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = (product_1 >> _WORD) ^ c1 ^ k0
        c1 = product_1 & _LOW
        c2 = (product_0 >> _WORD) ^ c3 ^ k1
        c3 = product_0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@kernel
def halves(key: int, agent: int, occurrence: int, repetition: int, block: int) -> tuple[np.uint64, np.uint64]:
    """The two 64-bit halves of a block of the draw at this address."""
    k, a = np.uint64(key), np.uint64(agent)
    last = (np.uint64(repetition) << _BLOCK_BITS) | np.uint64(block)
    w0, w1, w2, w3 = philox4x32(a & _LOW, a >> _WORD, np.uint64(occurrence) & _LOW, last & _LOW, k & _LOW, k >> _WORD)
    return (w1 << _WORD) | w0, (w3 << _WORD) | w2


@kernel
def unit(bits: np.uint64) -> float:
    """A multiple of 2^-53 in [0, 1) from the upper 53 of 64 bits."""
    return float(bits >> _TO_53_BITS) * 2.0**-53


@kernel
def open_unit(bits: np.uint64) -> float:
    """An odd multiple of 2^-53 in (0, 1) from the upper 52 of 64 bits; 1 minus it is exact and of the same kind.

    For quantile functions that are infinite at 0 or 1.
    """
    return (float(bits >> _TO_52_BITS) + 0.5) * 2.0**-52
