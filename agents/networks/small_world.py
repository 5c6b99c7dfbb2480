"""A small world: a ring of neighbours, some of whose links lead anywhere instead.

The model of Watts and Strogatz, "Collective dynamics of 'small-world' networks", Nature 393 (1998), in the
order of rewiring of ``networkx.watts_strogatz_graph``, which the tests compare with. Here every link keeps its own
draws, so that another ``rewire`` changes only the links it must, and no edge is a Python object.
"""

from __future__ import annotations

import numpy as np

from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, both_directions
from bustle.agents.networks.settings import Settings
from bustle.agents.population import Array
from bustle.agents.randomness.draws import uniform01
from bustle.machine_code import kernel
from bustle.scenarios.diagnostics import RunError


def build(settings: Settings) -> Csr:
    """A symmetric network on a ring in order of id: ``neighbours`` / 2 links each way, rewired with chance ``rewire``.

    Where there are not more than ``neighbours`` agents, all are connected.

    Raises:
        RunError: ``neighbours`` is not an even whole number, ``rewire`` no share, the network connects two populations
            or is too large.
    """
    settings.require_one_population()
    neighbours, rewire, size = settings.count("neighbours", least=2), settings.share("rewire"), settings.sources
    if neighbours % 2:
        raise RunError(
            f"`neighbours` of network `{settings.network.name}` must be even (half of them on each side), "
            f"but is {neighbours}",
            settings.span("neighbours"),
        )
    if size <= neighbours:
        require_edges(settings.network, size * size, settings.span("neighbours"))
        left, right = np.triu_indices(size, k=1)
        return both_directions(left.astype(np.int64), right.astype(np.int64), size)
    require_edges(settings.network, size * neighbours, settings.span("neighbours"))
    every = np.arange(size, dtype=np.int64)
    far_ends = (every[:, None] + np.arange(1, neighbours // 2 + 1)) % size
    _rewire(settings.key, rewire, far_ends, np.full(size, neighbours, dtype=np.int64))
    return both_directions(np.repeat(every, neighbours // 2), far_ends.ravel(), size)


@kernel
def _linked(far_ends: Array, a: int, b: int) -> bool:
    """Whether a link joins ``a`` and ``b``; each link is held by the agent it started from."""
    for step in range(far_ends.shape[1]):
        if far_ends[a, step] == b or far_ends[b, step] == a:
            return True
    return False


@kernel
def _rewire(key: int, rewire: float, far_ends: Array, degrees: Array) -> None:
    """Move far ends to other agents, never to the agent itself or along a link that is there.

    The draws of a link are keyed by the agent that holds it, with the link's step along the ring as occurrence.
    """
    size = far_ends.shape[0]
    for step in range(far_ends.shape[1]):
        for agent in range(size):
            if uniform01(key, agent, step, 0) >= rewire or degrees[agent] >= size - 1:
                continue
            repetition = 1
            while True:
                other = int(uniform01(key, agent, step, repetition) * size)
                repetition += 1
                if other != agent and not _linked(far_ends, agent, other):
                    break
            degrees[far_ends[agent, step]] -= 1
            degrees[other] += 1
            far_ends[agent, step] = other
