"""Networks in compressed sparse row form: who may be picked from whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bustle.agents.population import Array, Indices
from bustle.machine_code import kernel


@dataclass(frozen=True, slots=True)
class Csr:
    """A network's edges, grouped by source.

    Attributes:
        offsets: int64, one more than there are sources; source ``i`` owns ``targets[offsets[i]:offsets[i + 1]]``.
        targets: int32 indices of the target population. Their order is the canonical order of a pick.
    """

    offsets: Indices
    targets: Array

    @property
    def sources(self) -> int:
        """Number of agents edges may leave from."""
        return len(self.offsets) - 1

    @property
    def edges(self) -> int:
        """Number of edges; a symmetric network counts each in both directions."""
        return len(self.targets)

    @property
    def degrees(self) -> Indices:
        """Number of neighbours of each source, int64."""
        return np.diff(self.offsets)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return self.offsets.nbytes + self.targets.nbytes

    def neighbours(self, source: int) -> Array:
        """The neighbours of ``source``, int32, a view; none for a source added after the network was built."""
        if source >= self.sources:
            return self.targets[:0]
        return self.targets[self.offsets[source] : self.offsets[source + 1]]

    def pairs(self) -> tuple[Indices, Indices]:
        """Source and target of every edge, int64."""
        return np.repeat(np.arange(self.sources, dtype=np.int64), self.degrees), self.targets.astype(np.int64)


def from_degrees(degrees: Indices) -> Csr:
    """A network whose offsets follow from ``degrees`` (int64); its targets are still to be filled."""
    offsets = np.zeros(len(degrees) + 1, dtype=np.int64)
    np.cumsum(degrees, out=offsets[1:])
    return Csr(offsets, np.empty(int(offsets[-1]), dtype=np.int32))


def from_pairs(sources: Indices, targets: Indices, size: int) -> Csr:
    """A network from pairs in any order; the pairs of one source keep their order.

    Args:
        sources: int64 source of each edge, 0 <= source < ``size``.
        targets: int64 target of each edge.
        size: Number of sources.
    """
    csr = from_degrees(np.bincount(sources, minlength=size).astype(np.int64))
    _deal(np.ascontiguousarray(sources), np.ascontiguousarray(targets), csr.offsets[:-1].copy(), csr.targets)
    return csr


def both_directions(left: Indices, right: Indices, size: int) -> Csr:
    """A symmetric network from undirected pairs; neighbours stand in order of id."""
    sources = np.concatenate([left, right])
    targets = np.concatenate([right, left])
    by_target = from_pairs(targets, sources, size)
    ordered_targets, ordered_sources = by_target.pairs()
    return from_pairs(ordered_sources, ordered_targets, size)


@kernel
def _deal(sources: Array, targets: Array, places: Array, result: Array) -> None:
    """Put each target into its source's next place: a counting sort that keeps the order."""
    for edge in range(len(sources)):
        source = sources[edge]
        result[places[source]] = targets[edge]
        places[source] += 1
