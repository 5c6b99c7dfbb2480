"""Sorting a part of an array within a kernel, in place and without further memory."""

from __future__ import annotations

from bustle.agents.population import Indices
from bustle.machine_code import kernel


@kernel
def sort_part(values: Indices, first: int, end: int) -> None:
    """Bring ``values[first:end]`` into rising order.

    Shell's sort with the gaps of Knuth (The Art of Computer Programming, vol. 3, 5.2.1): at most some n^1.5 steps.
    """
    gap = 1
    while gap < end - first:
        gap = 3 * gap + 1
    while gap > 1:
        gap //= 3
        for place in range(first + gap, end):
            value, hole = values[place], place
            while hole >= first + gap and values[hole - gap] > value:
                values[hole] = values[hole - gap]
                hole -= gap
            values[hole] = value
