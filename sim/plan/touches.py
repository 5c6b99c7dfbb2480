"""What a behavior reads and changes, of its own agent and of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bustle.scenarios.model import (
    After,
    AssignAttr,
    AssignGlobal,
    AtTrigger,
    Become,
    Behavior,
    Cancel,
    Emit,
    EveryTrigger,
    Expr,
    Field,
    Model,
    OnTrigger,
    RateTrigger,
    Retire,
    Self,
    Spawn,
    Statement,
    WhenTrigger,
)
from bustle.scenarios.types import Agent
from bustle.scenarios.walk import rewrite
from bustle.sim.births import sources_of
from bustle.sim.dependents import Dependent, dependents_of
from bustle.sim.facts import Facts
from bustle.sim.plan.sums import order_free_sum
from bustle.sim.reads import MEMBERSHIP, Read, expressions, reads, statements

Place = tuple[str, str]
"""A population and one of its attributes; a global is ("", name)."""


@dataclass(frozen=True, slots=True)
class Touches:
    """What one behavior touches; only what may change during the run counts.

    Attributes:
        reads_own: attributes of the acting agent that it reads.
        reads_others: attributes of other agents, and globals.
        writes_own: attributes of the acting agent that it writes.
        writes_others: attributes of other agents, and globals.
        adds_others: attributes of other agents that it only adds to, in whole numbers or money, so that order does not
            matter.
        affects: populations whose other agents it calls, stops or makes ("" is the world).
    """

    reads_own: frozenset[Place]
    reads_others: frozenset[Place]
    writes_own: frozenset[Place]
    writes_others: frozenset[Place]
    adds_others: frozenset[Place]
    affects: frozenset[str]

    @property
    def writes(self) -> frozenset[Place]:
        """Everything it writes."""
        return self.writes_own | self.writes_others | self.adds_others

    @property
    def keeps_to_itself(self) -> bool:
        """True if it changes nothing but its own agent, and sums that do not depend on the order."""
        return not self.writes_others and not self.affects


def touches_of(behavior: Behavior, model: Model, facts: Facts) -> Touches:
    """What ``behavior`` touches."""
    finder = _Finder(behavior, model, facts, dependents_of(model, facts))
    finder.look()
    return Touches(
        frozenset(finder.reads_own),
        frozenset(finder.reads_others),
        frozenset(finder.writes_own),
        frozenset(finder.writes_others),
        frozenset(finder.adds_others - finder.writes_others),
        frozenset(finder.affects),
    )


class _Finder:
    """Collects what a behavior touches."""

    def __init__(
        self, behavior: Behavior, model: Model, facts: Facts, dependents: dict[tuple[str, ...], list[Dependent]]
    ) -> None:
        self._behavior = behavior
        self._model = model
        self._facts = facts
        self._dependents = dependents
        self.reads_own: set[Place] = set()
        self.reads_others: set[Place] = set()
        self.writes_own: set[Place] = set()
        self.writes_others: set[Place] = set()
        self.adds_others: set[Place] = set()
        self.affects: set[str] = set()

    def look(self) -> None:
        """Look at everything that runs for the behavior."""
        behavior = self._behavior
        for expr in _beside_the_body(behavior):
            self._read(expr)
        if behavior.who is not None and (behavior.while_states or behavior.unless_states):
            self.reads_own.add((behavior.who, "state"))
        for statement in statements(behavior.body):
            added = order_free_sum(statement)
            if added is not None and isinstance(statement, AssignAttr) and self._add(statement):
                self._read(statement.target)
                self._read(added)
                continue
            for expr in expressions(statement):
                self._read(expr)
            self._statement(statement)

    def _read(self, expr: Expr) -> None:
        for read in reads(expr):
            if self._may_change(read):
                own = read.kind != "global" and read.path == ()
                (self.reads_own if own else self.reads_others).add((read.population, read.name))

    def _may_change(self, read: Read) -> bool:
        match read.kind:
            case "global":
                return self._facts.writes_global(read.name)
            case "attribute":
                return self._facts.writes_attribute(read.population, read.name)
        return False  # interventions change parameters between firings, and links never change

    def _write(self, place: Place, *, own: bool) -> None:
        (self.writes_own if own else self.writes_others).add(place)
        key = ("attribute", *place) if place[0] else ("global", place[1])
        for dependent in self._dependents.get(key, ()):
            if not own or dependent.path != ():
                self.affects.add(dependent.behavior.who or "")

    def _add(self, statement: AssignAttr) -> bool:
        """Note an order-free sum; False where somebody waits for the value, so that order matters after all."""
        place = (statement.population, statement.name)
        if ("attribute", *place) in self._dependents:
            return False
        self.adds_others.add(place)
        return True

    def _statement(self, statement: Statement) -> None:
        match statement:
            case AssignAttr():
                self._write((statement.population, statement.name), own=isinstance(statement.target, Self))
            case AssignGlobal():
                self._write(("", statement.name), own=False)
            case Become():
                self._write((statement.population, "state"), own=isinstance(statement.target, Self))
            case Retire() if isinstance(statement.target.type, Agent):
                self._write((statement.target.type.population, MEMBERSHIP), own=isinstance(statement.target, Self))
            case Spawn():
                self._write((statement.population, MEMBERSHIP), own=False)
                self.affects.add(statement.population)
                for source in sources_of(self._model.populations[statement.population]).values():
                    if source is not None:
                        self._read(source)
            case After() | Cancel():
                if not isinstance(statement.target, Self):
                    self.affects.add(self._model.behaviors[statement.behavior].who or "")
            case Emit():
                self._emit(statement)

    def _emit(self, statement: Emit) -> None:
        fields = self._model.events[statement.event].fields
        declared = [field.name for field in fields if field.captured is None]
        given = dict(zip(declared, statement.values, strict=True))
        for field in fields:
            if field.captured is not None:
                self._read(
                    rewrite(field.captured, lambda node: given.get(node.name) if isinstance(node, Field) else None)
                )
        for listener in self._model.behaviors.values():
            if isinstance(listener.trigger, OnTrigger) and listener.trigger.event == statement.event:
                role = listener.trigger.role
                if role is None or not isinstance(given.get(role), Self):
                    self.affects.add(listener.who or "")


def _beside_the_body(behavior: Behavior) -> Iterator[Expr]:
    """The behavior's condition, and the expressions of its trigger."""
    if behavior.condition is not None:
        yield behavior.condition
    match behavior.trigger:
        case RateTrigger(rate=expr) | EveryTrigger(gap=expr) | WhenTrigger(condition=expr):
            yield expr
        case AtTrigger(instants=instants):
            yield from instants
