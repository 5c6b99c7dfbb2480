"""The `do:` block of one behavior."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.sim.random_scenarios import changes, effects, sets
from tests.sim.random_scenarios.cast import BOOL, DURATION, NUMBER, ORDERED, Part, People, agent_of
from tests.sim.random_scenarios.dangers import danger
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.places import Place

MOST_STEPS = 6_000.0
"""How often one statement may run in a run, roughly."""


class Rule:
    """Writes the statements of a behavior, counting how often each will run.

    What a rule sets off is bounded: it reaches only behaviors that come later in the cast's order (so there are no
    circles), or it does so once, with a small chance.
    """

    def __init__(self, e: Expressions, part: Part, place: Place) -> None:
        self.e = e
        self.dice = e.dice
        self.cast = e.cast
        self.part = part
        self.place = place
        self.times = max(part.load, 0.5)
        self._lines: list[str] = []
        self._indent = 0
        self._names = 0
        self.depth = 0
        self.leads_back = False
        self.loops = 0
        who = e.cast.populations.get(part.who)
        self.is_own = who is not None and who.keeps_to_itself

    def write(self, is_dangerous: bool = False) -> str:
        """The whole block."""
        if not self.part.is_reactive and self.dice.chance(0.7):
            effects.emit_any(self)
        for event in self.part.must_emit:
            effects.emit(self, self.cast.events[event])
        for source in self.part.must_write:
            changes.write(self, source)
        for behavior in self.part.must_call:
            effects.call(self, self.cast.parts[behavior])
        if is_dangerous:
            self.line(danger(self.e, self.place, self.part))
        for _ in range(self.dice.weighted(((2, 1), (4, 2), (4, 3), (2, 5), (1, 7)))):
            self._statement()
        if not self._lines:
            self.line("stop")
        return "\n".join(self._lines) + "\n"

    def causes(self, effect: str) -> None:
        """Note that the statement that comes next sets something off (see `flows`)."""
        self.cast.flows.append((self.part.name, effect, self.times / max(self.part.load, 0.5)))

    # --- lines

    def line(self, text: str) -> None:
        """One line at the present indentation."""
        self._lines.append("    " * self._indent + text)

    @contextmanager
    def block(self, head: str, times: float = 1.0) -> Iterator[None]:
        """An indented block that runs ``times`` times as often; names set inside are not known after it."""
        outer, before, lines = self.place, self.times, len(self._lines)
        self.line(head)
        self._indent += 1
        self.depth += 1
        self.times *= times
        yield
        if len(self._lines) == lines + 1:
            self._something()
        self._indent -= 1
        self.depth -= 1
        self.place, self.times = outer, before

    @contextmanager
    def rarely(self, p: float) -> Iterator[None]:
        """A block that runs with probability ``p``; no block where that is 1."""
        if p >= 1:
            yield
            return
        with self.block(f"if bernoulli(p={p:.3g}):", p):
            yield

    def name(self, word: str) -> str:
        """A name that this rule does not have yet."""
        self._names += 1
        return f"{word}{self._names}"

    def _something(self) -> None:
        """A statement that is always possible."""
        kind = self.dice.one((NUMBER, BOOL, DURATION))
        self.line(f"{self.name('v')} = {self.e.of(kind, self.place, 1)}")

    # --- statements

    def _statement(self) -> None:
        deep = self.depth >= 3
        choices: list[tuple[float, Callable[[], None]]] = [
            (5, lambda: changes.assign(self)),
            (2, self._local),
            (5, lambda: effects.emit_any(self)),
            (0 if deep else 2, self._if),
            (0 if deep else 2, self._with_other),
            (0 if deep or self.times > MOST_STEPS / 4 else 1.5, self._loop),
            (2.5, lambda: effects.become(self)),
            (2, lambda: effects.after_any(self)),
            (1, lambda: effects.cancel(self)),
            (1.2, lambda: effects.spawn(self)),
            (1, lambda: effects.retire(self)),
        ]
        self.dice.weighted(choices)()

    def _local(self) -> None:
        locals_ = [(name, kind) for name, kind in self.place.locals if kind in ORDERED and name.startswith("v")]
        if locals_ and self.dice.chance(0.4):
            name, kind = self.dice.one(locals_)
            self.line(f"{name} = {self.e.of(kind, self.place)}")
            return
        kind = self.dice.one((*ORDERED, BOOL))
        name = self.name("v")
        others = [path for path in self.e.paths(agent_of(self.part.who), self.place) if not path.may_be_none]
        if others and self.dice.chance(0.15):
            kind = agent_of(self.part.who)
            self.line(f"{name} = {self.dice.one(others).text}")
        elif self.dice.chance(0.2):
            with self.block(f"if {self.e.of(BOOL, self.place)}:"):
                self.line(f"{name} = {self.e.of(kind, self.place)}")
            with self.block("else:"):
                self.line(f"{name} = {self.e.of(kind, self.place)}")
        else:
            self.line(f"{name} = {self.e.of(kind, self.place)}")
        self.place = self.place.knowing(name, kind)

    def _if(self) -> None:
        dice = self.dice
        with self.block(f"if {self.e.of(BOOL, self.place)}:"):
            self._some(2)
            if dice.chance(0.1):
                self.line("stop")
        for _ in range(dice.weighted(((6, 0), (2, 1), (1, 2)))):
            with self.block(f"elif {self.e.of(BOOL, self.place)}:"):
                self._some(1)
        if dice.chance(0.4):
            with self.block("else:"):
                self._some(2)

    def _some(self, most: int) -> None:
        for _ in range(self.dice.whole(1, most)):
            self._statement()

    def _with_other(self) -> None:
        """Pick somebody, and do something if there is anybody."""
        picked = sets.pick(self.e, None, self.place, 2)
        if picked is None:
            return
        text, population = picked[0], picked[1].population
        name = self.name("t")
        self.line(f"{name} = {text}")
        with self.block(f"if {name} != none:"):
            self.place = self.place.knowing(name, agent_of(population))
            self.to_other(name, self.cast.populations[population])
            if self.dice.chance(0.5):
                self._some(1)

    def _loop(self) -> None:
        several = sets.pick_several(self.e, self.place, 2)
        choice = [pool for pool in sets.pools(self.e, self.place) if pool.size * self.times < MOST_STEPS]
        if (several is not None and self.dice.chance(0.6)) or not choice:
            if several is None:
                return
            text, pool = several
        else:
            pool = self.dice.one(choice)
            text = pool.text
        name = self.name("one")
        self.loops += 1
        with self.block(f"for {name} in {text}:", max(pool.size, 0.1)):
            self.place = self.place.knowing(name, agent_of(pool.population))
            self.to_other(name, self.cast.populations[pool.population])
            if self.dice.chance(0.4):
                self._some(1)
        self.loops -= 1

    # --- to others

    def to_other(self, name: str, people: People) -> None:
        """Do something to another agent, unless this rule keeps to itself."""
        if self.is_own or (people.keeps_to_itself and not self._may_couple()):
            changes.read_of(self, name, people)
            return
        dice = self.dice
        choices: list[tuple[float, Callable[[], None]]] = [
            (4, lambda: changes.assign_to(self, f"{name}.", people)),
            (2 if people.states else 0, lambda: effects.become_of(self, name, people)),
            (1.5, lambda: effects.call_of(self, name, people)),
            (0.5, lambda: effects.cancel_of(self, name, people)),
            (0.5, lambda: effects.retire_of(self, name, people)),
            (1, lambda: changes.read_of(self, name, people)),
        ]
        dice.weighted(choices)()

    def _may_couple(self) -> bool:
        """Whether this rule may touch agents that keep to themselves: if it rarely runs."""
        return self.times <= 40


def rule_of(e: Expressions, part: Part, is_dangerous: bool) -> str:
    """The rule of a behavior."""
    arguments = part.arguments.items()
    place = Place(
        acting=None if part.who == "world" else part.who,
        event=part.event or None,
        locals=tuple(argument for argument in arguments if argument[1].name != "agent"),
        doubtful=tuple(argument for argument in arguments if argument[1].name == "agent"),
        closed=e.cast.closed_to(part.who),
    )
    return Rule(e, part, place).write(is_dangerous)
