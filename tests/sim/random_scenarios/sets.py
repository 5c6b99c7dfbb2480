"""Sets of agents: picking from them, and counting over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.sim.random_scenarios.cast import BOOL, DURATION, INSTANT, MONEY, NUMBER, RATE, WHOLE, Kind
from tests.sim.random_scenarios.literals import constant
from tests.sim.random_scenarios.places import Place

if TYPE_CHECKING:
    from tests.sim.random_scenarios.expressions import Expressions


@dataclass(frozen=True, slots=True)
class Pool:
    """A set as a scenario writes it, its population, and how many it holds, roughly."""

    text: str
    population: str
    size: float


def pools(e: Expressions, place: Place, population: str | None = None) -> list[Pool]:
    """The sets that can be named in ``place``, of one population or of any."""
    cast, found = e.cast, []
    for people in cast.populations.values():
        if people.name in place.closed and not people.is_stable:
            continue
        found += [Pool(people.name, people.name, people.size)] * 2
        if people.states and people.name not in place.closed and place.born is None:
            found += [Pool(f"{people.name}.{s}", people.name, people.size / 2) for s in people.states]
    if place.born is None:
        found += _around(e, place) * 2
    return [pool for pool in found if population in (None, pool.population)]


def _around(e: Expressions, place: Place) -> list[Pool]:
    """Neighbourhoods and linked groups of the agents that can be named."""
    cast, found = e.cast, []
    for middle in cast.populations:
        holders = [path.text for path in e.paths(Kind("agent", middle), place) if not path.may_be_none]
        holders = holders if len(holders) < 4 else e.dice.some(holders, 3, 3)
        own = "self" in holders or place.candidate == middle
        for network in cast.networks.values():
            if network.source == middle:
                names = [f"{holder}.{network.name}" for holder in holders]
                if own and (place.candidate or place.acting) == middle:
                    names.append(network.name)
                found += [Pool(name, network.target, network.degree) for name in names]
        links = cast.links_to(middle)
        for population, link in links:
            if population in place.closed and not cast.populations[population].is_stable:
                continue
            for holder in holders:
                only = sum(other == population for other, _ in links) == 1
                text = f"linked({population}, {link}={holder})"
                if only and population not in cast.populations[middle].attributes and e.dice.chance(0.7):
                    text = f"{holder}.{population}"
                size = cast.populations[population].size / max(1, cast.populations[middle].size)
                found.append(Pool(text, population, size))
    return found


# --- picking


def pick(e: Expressions, population: str | None, place: Place, depth: int) -> tuple[str, Pool] | None:
    """A pick of one agent, with the set; None if there is no set to pick from."""
    choice = pools(e, place, population)
    if not choice:
        return None
    pool = e.dice.one(choice)
    return f"pick({pool.text}{_filters(e, pool, place, depth)})", pool


def pick_several(e: Expressions, place: Place, depth: int) -> tuple[str, Pool] | None:
    """A pick of several agents, with the set; its size is what is picked of it."""
    choice = pools(e, place)
    if not choice:
        return None
    pool = e.dice.one(choice)
    counts: list[tuple[float, tuple[str, float]]] = [
        (4, ("2", 2.0)),
        (3, ("3", 3.0)),
        (1, ("0", 0.1)),
        (1, ("1", 1.0)),
        (1, ("50", min(50.0, pool.size))),
        (2, ("1 + poisson(mean=1.5)", 2.5)),
        (1, (e.small(NUMBER, place, "-1.0", "4.0", depth - 1), 2.0)),
        (1, (e.small(WHOLE, place, "-2", "4", depth - 1), 2.0)),
    ]
    if "draw" not in place.allow:
        counts.pop(5)
    count, size = e.dice.weighted(counts)
    text = f"pick({pool.text}, count={count}{_filters(e, pool, place, depth, 0.25)}"
    if e.dice.chance(0.5):
        text += f", without_replacement={e.dice.one(('true', 'false', 'false'))}"
    return text + ")", replace(pool, size=size)


def _filters(e: Expressions, pool: Pool, place: Place, depth: int, hard: float = 0.15) -> str:
    inside = place.looking_at(pool.population)
    if e.dice.chance(hard):  # hardly a try meets anybody who fits, so that those who do are listed
        heavy = f"id == {e.dice.whole(0, 3)}" if e.dice.chance(0.8) else condition(e, pool, inside, 1)
        return f", where=not ({heavy}), by=5000 if {heavy} else {e.dice.one(('0.001', '0.0001 * (1 + id)'))}"
    text = ""
    if e.dice.chance(0.45):
        text += f", where={condition(e, pool, inside, depth)}"
    if e.dice.chance(0.4):
        text += f", by={weight(e, inside, depth)}"
    return text


def condition(e: Expressions, pool: Pool, inside: Place, depth: int) -> str:
    """Who of a set fits: many, few, or nobody."""
    dice, people = e.dice, e.cast.populations[pool.population]
    rare = [
        f"id == {dice.whole(0, max(1, people.size))}",
        f"id % {max(2, people.size)} == {dice.whole(0, 3)}",
        "id < 0",
        "id >= 0",
    ]
    if inside.acting == pool.population:
        rare += ["id != self.id", "id == self.id"]
    if people.states and people.name not in inside.closed:
        rare += [f"state == {state}" for state in people.states]
    if dice.chance(0.4):
        return dice.one(rare)
    return e.of(BOOL, inside, max(1, depth))


def weight(e: Expressions, inside: Place, depth: int) -> str:
    """The chances of the agents of a set: equal, different, changing, of one agent only, or of nobody."""
    dice = e.dice
    kind = dice.one((NUMBER, NUMBER, NUMBER, WHOLE, MONEY, RATE, DURATION))
    path = e.path(kind, inside)
    if path is not None and dice.chance(0.6):
        return path
    odd = ("1", "0", "id", "1 if id == 2 else 0", "1000 if id == 1 else 0.001", "id - 3")
    return dice.one(odd) if dice.chance(0.4) else e.of(kind, inside, max(1, depth - 1))


# --- counting


def _pool(e: Expressions, place: Place) -> Pool:
    choice = [pool for pool in pools(e, place) if pool.size <= 45]
    return e.dice.one(choice) if choice else Pool(next(iter(e.cast.populations)), next(iter(e.cast.populations)), 1)


def counted(e: Expressions, place: Place, depth: int) -> str:
    """A whole number of agents, or a sum over them."""
    pool = _pool(e, place)
    inside = _inside(place, pool)
    if e.dice.chance(0.3):
        return f"count({pool.text})"
    if e.dice.chance(0.4):
        return f"sum({e.of(e.dice.one((BOOL, WHOLE)), inside, depth - 1)} for {pool.text}{_where(e, pool, inside)})"
    return f"count({pool.text} where {condition(e, pool, inside, depth - 1)})"


def total(e: Expressions, kind: Kind, place: Place, depth: int) -> str:
    """A sum, mean or extreme of numbers of a kind; what has no value over nobody is guarded."""
    pool = _pool(e, place)
    inside = _inside(place, pool)
    if kind == MONEY or e.dice.chance(0.4):
        return f"sum({e.of(kind, inside, depth - 1)} for {pool.text}{_where(e, pool, inside)})"
    inner = e.dice.one((NUMBER, WHOLE, BOOL, MONEY)) if kind == NUMBER else kind
    function = e.dice.one(("mean", "min", "max"))
    if inner == BOOL:
        function = "mean"
    where = _where(e, pool, inside)
    value = f"{function}({e.of(inner, inside, depth - 1)} for {pool.text}{where})"
    return f"({value} if count({pool.text}{where}) > 0 else {constant(e.dice, kind)})"


def extreme_instant(e: Expressions, place: Place) -> str:
    """The first or last of the instants of a population, which nobody would have."""
    people = e.dice.one(list(e.cast.populations.values()))
    value = e.of(INSTANT, _inside(place, Pool(people.name, people.name, people.size)), 0)
    return f"({e.dice.one(('min', 'max'))}({value} for {people.name}) if count({people.name}) > 0 else start)"


def _where(e: Expressions, pool: Pool, inside: Place) -> str:
    return f" where {condition(e, pool, inside, 1)}" if e.dice.chance(0.4) else ""


def _inside(place: Place, pool: Pool) -> Place:
    """What an aggregate looks at; another one inside of it would take long."""
    return replace(place.looking_at(pool.population), allow=place.allow - {"draw", "pick", "set"})


# --- distances


def can_measure(e: Expressions, place: Place) -> bool:
    """Whether two agents with a position can be named."""
    return bool(_placed(e, place))


def distance(e: Expressions, place: Place) -> str:
    """The distance of two agents."""
    placed = _placed(e, place)
    return f"distance({e.dice.one(placed)}, {e.dice.one(placed)})"


def _placed(e: Expressions, place: Place) -> list[str]:
    return [
        path.text
        for people in e.cast.populations.values()
        if people.is_placed and place.born is None
        for path in e.paths(Kind("agent", people.name), place)
        if not path.may_be_none
    ]
