"""Networks in compressed sparse row form: who may be picked from whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bustle.agents.population import Indices


@dataclass(frozen=True, slots=True)
class Csr:
    """A network's edges, grouped by source.

    Attributes:
        offsets: int64, one more than there are sources; source ``i`` owns ``targets[offsets[i]:offsets[i + 1]]``.
        targets: int64 indices of the target population. Their order is the canonical order of a pick.
    """

    offsets: Indices
    targets: Indices

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

    def neighbours(self, source: int) -> Indices:
        """The neighbours of ``source``, a view; none for a source added after the network was built."""
        if source >= self.sources:
            return self.targets[:0]
        return self.targets[self.offsets[source] : self.offsets[source + 1]]


def from_pairs(sources: Indices, targets: Indices, size: int) -> Csr:
    """A network from pairs in any order; the pairs of one source keep their order.

    Args:
        sources: int64 source of each edge, 0 <= source < ``size``.
        targets: int64 target of each edge.
        size: Number of sources.
    """
    order = np.argsort(sources, kind="stable")
    offsets = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(sources, minlength=size), out=offsets[1:])
    return Csr(offsets, np.ascontiguousarray(targets[order], dtype=np.int64))


def both_directions(left: Indices, right: Indices, size: int) -> Csr:
    """A symmetric network from undirected pairs; neighbours stand in order of id."""
    sources = np.concatenate([left, right])
    targets = np.concatenate([right, left])
    order = np.lexsort((targets, sources))
    return from_pairs(sources[order], targets[order], size)
