"""Builders of networks, one file a kind.

Every builder is a pure function of its `Settings`; its draws are keyed by the network's name and the agents, so
that another network, or another agent, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from bustle.agents.lanes import Surroundings
from bustle.agents.network import Csr
from bustle.agents.networks.blocks import build as blocks
from bustle.agents.networks.complete import build as complete
from bustle.agents.networks.edge_file import build as edge_file
from bustle.agents.networks.nearest import build as nearest
from bustle.agents.networks.preferential_attachment import build as preferential_attachment
from bustle.agents.networks.random_degree import build as random_degree
from bustle.agents.networks.settings import Settings
from bustle.agents.networks.small_world import build as small_world
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Model, Network

KINDS: dict[str, Callable[[Settings], Csr]] = {
    "random": random_degree,
    "preferential_attachment": preferential_attachment,
    "small_world": small_world,
    "nearest": nearest,
    "blocks": blocks,
    "file": edge_file,
    "complete": complete,
}
"""The builder of each kind of network."""


def make_network(network: Network, world: Surroundings, model: Model) -> Csr:
    """The edges of ``network``.

    Raises:
        RunError: The network cannot be built as it is declared, or would be too large.
    """
    if network.kind not in KINDS:
        raise RunError(f"network `{network.name}` has an unknown kind, {network.kind}")
    return KINDS[network.kind](Settings(network, world, model.folder, model.scale))
