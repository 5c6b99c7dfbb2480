"""What a scenario's rules may change during a run, and what stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from bustle.scenarios.model import (
    Attr,
    Behavior,
    Binary,
    Call,
    Candidate,
    Choose,
    Compare,
    Const,
    Convert,
    Expr,
    Logic,
    Model,
    Param,
    Spawn,
    Unary,
)
from bustle.sim.reads import MEMBERSHIP, Write, children, reads, statements, writes

CALENDAR = frozenset({"hour", "weekday", "day", "month", "time_of_day"})
"""Functions whose value depends on the time."""

_OF_THE_CANDIDATE_ALONE = (Const, Param, Candidate, Attr, Unary, Binary, Compare, Logic, Choose, Call, Convert)


@dataclass(slots=True)
class Facts:
    """What may change in a run of ``model``.

    Attributes:
        written: what rules may write.
        changing: parameters that interventions change.
        python_populations: names of the populations written in Python; where there is one, anything may be written.
        growing: populations that rules add agents to.
    """

    model: Model
    written: frozenset[Write] = field(init=False)
    changing: frozenset[str] = field(init=False)
    python_populations: tuple[str, ...] = field(init=False)
    growing: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        bodies = [behavior.body for behavior in self.model.behaviors.values()]
        self.written = frozenset().union(*(writes(body) for body in bodies))
        self.changing = frozenset(
            name for intervention in self.model.interventions.values() for name, _ in intervention.values
        )
        self.python_populations = tuple(
            population.name for population in self.model.populations.values() if population.python_class is not None
        )
        self.growing = frozenset(
            statement.population for body in bodies for statement in statements(body) if isinstance(statement, Spawn)
        )
        self._attributes = frozenset((w.population, w.name) for w in self.written if w.kind == "attribute")
        self._globals = frozenset(w.name for w in self.written if w.kind == "global")

    _attributes: frozenset[tuple[str, str]] = field(init=False)
    _globals: frozenset[str] = field(init=False)

    def writes_attribute(self, population: str, name: str) -> bool:
        """True if some rule may write the attribute."""
        return (population, name) in self._attributes

    def writes_global(self, name: str) -> bool:
        """True if some rule may write the global."""
        return name in self._globals

    def may_retire(self, population: str) -> bool:
        """True if agents of the population may leave, or join, during the run."""
        return bool(self.python_populations) or self.writes_attribute(population, MEMBERSHIP)

    def allowed_states(self, behavior: Behavior) -> frozenset[int] | None:
        """State codes that ``while`` and ``unless`` leave; None without either."""
        if behavior.who is None or not (behavior.while_states or behavior.unless_states):
            return None
        everything = range(len(self.model.populations[behavior.who].states))
        return frozenset(behavior.while_states or everything) - frozenset(behavior.unless_states)

    def is_constant_weight(self, weight: Expr) -> bool:
        """True if a candidate's weight is the same for every acting agent, and no rule changes it."""
        if any(self.writes_attribute(read.population, read.name) for read in reads(weight)):
            return False
        return self._of_the_candidate_alone(weight)

    def _of_the_candidate_alone(self, expr: Expr) -> bool:
        if not isinstance(expr, _OF_THE_CANDIDATE_ALONE):
            return False
        if isinstance(expr, Param) and expr.name in self.changing:
            return False
        if isinstance(expr, Call) and expr.function in CALENDAR:
            return False
        return all(self._of_the_candidate_alone(child) for child in children(expr))
