"""What a run will take and give, before it is run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from bustle.agents.build import World, build_world, surroundings
from bustle.agents.evaluate import evaluate_one
from bustle.agents.limits import MAX_AGENTS, MAX_EDGES
from bustle.agents.making import WorldMaker
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    AgentTable,
    EachTable,
    EdgeTable,
    EveryTrigger,
    Expr,
    Model,
    Network,
    RateTrigger,
    SampleTable,
    Table,
)
from bustle.scenarios.types import INSTANT, NUMBER, WHOLE, Agent, Bool, Category, State, Type
from bustle.sim.plan.amounts import NOTHING, Amount, total
from bustle.sim.plan.expectations import Expectations
from bustle.sim.plan.footprint import (
    COMPILED_BYTES,
    COMPILED_EDGE_BYTES,
    ENGINE_BYTES,
    FEATURE_TRAIL_BYTES,
    FILE_BYTES,
    KEY_BYTES,
    NEIGHBOUR_BYTES,
    agent_memory,
    compiled_agent_memory,
    row_bytes,
)

SKETCH_AGENTS = 100_000
"""Agents that are made for an estimate; larger scenarios are scaled down to it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to take and give; see `bustle.sim.plan.amounts.Amount` for how sure a number is.

    Attributes:
        populations: Agents at the start.
        networks: Edges.
        firings: How often each behavior runs.
        events: Rows of the log, by event.
        tables: Rows of each table.
        memory: Bytes of memory at the start of the run, in the reference engine.
        compiled_memory: The same in the compiled engine.
        disk: Bytes of log and tables as Parquet files.
        notes: What was assumed, one sentence each.
    """

    populations: dict[str, int]
    networks: dict[str, Amount]
    firings: dict[str, Amount]
    events: dict[str, Amount]
    tables: dict[str, Amount]
    memory: int
    compiled_memory: int
    disk: Amount
    notes: tuple[str, ...]

    @property
    def all_events(self) -> Amount:
        """Rows of the log, all events together."""
        return total(self.events.values())

    def to_dict(self) -> dict[str, object]:
        """The estimate as JSON-ready values."""
        return {
            "populations": dict(self.populations),
            **{
                section: {name: amount.to_dict() for name, amount in getattr(self, section).items()}
                for section in ("networks", "firings", "events", "tables")
            },
            "memory": self.memory,
            "compiled_memory": self.compiled_memory,
            "disk": self.disk.to_dict(),
            "notes": list(self.notes),
        }


def estimate(model: Model, world: World | None = None) -> Estimate:
    """What running ``model`` will take and give, without running it.

    Args:
        model: The checked scenario, with the values, length and scale of the run.
        world: Its world, or that of the same scenario at a smaller scale; made at a scale of at most
            `SKETCH_AGENTS` agents if not given.

    Raises:
        RunError: The scenario's agents or networks cannot be made.
    """
    counter = WorldMaker(model, model.seed)
    sizes = {name: counter.size(name) for name in model.populations}
    if world is None:
        world = sketch_world(model)
    around = surroundings(model, world, model.seed)
    expectations = Expectations(model, around, sizes)
    networks = {name: _edges(network, world, sizes) for name, network in model.networks.items()}
    firings = {name: expectations.firings(name) for name in model.behaviors}
    events = {name: expectations.emitted(name) for name in model.events}
    tables = {
        name: _rows(table, model, sizes, around, expectations, networks, events) for name, table in model.tables.items()
    }
    memory = float(ENGINE_BYTES)
    for name, population in model.populations.items():
        memory += (agent_memory(population, expectations.clocks(name)) + _column_bytes(world, name)) * sizes[name]
    memory += sum(NEIGHBOUR_BYTES * edges.number for edges in networks.values())
    notes = list(expectations.notes)
    python = [population.name for population in model.populations.values() if population.python_class]
    if python:
        notes.append(f"what agents written in Python do is not counted ({', '.join(python)})")
    notes += [
        f"`{name}` would have {size:,} agents, more than the {MAX_AGENTS:,} that are possible"
        for name, size in sizes.items()
        if size > MAX_AGENTS
    ]
    notes += [
        f"network `{name}` would have about {edges.number:,.0f} edges, more than the {MAX_EDGES:,} that are possible"
        for name, edges in networks.items()
        if edges.number > MAX_EDGES
    ]
    if any(amount.kind == "about" for amount in (*firings.values(), *events.values())):
        notes.append('"about": conditions may make it less, and what is not counted may make it more')
    compiled = compiled_memory(model, sizes, sum(edges.number for edges in networks.values()))
    return Estimate(
        sizes,
        networks,
        firings,
        events,
        tables,
        round(memory),
        round(compiled),
        _disk(model, sizes, networks, events, tables),
        tuple(notes),
    )


def compiled_memory(model: Model, sizes: dict[str, int], edges: float) -> float:
    """Bytes of memory that the compiled engine needs."""
    needed = COMPILED_BYTES + COMPILED_EDGE_BYTES * edges
    for name, population in model.populations.items():
        mine = [behavior for behavior in model.behaviors.values() if behavior.who == name]
        clocks = sum(isinstance(behavior.trigger, RateTrigger | EveryTrigger) for behavior in mine)
        needed += sizes[name] * compiled_agent_memory(population, len(mine), clocks)
    return needed


def sketch_world(model: Model) -> World:
    """The model's world, or that of the same scenario at a scale of at most `SKETCH_AGENTS` agents.

    Raises:
        RunError: the scenario's agents or networks cannot be made.
    """
    counter = WorldMaker(model, model.seed)
    share = min(1.0, SKETCH_AGENTS / max(1, sum(map(counter.size, model.populations))))
    return build_world(replace(model, scale=model.scale * share), model.seed)


def _column_bytes(world: World, population: str) -> int:
    columns = world.populations[population]
    return columns.nbytes // max(1, columns.size)


def _edges(network: Network, world: World, sizes: dict[str, int]) -> Amount:
    """Edges of the network at its true size."""
    made = world.networks[network.name]
    here, there = sizes[network.source], sizes[network.target]
    if network.kind == "complete":
        return Amount(float(here * (there - (network.source == network.target))))
    up = here / max(1, made.sources)
    if up == 1:
        return Amount(float(made.edges))
    if network.kind == "blocks" or "radius" in network.options:
        up *= there / max(1, world.populations[network.target].size)
    return Amount(made.edges * up, less=True, more=True)


def _rows(
    table: Table,
    model: Model,
    sizes: dict[str, int],
    around: WorldMaker,
    expectations: Expectations,
    networks: dict[str, Amount],
    events: dict[str, Amount],
) -> Amount:
    """Rows of a table."""
    length = model.clock.length
    match table:
        case EachTable():
            rows = events[table.event]
            if table.window is not None:
                groups = float(
                    -(-length // table.window) * math.prod(_values(column.value.type, sizes) for column in table.by)
                )
                rows = Amount(groups, less=True) if groups < rows.number else rows.at_most()
            return rows if table.where is None else rows.at_most()
        case AgentTable():
            instants = {_instant(at, around) for at in table.at}
            times = sum(0 <= instant <= length for instant in instants) if table.at else 1
            rows = Amount(float(sizes[table.population] * times))
            rows = rows.at_least() if expectations.growing(table.population) else rows
            return rows if table.where is None else rows.at_most()
        case SampleTable():
            return Amount(float(-(-length // table.every)))
        case EdgeTable():
            rows = networks[table.network] if table.network else events[table.event or ""].at_most()
            return rows if table.where is None else rows.at_most()


def _values(type_: Type, sizes: dict[str, int]) -> float:
    """How many different values of a type there may be."""
    match type_:
        case Bool():
            return 2
        case Category() | State():
            return len(type_.levels)
        case Agent():
            return sizes[type_.population]
    return math.inf


def _instant(at: Expr, around: WorldMaker) -> int:
    try:
        return int(evaluate_one(at, around))
    except RunError:
        return -1


def _disk(
    model: Model,
    sizes: dict[str, int],
    networks: dict[str, Amount],
    events: dict[str, Amount],
    tables: dict[str, Amount],
) -> Amount:
    """Bytes of the log and the tables."""
    parts = [Amount(float(FILE_BYTES * (len(events) + len(tables) + len(sizes) + len(networks))))]
    for name, event in model.events.items():
        actors = [behavior.who for behavior in model.behaviors.values() if behavior.who is not None]
        widest = max(actors, key=sizes.__getitem__, default=None)
        agent = [Agent(widest)] if widest else []
        each = KEY_BYTES + row_bytes([INSTANT, *agent, *(field.type for field in event.fields)], sizes)
        parts.append(events[name] * each)
    for name, population in model.populations.items():
        types = [attribute.type for attribute in population.attributes]
        types += [Agent(link.population) for link in population.links]
        parts.append(Amount(sizes[name] * (row_bytes([*types, Agent(name), Agent(name)], sizes))))
    for name, network in model.networks.items():
        parts.append(networks[name] * row_bytes([WHOLE, Agent(network.target)], sizes))
    for name, table in model.tables.items():
        columns = [column.value.type for column in table.columns]
        if isinstance(table, EachTable):
            columns += [column.value.type for column in table.by]
            # Sums and means of money are many, unlike amounts: they take the room of other numbers.
            columns += [WHOLE if feature.type == WHOLE else NUMBER for feature in table.features]
            if table.features:
                parts.append(tables[name] * FEATURE_TRAIL_BYTES)
        elif not isinstance(table, AgentTable):
            columns.append(INSTANT)
        parts.append(tables[name] * row_bytes(columns, sizes))
    return total(part for part in parts if part != NOTHING)
