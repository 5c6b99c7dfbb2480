"""Preferential attachment: agents join one by one and link to those who already have many links.

The model of Barabasi and Albert, "Emergence of scaling in random networks", Science 286 (1999), started from a star as
networkx does. Ends of links are drawn evenly from the list of all ends so far, which weighs agents by
their degree (Batagelj and Brandes, "Efficient generation of large random networks", Phys. Rev. E 71, 036113,
2005, section V). ``networkx.barabasi_albert_graph`` gives the same distribution (the tests compare with it), but
takes ten times as long, and draws from one stream, in which a change at one agent changes all that follow.
"""

from __future__ import annotations

import numpy as np

from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, both_directions
from bustle.agents.networks.settings import Settings
from bustle.agents.population import Array
from bustle.agents.randomness.draws import uniform01
from bustle.machine_code import kernel


def build(settings: Settings) -> Csr:
    """A symmetric network in which every agent but the first ``links + 1`` makes ``links`` links as it joins.

    Agents join in order of id; agent ``links`` is the hub of the first star. The degree of an agent follows a power
    law with exponent 3. Where there are not more than ``links`` agents, all are connected.

    Raises:
        RunError: ``links`` is not a whole number of at least 1, the network connects two populations or is too large.
    """
    settings.require_one_population()
    links, size = settings.count("links", least=1), settings.sources
    links = min(links, max(size - 1, 0))
    joining = max(0, size - links - 1)
    require_edges(settings.network, 2 * links * (joining + 1), settings.span("links"))
    if size <= links + 1:
        left, right = np.triu_indices(size, k=1)
        return both_directions(left.astype(np.int64), right.astype(np.int64), size)
    ends = np.empty(2 * links * (joining + 1), dtype=np.int64)
    _join(settings.key, size, links, ends)
    return both_directions(ends[0::2].copy(), ends[1::2].copy(), size)


@kernel
def _join(key: int, size: int, links: int, ends: Array) -> None:
    """Write the two ends of every link, in order; the draws of a link are keyed by the agent that joins."""
    filled = 0
    for leaf in range(links):
        ends[filled], ends[filled + 1] = leaf, links
        filled += 2
    for agent in range(links + 1, size):
        repetition, before = 0, filled
        while filled < before + 2 * links:
            other = ends[int(uniform01(key, agent, 0, repetition) * before)]
            repetition += 1
            known = False
            for link in range(before + 1, filled, 2):
                known = known or ends[link] == other
            if not known:
                ends[filled], ends[filled + 1] = agent, other
                filled += 2
