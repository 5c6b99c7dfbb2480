"""How unequal payees are: Zipf's slope, and the share of the busiest hundredth."""

from __future__ import annotations

import math

import numpy as np

from bustle.outputs.audit.arrays import Floats, Integers

RANKS_A_DECADE = 20
COVERED = 0.95


def zipf_slope(counts: Integers | Floats) -> float:
    """Minus the slope of log count on log rank; 1 is Zipf's law, 0 means that all are alike.

    The least-squares line goes through ranks spaced evenly in the logarithm (`RANKS_A_DECADE`, rounded, each once), so
    that the many small ones do not outweigh the few large ones, up to the rank at which `COVERED` of all is covered,
    behind which counts are mostly chance.

    Args:
        counts: how much each payee has, in any order.

    Returns:
        The slope; NaN if fewer than three ranks remain.
    """
    ordered = np.sort(counts[counts > 0])[::-1]
    if not ordered.size:
        return math.nan
    last = int(np.searchsorted(np.cumsum(ordered), COVERED * ordered.sum())) + 1
    steps = np.arange(math.floor(RANKS_A_DECADE * math.log10(last)) + 1)
    ranks = np.unique(np.rint(10 ** (steps / RANKS_A_DECADE)).astype(np.int64))
    if ranks.size < 3:
        return math.nan
    slope, _ = np.polyfit(np.log(ranks), np.log(ordered[ranks - 1]), 1)
    return -float(slope)


def top_share(counts: Integers, population: int) -> float:
    """The share of all that the busiest 1 % (rounded up) of ``population`` have; those without any count too."""
    largest = np.sort(counts)[::-1][: math.ceil(population / 100)]
    return float(largest.sum() / counts.sum())
