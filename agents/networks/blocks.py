"""A stochastic block model: links within a group are more (or less) likely than between groups.

Holland, Laskey and Leinhardt, "Stochastic blockmodels: first steps", Social Networks 5 (1983). Links are found
by skipping over the pairs that have none, in a geometric number of steps (Batagelj and Brandes, "Efficient
generation of large random networks", Phys. Rev. E 71, 036113, 2005, section II), so the work grows with the links.
"""

from __future__ import annotations

import math

import numpy as np

from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, both_directions, from_pairs
from bustle.agents.networks.settings import Settings
from bustle.agents.population import Array, Indices
from bustle.agents.randomness.draws import uniform01
from bustle.machine_code import kernel
from bustle.scenarios.diagnostics import RunError

_WITHIN, _BETWEEN = 0, 1


def build(settings: Settings) -> Csr:
    """Every pair is linked with chance ``within`` where the attribute ``by`` is the same for both, else ``between``.

    Symmetric within one population; between two populations, both need the attribute, and links lead from source
    to target. Neighbours stand in order of id.

    Raises:
        RunError: ``by`` is left out, a chance does not lie between 0 and 1, or there would be too many edges.
    """
    names = settings.names("by")
    if len(names) != 1:
        raise RunError(f"network `{settings.network.name}` needs `by`, the attribute that tells the blocks apart")
    within, between = settings.share("within"), settings.share("between")
    here = settings.columns(settings.network.source, names)[0]
    there = here if settings.within_one else settings.columns(settings.network.target, names)[0]
    _, codes = np.unique(np.concatenate([here, there]).astype(here.dtype), return_inverse=True)
    ours, theirs = codes[: len(here)].astype(np.int64), codes[len(here) :].astype(np.int64)
    sizes_here = np.bincount(ours, minlength=len(codes))
    sizes_there = np.bincount(theirs, minlength=len(codes))
    alike = float((sizes_here.astype(np.float64) * sizes_there).sum())
    unlike = float(len(ours)) * len(theirs) - alike
    expected = within * alike + between * unlike
    require_edges(settings.network, expected + 6 * math.sqrt(expected), settings.span("within"))
    members = np.argsort(theirs, kind="stable").astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes_there)]).astype(np.int64)
    between = between if unlike else 0.0
    arguments = (settings.key, within, between, ours, theirs, members, starts, settings.within_one)
    counts = np.zeros(len(ours), dtype=np.int64)
    nothing = np.empty(0, dtype=np.int64)
    _link(*arguments, counts, nothing, False)
    sources = np.repeat(np.arange(len(ours), dtype=np.int64), counts)
    targets: Indices = np.empty(len(sources), dtype=np.int64)
    _link(*arguments, counts, targets, True)
    if settings.within_one:
        return both_directions(sources, targets, len(ours))
    ordered = from_pairs(targets, sources, len(theirs))
    by_target, by_source = ordered.pairs()
    return from_pairs(by_source, by_target, len(ours))


@kernel
def _skip(u: float, chance: float) -> int:
    """How many pairs without a link come before the next link; very many where ``chance`` is 0."""
    if chance >= 1.0:
        return 0
    steps = math.log1p(-u) / math.log1p(-chance)
    return int(steps) if steps < 2.0**62 else 2**62


@kernel
def _link(
    key: int,
    within: float,
    between: float,
    ours: Array,
    theirs: Array,
    members: Array,
    starts: Array,
    one: bool,
    counts: Array,
    targets: Array,
    write: bool,
) -> None:
    """Find the links of every source; first only to count them, then to write them.

    Draws are keyed by the source, with occurrence 0 for its own block and 1 for the others. ``members`` lists the
    targets block by block. Links between blocks are found among all targets, and those that turn out to be in
    the source's own block are dropped. In one population (``one``) only later agents are looked at.
    """
    filled = 0
    for source in range(len(ours)):
        block, found = ours[source], 0
        if within > 0.0:
            place, end = starts[block], starts[block + 1]
            if one:
                place += np.searchsorted(members[place:end], source, side="right")
            repetition = 0
            place += _skip(uniform01(key, source, _WITHIN, repetition), within)
            while place < end:
                if write:
                    targets[filled] = members[place]
                    filled += 1
                found += 1
                repetition += 1
                place += 1 + _skip(uniform01(key, source, _WITHIN, repetition), within)
        if between > 0.0:
            place = source + 1 if one else 0
            repetition = 0
            place += _skip(uniform01(key, source, _BETWEEN, repetition), between)
            while place < len(theirs):
                if theirs[place] != block:
                    if write:
                        targets[filled] = place
                        filled += 1
                    found += 1
                repetition += 1
                place += 1 + _skip(uniform01(key, source, _BETWEEN, repetition), between)
        counts[source] = found
