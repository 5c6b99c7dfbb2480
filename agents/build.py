"""Make the world a run starts from: populations, networks and globals."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.agents.network import Csr
from bustle.agents.population import Array, Indices, PopulationColumns
from bustle.scenarios.model import Model


@dataclass(slots=True)
class World:
    """Everything there is at time 0.

    Attributes:
        populations: By name, in the order of the scenario.
        networks: By name.
        globals: Values of the ``world`` section, in held form as Python values.
        columns: Columns of files by (path, column), for `Empirical` draws.
    """

    populations: dict[str, PopulationColumns]
    networks: dict[str, Csr]
    globals: dict[str, float | int | bool | str]
    columns: dict[tuple[str, str], Array]


def build_world(model: Model, seed: int) -> World:
    """Sample every population, link, network and global of ``model``.

    The result is a pure function of ``model`` and ``seed``; no other randomness is used.

    Raises:
        RunError: Something the scenario asks for cannot be made; the message says what, its span where.
    """
    raise NotImplementedError


def new_agents(
    model: Model, world: World, seed: int, population: str, identities: Indices, given: dict[str, Array]
) -> dict[str, Array]:
    """Columns of agents added during a run, sampled with their own ``identities`` (occurrence 0).

    Args:
        model: The checked scenario.
        world: The world as built; links and networks are read from it.
        seed: The run's seed.
        population: The population the agents join.
        identities: int64 identities of the new agents (see `bustle.agents.randomness.spawn_identity`).
        given: Columns, in held form and as long as ``identities``, which are taken as they are.

    Returns:
        All columns of the population (links, attributes, ``state``).
    """
    raise NotImplementedError
