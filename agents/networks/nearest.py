"""Neighbours in space: everybody within a radius, or the nearest few."""

from __future__ import annotations

from typing import Any

import numpy as np

from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, both_directions, from_degrees
from bustle.agents.networks.grid import Grid
from bustle.agents.networks.settings import Settings
from bustle.agents.networks.strips import Strips, are_near_enough
from bustle.agents.population import Array
from bustle.scenarios.diagnostics import RunError

_QUERIES = 50_000
"""Sources whose nearest are looked for together; bounds memory."""

_AT_ONCE = 1000
"""Sources whose neighbours scipy lists together; it makes Python lists, which take five times the memory."""


def build(settings: Settings) -> Csr:
    """A network by Euclidean distance between the attributes of ``position`` (any number of them).

    With ``radius``, everybody at most that far away, in order of id. With ``neighbours``, that many of the nearest,
    nearest first (equally near ones in order of id), fewer where there are not so many. An agent is never its
    own neighbour.

    Raises:
        RunError: ``position`` or both of ``radius`` and ``neighbours`` are left out, a place is not finite, or
            there are too many edges.
    """
    names = settings.names("position")
    if not names:
        raise RunError(f"network `{settings.network.name}` needs `position`, the attributes that give the place")
    here = _places(settings, settings.network.source, names)
    there = here if settings.within_one else _places(settings, settings.network.target, names)
    if settings.expression("radius") is not None:
        return _within_radius(settings, here, there, settings.number("radius"))
    if settings.expression("neighbours") is not None:
        return _nearest(settings, here, there, settings.count("neighbours", least=0))
    raise RunError(f"network `{settings.network.name}` needs `radius` or `neighbours`")


def _places(settings: Settings, population: str, names: tuple[str, ...]) -> Array:
    columns = settings.columns(population, names)
    places = np.stack([column.astype(np.float64) for column in columns], axis=1)
    bad = ~np.isfinite(places).all(axis=1)
    if bad.any():
        raise RunError(
            f"network `{settings.network.name}` needs finite places, but {population} {int(np.argmax(bad))} is at "
            f"{', '.join(f'{value:g}' for value in places[np.argmax(bad)])}"
        )
    return places


def _within_radius(settings: Settings, here: Array, there: Array, radius: float) -> Csr:
    if not (radius >= 0 and np.isfinite(radius)):
        raise RunError(
            f"`radius` of network `{settings.network.name}` must be at least 0, but is {radius:g}",
            settings.span("radius"),
        )
    if not len(here) or not len(there):
        return Csr(np.zeros(len(here) + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    if here.shape[1] == 2 and (grid := Grid(here, there, radius, own=there is here)).is_fast:
        counts = grid.counts()
        require_edges(settings.network, int(counts.sum()), settings.span("radius"))
        csr = from_degrees(counts)
        grid.fill(csr.offsets, csr.targets)
        return csr
    tree = _tree(here)
    other = tree if there is here else _tree(there)
    edges = int(tree.count_neighbors(other, radius)) - (len(here) if there is here else 0)
    require_edges(settings.network, edges, settings.span("radius"))
    if there is here:
        pairs = tree.query_pairs(radius, output_type="ndarray").astype(np.int64)
        return both_directions(pairs[:, 0].copy(), pairs[:, 1].copy(), len(here))
    counts = other.query_ball_point(here, radius, return_length=True)
    csr = from_degrees(np.asarray(counts, dtype=np.int64))
    for first in range(0, len(here), _AT_ONCE):
        found = other.query_ball_point(here[first : first + _AT_ONCE], radius, return_sorted=True)
        place = csr.offsets[first]
        for near in found:
            csr.targets[place : place + len(near)] = near
            place += len(near)
    return csr


def _nearest(settings: Settings, here: Array, there: Array, wanted: int) -> Csr:
    own = 1 if there is here else 0
    wanted = min(wanted, max(0, len(there) - own))
    require_edges(settings.network, len(here) * wanted, settings.span("neighbours"))
    if wanted == 0 or not len(here):
        return Csr(np.zeros(len(here) + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    offsets = np.arange(len(here) + 1, dtype=np.int64) * wanted
    if here.shape[1] == 2 and are_near_enough(here) and are_near_enough(there):
        return Csr(offsets, Strips(there).nearest(here, wanted, own=bool(own)).reshape(-1))
    tree = _tree(there)
    targets = np.empty(len(here) * wanted, dtype=np.int32)
    rows = targets.reshape(len(here), wanted)
    for first in range(0, len(here), _QUERIES):
        last = min(first + _QUERIES, len(here))
        # The threads share out the questions; the answers do not depend on how.
        distances, found = tree.query(here[first:last], k=np.arange(1, wanted + own + 1), workers=-1)
        if own:
            keep = found != np.arange(first, last)[:, None]
            crowded = keep.all(axis=1)  # so many at one place that the agent itself was not among the nearest
            keep[crowded, -1] = False
            distances = distances[keep].reshape(last - first, wanted)
            found = found[keep].reshape(last - first, wanted)
        tied = np.flatnonzero((distances[:, 1:] == distances[:, :-1]).any(axis=1))
        order = np.lexsort((found[tied], distances[tied]), axis=1)
        found[tied] = np.take_along_axis(found[tied], order, axis=1)
        rows[first:last] = found
    return Csr(offsets, targets)


def _tree(places: Array) -> Any:
    from scipy.spatial import cKDTree

    return cKDTree(places)
