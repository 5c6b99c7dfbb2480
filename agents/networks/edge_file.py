"""A network from a file with a row an edge."""

from __future__ import annotations

import numpy as np

from bustle.agents.limits import require_edges
from bustle.agents.network import Csr, from_pairs
from bustle.agents.networks.settings import Settings
from bustle.agents.population import Array
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.files import read_columns


def build(settings: Settings) -> Csr:
    """Edges from the columns ``from_column`` to ``to_column`` of a CSV or Parquet ``file``: ids of agents, from 0.

    Each row is one edge in the direction given; rows that repeat an edge add nothing. Neighbours stand in the order of
    the file. In a scaled-down run, edges of agents that are not there are left out.

    Raises:
        RunError: The file or its columns cannot be read, or an id is no agent's.
    """
    network = settings.network
    (path,) = settings.names("file") or ("",)
    names = [*settings.names("from_column"), *settings.names("to_column")]
    try:
        columns = read_columns(settings.folder, path, names or None)
    except ValueError as error:
        raise RunError(f"network `{network.name}`: {error}") from None
    if not names:
        names = list(columns)[:2]
    if len(names) != 2:
        raise RunError(f"network `{network.name}`: {path} needs two columns, one for each end of an edge")
    sources = _ids(settings, path, names[0], columns[names[0]], network.source, settings.sources)
    targets = _ids(settings, path, names[1], columns[names[1]], network.target, settings.targets)
    there = (sources < settings.sources) & (targets < settings.targets)
    sources, targets = sources[there], targets[there]
    require_edges(network, len(sources))
    _, first = np.unique(sources * max(1, settings.targets) + targets, return_index=True)
    first.sort()
    return from_pairs(sources[first], targets[first], settings.sources)


def _ids(settings: Settings, path: str, column: str, values: Array, population: str, size: int) -> Array:
    name = settings.network.name
    if values.dtype != np.int64:
        raise RunError(f"network `{name}`: column `{column}` of {path} must hold whole numbers, the ids of agents")
    bad = values < 0
    if settings.scale == 1:
        bad |= values >= size
    if bad.any():
        row = int(np.argmax(bad))
        raise RunError(
            f"network `{name}`: column `{column}` of {path} has id {values[row]} in row {row + 1}, but {population} "
            f"has ids from 0 to {size - 1}"
        )
    return values
