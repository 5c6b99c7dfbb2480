"""Expressions of a wanted kind, as deep as asked for, that always check.

Values are kept small (products of few things, powers and exponentials of bounded ones), and what could end the run is
guarded: divisors are above 0, arguments of logarithms and roots positive, means taken over somebody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.sim.random_scenarios import draws, sets
from tests.sim.random_scenarios.cast import (
    BOOL,
    DURATION,
    INSTANT,
    MONEY,
    NUMBER,
    ORDERED,
    RATE,
    TEXT,
    WHOLE,
    Cast,
    Kind,
)
from tests.sim.random_scenarios.dice import Dice
from tests.sim.random_scenarios.literals import constant, positive
from tests.sim.random_scenarios.places import Place, Readable, readables

Form = Callable[[], str]
"""Writes one form of an expression."""

Forms = list[tuple[float, Form]]


class Expressions:
    """Writes expressions; ``read`` collects the attributes and globals that they read."""

    def __init__(self, dice: Dice, cast: Cast) -> None:
        self.dice = dice
        self.cast = cast
        self.read: set[tuple[str, str]] = set()
        self.rhythms: dict[str, object] = {}
        self._known: dict[Place, list[Readable]] = {}

    def of(self, kind: Kind, place: Place, depth: int = 2) -> str:
        """An expression of exactly this kind; of an agent or an episode it may be a bare `none`."""
        if depth <= 0 or self.dice.chance(0.12):
            return self.leaf(kind, place)
        write: dict[str, Callable[[Place, int], Forms]] = {
            "number": self._number,
            "whole": self._whole,
            "bool": self._bool,
            "money": self._money,
            "duration": self._duration,
            "rate": self._rate,
            "instant": self._instant,
        }
        if kind.name not in write:
            return self._named(kind, place, depth)
        forms: Forms = [(2.0, lambda: self.leaf(kind, place)), *write[kind.name](place, depth)]
        return self.dice.weighted(forms)()

    def forget(self) -> None:
        """Look anew at what can be read, after something was declared."""
        self._known.clear()

    # --- reading

    def paths(self, kind: Kind, place: Place) -> list[Readable]:
        """What can be read of this kind in ``place``."""
        if place.born is not None:  # the populations are not complete yet
            return [found for found in readables(self.cast, place) if found.kind == kind]
        if place not in self._known:
            self._known[place] = list(readables(self.cast, place))
        return [found for found in self._known[place] if found.kind == kind]

    def path(self, kind: Kind, place: Place, sure: bool = False) -> str | None:
        """Something that can be read, or None; ``sure`` leaves out agents and episodes that may be none."""
        found = [path for path in self.paths(kind, place) if not (sure and path.may_be_none)]
        if not found:
            return None
        changing = [path for path in found if path.source[0]]
        chosen = self.dice.one(changing if changing and self.dice.chance(0.6) else found)
        self.read.add(chosen.source)
        return chosen.text

    def leaf(self, kind: Kind, place: Place) -> str:
        """Something read, or a constant."""
        if kind == INSTANT and "now" in place.allow and self.dice.chance(0.3):
            return "now"
        path = self.path(kind, place) if self.dice.chance(0.75) else None
        return path or constant(self.dice, kind, self.cast.dates)

    # --- kinds of numbers

    def _number(self, place: Place, depth: int) -> Forms:
        n = self._writer(NUMBER, place, depth)
        whole, money = self._writer(WHOLE, place, depth), self._writer(MONEY, place, depth)
        duration, rate = self._writer(DURATION, place, depth), self._writer(RATE, place, depth)
        dice = self.dice
        return [
            (4, lambda: f"({n()} {dice.one(('+', '-', '*'))} {n()})"),
            (1, lambda: f"({n()} {dice.one(('+', '-', '*'))} {whole()})"),
            (1, lambda: f"({n()} / (1.0 + abs({n()})))"),
            (1, lambda: f"({whole()} / {positive(dice, WHOLE)})"),
            (0.7, lambda: f"({n()} % {positive(dice, NUMBER)})"),
            (0.7, lambda: f"({duration()} / {positive(dice, DURATION)})"),
            (0.7, lambda: f"number({money()})"),
            (0.7, lambda: f"({money()} / {positive(dice, MONEY)})"),
            (0.7, lambda: f"({rate()} * {positive(dice, DURATION)})"),
            (0.4, lambda: f"exp(min({n()}, 3.0))"),
            (0.4, lambda: f"log(1.0 + abs({n()}))"),
            (0.4, lambda: f"sqrt(abs({n()}))"),
            (0.4, lambda: f"(abs({n()}) ** {dice.one(('0.5', '1.5', '0.3'))})"),
            (0.4, lambda: f"(clip({n()}, -9.0, 9.0) ** {dice.one(('2', '3', '2.0'))})"),
            (0.3, lambda: f"(-{n()})"),
            (0.2, lambda: f"number({dice.one((n, whole))()})"),
            (0.6, lambda: f"{dice.one(('min', 'max'))}({n()}, {whole()})"),
            (0.6, lambda: f"({whole()} if {self.of(BOOL, place, depth - 1)} else {n()})"),
            *self._common(NUMBER, place, depth),
            *([(1.5, lambda: self._drawn(NUMBER, place, depth))] if "draw" in place.allow else []),
            *([(0.7, lambda: sets.distance(self, place))] if sets.can_measure(self, place) else []),
            *([(0.7, lambda: sets.total(self, NUMBER, place, depth))] if "set" in place.allow else []),
        ]

    def _whole(self, place: Place, depth: int) -> Forms:
        w, n = self._writer(WHOLE, place, depth), self._writer(NUMBER, place, depth)
        instant, duration = self._writer(INSTANT, place, depth), self._writer(DURATION, place, depth)
        dice = self.dice
        return [
            (3, lambda: f"({w()} {dice.one(('+', '-'))} {w()})"),
            (1, lambda: f"({w()} * {constant(dice, WHOLE)})"),
            (1, lambda: f"({w()} // {positive(dice, WHOLE)})"),
            (1, lambda: f"({w()} % {positive(dice, WHOLE)})"),
            (0.6, lambda: f"({n()} // {positive(dice, NUMBER)})"),
            (0.6, lambda: f"({duration()} // {positive(dice, DURATION)})"),
            (1.5, lambda: f"{dice.one(('round', 'floor', 'ceil'))}({n()})"),
            (1.5, lambda: f"{dice.one(('hour', 'weekday', 'day', 'month'))}({instant()})"),
            *self._common(WHOLE, place, depth),
            *([(1.5, lambda: self._drawn(WHOLE, place, depth))] if "draw" in place.allow else []),
            *([(1.5, lambda: sets.counted(self, place, depth))] if "set" in place.allow else []),
        ]

    def _money(self, place: Place, depth: int) -> Forms:
        m, n = self._writer(MONEY, place, depth), self._writer(NUMBER, place, depth)
        dice = self.dice
        return [
            (3, lambda: f"({m()} {dice.one(('+', '-'))} {m()})"),
            (1, lambda: f"({m()} {dice.one(('+', '-'))} {positive(dice, NUMBER)})"),
            (1.5, lambda: f"money({n()})"),
            (1, lambda: f"({m()} * clip({n()}, -3.0, 3.0))"),
            (1, lambda: f"({m()} / {positive(dice, NUMBER)})"),
            (0.6, lambda: f"({m()} per day * {constant(dice, DURATION)})"),
            *self._common(MONEY, place, depth),
            *([(1.5, lambda: self._drawn(MONEY, place, depth))] if "draw" in place.allow else []),
            *([(0.7, lambda: sets.total(self, MONEY, place, depth))] if "set" in place.allow else []),
        ]

    def _duration(self, place: Place, depth: int) -> Forms:
        d, n = self._writer(DURATION, place, depth), self._writer(NUMBER, place, depth)
        instant, rate = self._writer(INSTANT, place, depth), self._writer(RATE, place, depth)
        dice = self.dice
        return [
            (3, lambda: f"({d()} {dice.one(('+', '-'))} {d()})"),
            (1, lambda: f"({d()} * clip({n()}, -3.0, 3.0))"),
            (1, lambda: f"({d()} / {positive(dice, NUMBER)})"),
            (1, lambda: f"({d()} % {positive(dice, DURATION)})"),
            (1, lambda: f"({instant()} - {instant()})"),
            (1, lambda: f"time_of_day({instant()})"),
            (0.7, lambda: f"(1 / max({rate()}, 0.5 per day))"),
            *self._common(DURATION, place, depth),
            *([(1.5, lambda: self._drawn(DURATION, place, depth))] if "draw" in place.allow else []),
            *([(0.7, lambda: sets.total(self, DURATION, place, depth))] if "set" in place.allow else []),
        ]

    def _rate(self, place: Place, depth: int) -> Forms:
        r, n = self._writer(RATE, place, depth), self._writer(NUMBER, place, depth)
        dice = self.dice
        return [
            (2, lambda: f"({r()} + {r()})"),
            (1, lambda: f"({r()} * clip({n()}, 0.0, 3.0))"),
            (1, lambda: f"(clip({n()}, 0.0, 9.0) per {dice.one(('day', 'hour', 'week'))})"),
            (1, lambda: f"(1 / {positive(dice, DURATION)})"),
            (0.5, lambda: f"({r()} / {positive(dice, NUMBER)})"),
            *self._common(RATE, place, depth),
            *([(1, lambda: self._drawn(RATE, place, depth))] if "draw" in place.allow else []),
            *([(0.7, lambda: sets.total(self, RATE, place, depth))] if "set" in place.allow else []),
        ]

    def _instant(self, place: Place, depth: int) -> Forms:
        i, d = self._writer(INSTANT, place, depth), self._writer(DURATION, place, depth)
        return [
            (4, lambda: f"({i()} {self.dice.one(('+', '-'))} {d()})"),
            (0.5, lambda: f"({d()} + {i()})"),
            (1, lambda: f"{self.dice.one(('min', 'max'))}({i()}, {i()})"),
            (0.5, lambda: f"clip({i()}, start, end)"),
            *self._choices(INSTANT, place, depth),
        ]

    def _common(self, kind: Kind, place: Place, depth: int) -> Forms:
        """Forms that all kinds of numbers have."""
        of = self._writer(kind, place, depth)
        return [
            (0.6, lambda: f"abs({of()})"),
            (0.8, lambda: f"{self.dice.one(('min', 'max'))}({', '.join(of() for _ in range(self.dice.whole(2, 3)))})"),
            (0.6, lambda: f"clip({of()}, {constant(self.dice, kind)}, {of()})"),
            *self._choices(kind, place, depth),
        ]

    def _choices(self, kind: Kind, place: Place, depth: int) -> Forms:
        of, condition = self._writer(kind, place, depth), self._writer(BOOL, place, depth)
        forms: Forms = [(1, lambda: f"({of()} if {condition()} else {of()})")]
        if "draw" in place.allow:
            forms.append((0.5, lambda: draws.mixture(self, kind, place, depth - 1)))
        guarded = self._behind_none(kind, place)
        if guarded:
            forms.append((1.5, lambda: f"({self.dice.one(guarded)} else {constant(self.dice, kind)})"))
        return forms

    def _behind_none(self, kind: Kind, place: Place) -> list[str]:
        """Attributes of agents that may be none, read if they are not."""
        if place.row is not None or place.born is not None:
            return []
        found = []
        for population, people in self.cast.populations.items():
            names = [a.name for a in people.attributes.values() if a.kind == kind]
            if population in place.closed:
                names = [name for name in names if not people.attributes[name].mutable]
            for holder in self.paths(Kind("agent", population), place):
                if holder.may_be_none:
                    found += [f"{holder.text}.{name} if {holder.text} != none" for name in names]
        return found

    def _drawn(self, kind: Kind, place: Place, depth: int) -> str:
        return draws.draw(self, kind, place, depth - 1)

    def _writer(self, kind: Kind, place: Place, depth: int) -> Form:
        return lambda: self.of(kind, place, depth - 1)

    # --- truth

    def _bool(self, place: Place, depth: int) -> Forms:
        b = self._writer(BOOL, place, depth)
        return [
            (6, lambda: self.comparison(place, depth - 1)),
            (1.5, lambda: f"({b()} {self.dice.one(('and', 'or'))} {b()})"),
            (1, lambda: f"(not {b()})"),
            (0.3, lambda: f"({b()} == {b()})"),
            *self._choices(BOOL, place, depth),
            *([(1, lambda: self._drawn(BOOL, place, depth))] if "draw" in place.allow else []),
        ]

    def comparison(self, place: Place, depth: int) -> str:
        """A comparison of two things of any kind."""
        dice = self.dice
        if dice.chance(0.45):
            named = self._comparison_of_names(place)
            if named is not None:
                return named
        kind = dice.one(ORDERED)
        op = dice.one(("<", "<=", ">", ">=", "<", ">", "==", "!="))
        if kind == INSTANT and "now" in place.allow and dice.chance(0.1):
            return "(now < never)"
        if kind == MONEY and dice.chance(0.3):
            return f"({self.of(MONEY, place, depth)} {op} {positive(dice, NUMBER)})"
        if kind == NUMBER and dice.chance(0.3):
            return f"({self.of(WHOLE, place, depth)} {op} {self.of(NUMBER, place, depth)})"
        return f"({self.of(kind, place, depth)} {op} {self.of(kind, place, depth)})"

    def _comparison_of_names(self, place: Place) -> str | None:
        """A comparison of agents, episodes, categories, states or texts, if there are any here."""
        found = [path for path in readables(self.cast, place) if path.kind.name in _NAMED]
        if not found:
            return None
        path = self.dice.one(found)
        self.read.add(path.source)
        other = self.path(path.kind, place) if self.dice.chance(0.5) else None
        if path.kind == TEXT and path.text.endswith("behavior") and self.dice.chance(0.5) and self.cast.parts:
            other = f'"{self.dice.one(list(self.cast.parts))}"'
        if path.kind.name == "episode" and other is None and "episode" in place.allow and self.dice.chance(0.1):
            other = "episode()"
        if other is None and path.kind.name == "agent" and path.kind.of == place.acting and place.born is None:
            other = "self"
        op = self.dice.one(("==", "!="))
        other = other or constant(self.dice, path.kind)
        if self.dice.chance(0.2):
            return f"({other} {op} {path.text})"
        return f"({path.text} {op} {other})"

    # --- what has a name

    def _named(self, kind: Kind, place: Place, depth: int) -> str:
        """An agent, an episode, a category, a state or a text."""
        dice = self.dice
        if dice.chance(0.15):
            condition = self.of(BOOL, place, depth - 1)
            one, other = self._named(kind, place, 0), self._named(kind, place, 0)
            if {one, other} != {"none"}:
                return f"({one} if {condition} else {other})"
        if kind.name == "episode" and "episode" in place.allow and dice.chance(0.5):
            return "episode()"
        if kind.name in ("category", "state") and "draw" in place.allow and dice.chance(0.4):
            return draws.categorical(self, kind, place, depth)
        if kind.name == "agent" and "pick" in place.allow and dice.chance(0.4):
            picked = sets.pick(self, kind.of, place, depth)
            if picked is not None:
                return picked[0]
        return self.leaf(kind, place)

    def small(self, kind: Kind, place: Place, low: str, high: str, depth: int = 2) -> str:
        """An expression kept between two constants."""
        return f"clip({self.of(kind, place, depth)}, {low}, {high})"

    def still(self, place: Place) -> Place:
        """The place without draws, picks, sets, episodes and `now`: for what is watched."""
        return replace(place, allow=place.allow & {"parameter", "global"})


_NAMED = ("agent", "episode", "category", "state", "text")
