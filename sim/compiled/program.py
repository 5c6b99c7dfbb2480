"""What all generated code of one scenario has in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bustle.agents.build import World, surroundings
from bustle.agents.copula import correlated_probabilities
from bustle.agents.evaluate import evaluate, evaluate_one
from bustle.agents.lanes import Lanes
from bustle.agents.population import Array
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    Attr,
    Behavior,
    Binary,
    Call,
    Cancel,
    Candidate,
    Choose,
    Compare,
    Const,
    Convert,
    Expr,
    Field,
    Linked,
    Logic,
    Members,
    Model,
    Neighbours,
    OnTrigger,
    Param,
    Pick,
    Unary,
)
from bustle.scenarios.types import Agent, State, Type
from bustle.scenarios.walk import expressions
from bustle.sim.dependents import Dependent, dependents_of
from bustle.sim.facts import CALENDAR, Facts
from bustle.sim.plan.coupling import Coupling
from bustle.sim.reads import children, statements

WORLD = ""
"""The name of the population that the world is, alone in it."""

_PURE = (Unary, Binary, Compare, Logic, Choose, Call, Convert)


@dataclass(slots=True)
class Program:
    """One scenario, as far as generated code needs it.

    Attributes:
        model: the checked scenario.
        world: its agents and networks as built.
        seed: keys every draw.
        facts: what rules may change.
        coupling: which agents may advance on their own.
        listeners: behaviors with ``on``, by event, in the scenario's order.
        dependents: who must be told of a change, by ("attribute", population, name), ("global", name)
            and ("parameter", name).
        cancelled: behaviors whose calls some rule cancels.
        tallied: populations whose states are counted, since picks ask for them.
        weights: weights of candidates that no rule changes, by population and expression.
        correlated: purposes that a copula gives probabilities for, by growing population.
    """

    model: Model
    world: World
    seed: int
    facts: Facts
    coupling: Coupling
    listeners: dict[str, list[Behavior]] = field(init=False)
    dependents: dict[tuple[str, ...], list[Dependent]] = field(init=False)
    cancelled: frozenset[str] = field(init=False)
    tallied: frozenset[str] = field(init=False)
    weights: dict[tuple[str, str], Array | None] = field(default_factory=dict)
    correlated: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        behaviors = self.model.behaviors.values()
        self.listeners = {event: [] for event in self.model.events}
        for behavior in behaviors:
            if isinstance(behavior.trigger, OnTrigger):
                self.listeners[behavior.trigger.event].append(behavior)
        self.dependents = dependents_of(self.model, self.facts)
        self.cancelled = frozenset(
            statement.behavior
            for behavior in behaviors
            for statement in statements(behavior.body)
            if isinstance(statement, Cancel)
        )
        picks = (
            node
            for behavior in behaviors
            for statement in behavior.body
            for node in expressions(statement)
            if isinstance(node, Pick)
        )
        self.tallied = frozenset(pick.pool.population for pick in picks if self.state_alone(pick) is not None)
        around = surroundings(self.model, self.world, self.seed)
        for name in self.facts.growing:
            declared = self.model.populations[name]
            if declared.correlations:
                self.correlated[name] = tuple(correlated_probabilities(declared, _every(1), around))

    # --- people

    def attribute_type(self, population: str, name: str) -> Type:
        """The type of an attribute, a link or ``state``."""
        declared = self.model.populations[population]
        for link in declared.links:
            if link.name == name:
                return Agent(link.population)
        if name == "state" and declared.states:
            return State(population, declared.states)
        return declared.attribute(name).type

    def fields_read(self, behavior: Behavior) -> tuple[str, ...]:
        """The fields of the event that set a behavior off, as far as it reads them, in order of name."""
        parts: list[Any] = [*behavior.body]
        if behavior.condition is not None:
            parts.append(behavior.condition)
        found = {node.name for part in parts for node in expressions(part) if isinstance(node, Field)}
        return tuple(sorted(found))

    def state_alone(self, pick: Pick) -> int | None:
        """The state (a code) that decides alone whether an agent may be picked, where its members are counted.

        Islands are not counted: their states are known only when they have been brought up to the instant.
        """
        pool, where = pick.pool, pick.where
        if not isinstance(pool, Members) or pick.weight is not None or pick.count is not None:
            return None
        if pool.population in self.coupling.islands:
            return None
        if where is None:
            return pool.state
        match where:
            case Compare(op="==", left=Attr(target=Candidate(), name="state"), right=Const(value=int(code))):
                return code if pool.state is None else None
        return None

    # --- values that are known before the run

    def is_constant(self, expr: Expr) -> bool:
        """True if the value is the same throughout the run, whoever asks."""
        match expr:
            case Const():
                return True
            case Param():
                return expr.name not in self.facts.changing
            case Call() if expr.function in CALENDAR:
                return False
            case _:
                return isinstance(expr, _PURE) and all(map(self.is_constant, children(expr)))

    def fixed(self, expr: Expr) -> float | None:
        """The value of a constant expression; None for any other, or where it fails."""
        if not self.is_constant(expr):
            return None
        try:
            value = evaluate_one(expr, surroundings(self.model, self.world, self.seed))
        except RunError:
            return None
        return float(value)

    def constant_weights(self, pool: Members | Neighbours | Linked, weight: Expr) -> str | None:
        """The name under which weights are kept that are the same throughout the run; None where they may change."""
        growing = pool.population in self.facts.growing
        if (growing and not isinstance(pool, Neighbours)) or not self.facts.is_constant_weight(weight):
            return None
        name = repr(weight)
        if (pool.population, name) not in self.weights:
            size = self.world.populations[pool.population].size
            try:
                around = surroundings(self.model, self.world, self.seed)
                looking = Lanes(size=size).looking_at(_every(size))
                self.weights[pool.population, name] = evaluate(weight, looking, around)
            except RunError:
                self.weights[pool.population, name] = None
        return None if self.weights[pool.population, name] is None else name


def _every(size: int) -> Array:
    import numpy as np

    return np.arange(size, dtype=np.int64)
