"""A random network: each source has its own number of distinct neighbours, drawn with weights."""

from __future__ import annotations

import numpy as np

from bustle.agents.cores import share_out
from bustle.agents.evaluate import evaluate
from bustle.agents.expressions import depends_on_agent
from bustle.agents.lanes import Lanes, population_lanes
from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, from_degrees
from bustle.agents.networks.settings import Settings
from bustle.agents.picking import TRIES, running_sum
from bustle.agents.pools import CHUNK
from bustle.agents.population import Array, Indices
from bustle.agents.randomness.draws import uniform01
from bustle.machine_code import kernel
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Expr

_SHARE = 10_000
"""Sources that are worth a thread."""


def build(settings: Settings) -> Csr:
    """Neighbours as ``pick(target, by=weight, count=degree)`` without replacement would pick them.

    The pick's uniform numbers have the purpose ``NETWORK.edges`` and the source's identity, one repetition each
    (`bustle.agents.picking`). An agent is never its own neighbour. ``degree`` is evaluated for each source and
    rounded; it ends at the number of targets that have a weight. Neighbours stand in the order of drawing.

    Raises:
        RunError: ``degree`` is left out or gives too many edges.
    """
    degree = settings.expression("degree")
    if degree is None:
        raise RunError(f"network `{settings.network.name}` needs `degree`")
    sources, targets = settings.sources, settings.targets
    lanes = population_lanes(sources)
    wanted = np.maximum(np.rint(evaluate(degree, lanes, settings.world).astype(np.float64)), 0)
    require_edges(settings.network, float(np.minimum(wanted, targets).sum()), degree.span)
    wanted = np.minimum(wanted, targets).astype(np.int64)
    weight = settings.expression("weight")
    if weight is None:
        weights = np.ones(targets)
    elif depends_on_agent(weight):
        return _one_by_one(settings, weight, wanted)
    else:
        looking = Lanes(size=targets).looking_at(np.arange(targets, dtype=np.int64))
        weights = evaluate(weight, looking, settings.world).astype(np.float64)
    usable = weights > 0
    available = np.full(sources, np.count_nonzero(usable), dtype=np.int64)
    if settings.within_one:
        available -= usable
    csr = from_degrees(np.minimum(wanted, available))
    selves = lanes.keys() if settings.within_one else np.full(sources, -1, dtype=np.int64)
    sums, identities = _sums(settings, weights), lanes.keys()

    def fill(first: int, end: int) -> None:
        own, offsets = selves[first:end], csr.offsets[first : end + 1]
        nobody = np.full(len(sums[0]), -1, dtype=np.int64)
        _fill(settings.key, identities[first:end], own, offsets, csr.targets, *sums, weight is None, nobody)

    share_out(fill, sources, _SHARE)
    return csr


def _one_by_one(settings: Settings, weight: Expr, wanted: Indices) -> Csr:
    """The same where each source weighs the targets in its own way: in chunks of sources times targets."""
    sources, targets = settings.sources, settings.targets
    candidates = np.arange(targets, dtype=np.int64)
    everyone = population_lanes(sources)
    degrees, parts = np.zeros(sources, dtype=np.int64), []
    step = max(1, CHUNK // max(1, targets))
    for first in range(0, sources, step):
        chunk = np.arange(first, min(first + step, sources), dtype=np.int64)
        looking = everyone.take(np.repeat(chunk, targets)).looking_at(np.tile(candidates, len(chunk)))
        rows = evaluate(weight, looking, settings.world).astype(np.float64).reshape(len(chunk), targets)
        for source, weights in zip(chunk, rows, strict=True):
            usable = weights > 0
            available = np.count_nonzero(usable) - int(settings.within_one and usable[source])
            degrees[source] = min(wanted[source], available)
            part = from_degrees(degrees[source : source + 1])
            own = np.array([source if settings.within_one else -1], dtype=np.int64)
            sums = _sums(settings, weights)
            nobody = np.full(len(sums[0]), -1, dtype=np.int64)
            _fill(settings.key, np.array([source]), own, part.offsets, part.targets, *sums, False, nobody)
            parts.append(part.targets)
    csr = from_degrees(degrees)
    csr.targets[:] = np.concatenate(parts) if parts else csr.targets
    return csr


def _sums(settings: Settings, weights: Array) -> tuple[Array, Array, Indices]:
    """Weights with those below 0 as 0, their running sum, and where in it to look for each of some even shares.

    So the search for a share begins at most a few weights before it ends (Chen and Asau, "On generating random variates
    from an empirical distribution", AIIE Transactions 6, 1974). The number of shares is a power of 2, so that no
    rounding makes it begin too late.
    """
    sums = running_sum(weights)
    if len(sums) and not np.isfinite(sums[-1]):
        raise RunError(
            f"the weights of network `{settings.network.name}` are too large to add", settings.span("weight")
        )
    shares = 1 << len(weights).bit_length()
    total = sums[-1] if len(sums) else 0.0
    guide = np.searchsorted(sums, np.arange(shares) / shares * total, side="right")
    return np.where(weights > 0, weights, 0.0), sums, guide


@kernel
def _fill(
    key: int,
    identities: Array,
    selves: Array,
    offsets: Array,
    targets: Array,
    weights: Array,
    sums: Array,
    guide: Indices,
    even: bool,
    taken_by: Array,
) -> None:
    """Fill the neighbours of every source; ``offsets`` ask for no more than can be picked.

    ``taken_by``, int64, begins with -1 for every target.
    """
    for row in range(len(offsets) - 1):
        repetition = 0
        for place in range(offsets[row], offsets[row + 1]):
            choice = -1
            for _ in range(TRIES):
                u = uniform01(key, identities[row], 0, repetition)
                repetition += 1
                i = int(u * len(weights)) if even else _place(u, sums, guide)
                if taken_by[i] != row and i != selves[row]:
                    choice = i
                    break
            if choice < 0:
                u = uniform01(key, identities[row], 0, repetition)
                repetition += 1
                choice = _from_list(u, row, selves[row], taken_by, weights, even)
            taken_by[choice] = row
            targets[place] = choice


@kernel
def _place(u: float, sums: Array, guide: Indices) -> int:
    """The number of running sums that are not above the share ``u`` of the last one."""
    place = int(guide[int(u * len(guide))])
    while place + 1 < len(sums) and sums[place] <= u * sums[-1]:
        place += 1
    return place


@kernel
def _from_list(u: float, row: int, own: int, taken_by: Array, weights: Array, even: bool) -> int:
    """The choice among the targets not yet taken, by their own running sum."""
    total = 0.0
    for i in range(len(weights)):
        if taken_by[i] != row and i != own:
            total += 1.0 if even else weights[i]
    reach = float(int(u * total)) if even else u * total
    running, last = 0.0, -1
    for i in range(len(weights)):
        if taken_by[i] != row and i != own:
            running += 1.0 if even else weights[i]
            last = i
            if running > reach:
                return i
    return last
