"""Running sums of weights along the pools of a network."""

from __future__ import annotations

from bustle.agents.population import Array
from bustle.sim.compiled.native import kernel


@kernel
def running_sums(offsets: Array, targets: Array, weights: Array, sums: Array) -> None:
    """Write the cumulative weights of each source's targets, added in order.

    Args:
        offsets: int64, one more than there are sources.
        targets: int32 targets, grouped by source.
        weights: float64 weight of each target, 0 or more.
        sums: float64, as long as ``targets``.
    """
    for source in range(len(offsets) - 1):
        total = 0.0
        for place in range(offsets[source], offsets[source + 1]):
            total += weights[targets[place]]
            sums[place] = total
