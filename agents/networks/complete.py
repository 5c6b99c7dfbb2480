"""Everybody connected to everybody."""

from __future__ import annotations

import numpy as np

from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, from_degrees
from bustle.agents.networks.settings import Settings
from bustle.scenarios.diagnostics import RunError


def build(settings: Settings) -> Csr:
    """All pairs, an agent not with itself; neighbours stand in order of id.

    Raises:
        RunError: There would be too many edges.
    """
    sources, targets = settings.sources, settings.targets
    own = 1 if settings.within_one else 0
    try:
        require_edges(settings.network, sources * (targets - own))
    except RunError as error:
        raise RunError(f"{error.message}; to reach everybody, pick from the population itself", error.span) from None
    if not own:
        csr = from_degrees(np.full(sources, targets, dtype=np.int64))
        csr.targets[:] = np.tile(np.arange(targets, dtype=np.int64), sources)
        return csr
    csr = from_degrees(np.full(sources, max(0, targets - 1), dtype=np.int64))
    others = np.arange(max(0, targets - 1), dtype=np.int64)
    for source in range(sources):
        row = csr.targets[csr.offsets[source] : csr.offsets[source + 1]]
        row[:] = others
        row[source:] += 1
    return csr
