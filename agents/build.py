"""Make the world a run starts from: populations, networks and globals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import cast

import numpy as np

from bustle.agents.lanes import Held
from bustle.agents.making import ColumnMaker, WorldMaker, column_names
from bustle.agents.network import Csr
from bustle.agents.population import Array, Indices, PopulationColumns
from bustle.scenarios.model import Empirical, Expr, Model, Typed
from bustle.scenarios.walk import expressions


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
    globals: dict[str, Held]
    columns: dict[tuple[str, str], Array]


def build_world(model: Model, seed: int) -> World:
    """Sample every population, link, network and global of ``model``.

    The result is a pure function of ``model`` and ``seed``; no other randomness is used.

    Raises:
        RunError: Something the scenario asks for cannot be made; the message says what, its span where.
    """
    maker = WorldMaker(model, seed)
    populations = {name: _population(maker, name) for name in model.populations}
    networks = {name: maker.network(name) for name in model.networks}
    values = {name: maker.world_value(name) for name in model.world}
    for path, column in sorted(_empirical_columns(model)):
        maker.file_column(path, column)
    return World(populations, networks, values, maker.file_columns)


def _population(maker: WorldMaker, name: str) -> PopulationColumns:
    population = maker.model.populations[name]
    columns = {column: maker.column(name, column) for column in column_names(population)}
    return PopulationColumns(name, maker.size(name), columns)


def _empirical_columns(model: Model) -> set[tuple[str, str]]:
    """Every column of a file that anything in the model draws from."""
    return {(node.path, node.column) for node in _every_expression(model) if isinstance(node, Empirical)}


def _every_expression(part: object) -> Iterator[object]:
    if isinstance(part, Typed):
        yield from expressions(cast("Expr", part))
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _every_expression(value)
    elif isinstance(part, (tuple, frozenset)):
        for value in part:
            yield from _every_expression(value)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _every_expression(getattr(part, field.name))


def surroundings(model: Model, world: World, seed: int) -> WorldMaker:
    """What expressions read of a world that was made; the values of parameters are those of ``model``."""
    maker = WorldMaker(model, seed)
    for name, columns in world.populations.items():
        maker.sizes[name] = columns.size
        maker.columns[name] = columns.columns
    maker.networks.update(world.networks)
    maker.globals.update(world.globals)
    maker.file_columns = world.columns
    return maker


def new_agents(
    model: Model,
    world: World,
    seed: int,
    population: str,
    identities: Indices,
    given: Mapping[str, Array],
    first: int,
) -> dict[str, Array]:
    """Columns of agents added during a run, sampled with their own ``identities`` (occurrence 0).

    An agent of the start gets from its identity exactly what `build_world` gave it.

    Args:
        model: The checked scenario.
        world: What links and attributes read: populations as they are now, networks, globals.
        seed: The run's seed.
        population: The population the agents join.
        identities: int64 identities of the new agents (see `bustle.agents.randomness.spawn_identity`).
        given: Columns, in held form and as long as ``identities``, which are taken as they are.
        first: Index of the first new agent; the others follow.

    Returns:
        All columns of the population (links, attributes, ``state``).

    Raises:
        RunError: A value cannot be computed.
    """
    maker = surroundings(model, world, seed)
    agents = np.arange(first, first + len(identities), dtype=np.int64)
    joining = ColumnMaker(maker, model.populations[population], agents, identities, dict(given))
    return {name: joining.column(name) for name in column_names(model.populations[population])}
