"""What writes the expressions of one unit: who acts, who is looked at, which draws repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import Expr, Statement
from bustle.sim.compiled.program import WORLD, Program
from bustle.sim.compiled.unit import Unit, Value, constant
from bustle.sim.repetitions import MOST_REPETITIONS, repeated_purposes, too_many


@dataclass(slots=True)
class Coder:
    """Writes a unit.

    Attributes:
        program: what the scenario's units share.
        unit: the unit.
        who: the acting agent's population; `WORLD` for the world.
        me: the acting agent's index.
        identity: what keys its draws.
        occurrence: the number of the firing.
        candidate: the agent looked at by ``where``, ``by`` or an aggregate.
        locals: names of the rule by slot; arguments come first.
        row: fields of the event that expressions read.
        counts: the name that counts the draws, by purpose, of those that may repeat.
        quantiles: probabilities that take the place of draws, by purpose, while a correlated agent is made.
        soft: the name of a flag; where it is given an attribute of ``none`` ends the innermost loop, not the run.
    """

    program: Program
    unit: Unit
    who: str
    me: str = "agent"
    identity: str = "identity"
    occurrence: str = "occurrence"
    candidate: str = ""
    locals: dict[int, Value] = field(default_factory=dict)
    row: dict[str, Value] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    quantiles: dict[str, str] = field(default_factory=dict)
    soft: bool = False

    # --- draws

    def count_repeated(self, body: Iterable[Statement], others: Iterable[Expr] = ()) -> None:
        """Begin to count the draws that one firing may make more than once."""
        for purpose in sorted(repeated_purposes(body, others)):
            self.counts[purpose] = self.unit.let("0", "i", "n").text

    def reset_counts(self) -> None:
        """Let all counts begin again."""
        for name in self.counts.values():
            self.unit.line(f"{name} = 0")

    def key(self, purpose: str) -> str:
        """The key of a purpose's draws."""
        return self.unit.word("key", purpose)

    def repetition(self, purpose: str, span: Span | None) -> str:
        """How many draws the firing has made with ``purpose``; one more is counted."""
        count = self.counts.get(purpose)
        if count is None:
            return "0"
        self.unit.fail_if(f"{count} >= {MOST_REPETITIONS}", constant(too_many(span)))
        taken = self.unit.let(count, "i")
        self.unit.line(f"{count} += 1")
        return taken.text

    def uniform(self, purpose: str, span: Span | None) -> str:
        """The name of a uniform number in [0, 1) that ``purpose`` decides with."""
        if purpose in self.quantiles:
            return self.quantiles[purpose]
        repetition = self.repetition(purpose, span)
        draw = f"uniform01({self.key(purpose)}, {self.identity}, {self.occurrence}, {repetition})"
        return self.unit.let(draw, "f").text

    # --- agents

    @contextmanager
    def looking_at(self, candidate: str) -> Iterator[None]:
        """Expressions inside see ``candidate``."""
        outer, self.candidate = self.candidate, candidate
        yield
        self.candidate = outer

    def population(self, name: str) -> str:
        """The address of a population's record."""
        return self.unit.word("population", name)

    def size(self, population: str) -> str:
        """How many agents of a population there are now."""
        return f"get_i64({self.population(population)}, 0)"

    def column(self, population: str, name: str) -> str:
        """The address of a column."""
        return self.unit.word("column", population, name)

    def reach(self, population: str, agent: str) -> None:
        """Bring an agent that advances on its own up to now, before its state is read or changed."""
        if self.program.coupling.is_coupler(self.who) and population in self.program.coupling.islands:
            acting = self.population(self.who)
            self.unit.check(f"sync({self.unit.context}, {self.population(population)}, {agent}, now, {acting})")

    def identity_of_acting(self) -> str:
        """What keys the acting agent's draws."""
        if self.who in self.program.facts.growing:
            return f"get_i64({self.unit.word('identity', self.who)}, agent)"
        return "0" if self.who == WORLD else "agent"

    def no_agent(self, agent: str, error: RunError) -> None:
        """Fail where ``agent`` is none."""
        if self.soft:
            with self.unit.block(f"if {agent} < 0:"):
                self.unit.line("break")
        else:
            self.unit.fail_if(f"{agent} < 0", constant(error))
