"""Parameters, globals, populations and networks of a random scenario."""

from __future__ import annotations

from tests.sim.random_scenarios import draws, words
from tests.sim.random_scenarios.cast import (
    BOOL,
    DURATION,
    INSTANT,
    MONEY,
    NUMBER,
    PLAIN,
    RATE,
    TEXT,
    WHOLE,
    Attribute,
    Kind,
    Network,
    People,
    agent_of,
)
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.literals import constant, positive
from tests.sim.random_scenarios.places import Place

AT_BIRTH = frozenset({"draw", "pick", "global", "parameter", "episode"})

_BOUNDS = {
    "number": ("-20.0", "20.0"),
    "whole": ("-5", "40"),
    "money": ("money(-100)", "money(500)"),
    "duration": ("20 minutes", "2 days"),
    "rate": ("0 per day", "6 per day"),
    "instant": ("start", "end"),
}
"""Between what attributes and globals are kept."""


def bounds(kind: Kind) -> tuple[str, str]:
    """The smallest and largest value of an attribute of this kind."""
    return _BOUNDS[kind.name]


# --- parameters and globals


def parameters(e: Expressions) -> dict[str, object]:
    """The section of parameters; some of them will be changed by interventions."""
    made: dict[str, object] = {}
    for name in e.dice.some(words.PARAMETERS, 0, 5):
        kind = e.dice.one((NUMBER, WHOLE, MONEY, DURATION, RATE, BOOL, INSTANT, TEXT, _category(e)))
        e.cast.parameters[name] = kind
        if kind.name == "category":
            made[name] = {"value": kind.levels[0], "choices": list(kind.levels)}
        elif kind == INSTANT:
            made[name] = e.dice.one(e.cast.dates)
        elif kind == NUMBER and e.dice.chance(0.5):
            made[name] = {"value": constant(e.dice, kind), "min": "-1e9", "max": "1e9"}
        else:
            made[name] = {"value": constant(e.dice, kind), "about": "a knob"}
    return made


def world(e: Expressions) -> dict[str, object]:
    """The globals."""
    made: dict[str, object] = {}
    place = Place(allow=frozenset({"parameter"}))
    for name in e.dice.some(words.GLOBALS, 0, 4):
        kind = e.dice.one((NUMBER, WHOLE, MONEY, DURATION, RATE, BOOL, INSTANT))
        made[name] = constant(e.dice, kind) if e.dice.chance(0.6) else e.of(kind, place, 1)
        e.cast.globals[name] = kind
        if e.dice.chance(0.3):
            e.cast.fixed_globals.add(name)
    return made


def _category(e: Expressions) -> Kind:
    return Kind("category", "", tuple(e.dice.some(e.dice.shuffled(words.LEVELS), 2, 4)))


# --- populations


def populations(e: Expressions, independent: bool) -> dict[str, object]:
    """The populations; in the shape of ``independent`` scenarios the last one keeps to itself."""
    dice, cast = e.dice, e.cast
    names = dice.some(dice.shuffled(words.POPULATIONS), 2 if independent else 1, 4)
    made: dict[str, dict[str, object]] = {}
    for name in names:
        size = dice.weighted(((1, 1), (3, dice.whole(2, 8)), (4, dice.whole(9, 25)), (2, dice.whole(26, 40))))
        if name == names[-1] and not independent and dice.chance(0.06):
            size = 0
        people = People(name, size, is_placed=dice.chance(0.4))
        made[name] = {"size": _size(e, size)}
        earlier = list(cast.populations.values())
        cast.populations[name] = people
        if earlier and dice.chance(0.3):
            other = dice.one(earlier)
            people.one_per = link = dice.one(("owner", "owner" if other.states else other.name))
            people.size, people.links[link] = other.size, other.name
            made[name] = {"one_per": other.name if link == other.name else f"{other.name} as {link}"}
        people.keeps_to_itself = independent and (name == names[-1] or (len(cast.populations) > 1 and dice.chance(0.2)))
        people.is_stable = dice.chance(0.5)
        _links(e, people, made[name])
        if dice.chance(0.75 if people.keeps_to_itself else 0.6):
            _states(e, people, made[name])
        if people.keeps_to_itself or dice.chance(0.96):
            _attributes(e, people, made[name])
        else:
            people.is_placed = False
    e.forget()
    return dict(made)


def _size(e: Expressions, size: int) -> str:
    whole = [name for name, kind in e.cast.parameters.items() if kind == WHOLE]
    if whole and e.dice.chance(0.2):
        return f"{size} + abs(0 * {e.dice.one(whole)})"
    return f"{size}" if e.dice.chance(0.8) else f"2 * {size} - {size}"


def _links(e: Expressions, people: People, made: dict[str, object]) -> None:
    dice, cast = e.dice, e.cast
    free = [word for word in words.LINKS if word not in people.links and word not in cast.populations]
    written: dict[str, object] = {}
    for link in dice.some(dice.shuffled(free), 0, 2):
        to = dice.one([other for other in cast.populations.values() if other.size] or [people])
        if dice.chance(0.5):
            written[link] = to.name
        elif to is people or dice.chance(0.5):
            pool = "id % 3 != 1" if dice.chance(0.3) and to.size > 3 else ""
            pick = f"pick({to.name}{f', where={pool}' if pool else ''})"
            written[link] = {"to": to.name, "value": pick} if dice.chance(0.5) else pick
        else:
            place = Place(acting=people.name, born=frozenset(people.links), allow=AT_BIRTH - {"pick"})
            path = e.path(agent_of(to.name), place, sure=True)
            written[link] = to.name if path is None else {"to": to.name, "value": path}
        people.links[link] = to.name
    if written:
        made["links"] = written


def _states(e: Expressions, people: People, made: dict[str, object]) -> None:
    dice = e.dice
    people.states = tuple(dice.shuffled(dice.some(words.STATES, 2, 4)))
    if dice.chance(0.35):
        made["states"] = list(people.states)
    else:
        ring = dict(zip(people.states, (*people.states[1:], people.states[0]), strict=True))
        for state in people.states:
            others = [other for other in people.states if other != state or dice.chance(0.4)]
            moves = {ring[state], *dice.some(others, 0, 2)}
            people.moves[state] = [other for other in people.states if other in moves]
        made["states"] = people.moves
    if dice.chance(0.5):
        place = Place(acting=people.name, born=frozenset(people.links), allow=AT_BIRTH)
        made["initial"] = e.of(Kind("state", people.name, people.states), place, 2)


def _attributes(e: Expressions, people: People, made: dict[str, object]) -> None:
    dice = e.dice
    written: dict[str, object] = {}
    if people.is_placed:
        for axis in ("x", "y"):
            written[axis] = dice.one(("uniform(low=0, high=100)", "normal(mean=50, sd=20)", "id * 1.5", "id % 7"))
            kind = WHOLE if written[axis] == "id % 7" else NUMBER
            people.attributes[axis] = Attribute(axis, kind, "", mutable=False)
    wanted = [dice.one((*PLAIN, _category(e), *_agents(e, people))) for _ in range(dice.whole(2, 8))]
    wanted += [NUMBER, RATE] if people.keeps_to_itself else [NUMBER]
    correlated: list[str] = []
    for kind in wanted:
        name = _free_name(e, people, kind)
        if name is None:
            continue
        place = Place(acting=people.name, born=frozenset({*people.attributes, *people.links} - {name}), allow=AT_BIRTH)
        value, continuous = _value(e, kind, place)
        if continuous:
            correlated.append(name)
        attribute = Attribute(name, kind, value, mutable=dice.chance(0.6))
        people.attributes[name] = attribute
        is_bare = value == "none" or kind.name in ("category", "state")
        written[name] = {"value": value, "type": kind.written()} if is_bare or dice.chance(0.05) else value
    made["attributes"] = written
    if len(correlated) >= 2 and dice.chance(0.7):
        first, second, *others = correlated
        pairs: list[list[object]] = [[first, second, dice.one(("0.6", "-0.3", "0.1"))]]
        if others and dice.chance(0.5):
            pairs.append([second, others[0], "0.2"])
        made["correlated"] = pairs


def _agents(e: Expressions, people: People) -> list[Kind]:
    """Kinds of attributes that name something declared."""
    kinds = [agent_of(name) for name in e.cast.populations]
    kinds += [Kind("state", p.name, p.states) for p in e.cast.populations.values() if p.states and p is not people]
    return kinds


def _free_name(e: Expressions, people: People, kind: Kind) -> str | None:
    taken = {*people.attributes, *people.links, *e.cast.populations}
    free = [word for word in words.ATTRIBUTES[kind.name] if word not in taken]
    return e.dice.one(free) if free else None


def _value(e: Expressions, kind: Kind, place: Place) -> tuple[str, bool]:
    """The expression of an attribute, and whether it is one continuous draw."""
    dice = e.dice
    if kind in (NUMBER, DURATION, RATE) and dice.chance(0.45):
        return draws.draw(e, kind, place.without("draw"), 1), True
    if kind == RATE and dice.chance(0.3):
        return f"{draws.draw(e, NUMBER, place.without('draw'), 0)} per day", True
    if dice.chance(0.25):
        return constant(dice, kind, e.cast.dates), False
    if kind == INSTANT and dice.chance(0.5):
        return f"start + exponential(mean={positive(dice, DURATION)})", False
    if kind.name in _BOUNDS and dice.chance(0.7):
        low, high = bounds(kind)
        return f"clip({e.of(kind, place, 2)}, {low}, {high})", False
    if kind.name == "agent":
        return dice.one((f"pick({kind.of})", "none", f"pick({kind.of}, where=id > 1)")), False
    return e.of(kind, place, 2 if kind.name not in _BOUNDS else 1), False


# --- networks


def networks(e: Expressions) -> dict[str, object]:
    """Networks of all kinds."""
    dice, cast = e.dice, e.cast
    made: dict[str, object] = {}
    for name in dice.some(dice.shuffled(words.NETWORKS), 0 if dice.chance(0.25) else 1, 3):
        source, target = (dice.one(list(cast.populations.values())) for _ in range(2))
        kinds = ["random"]
        if source.is_placed and target.is_placed:
            kinds += ["nearest", "nearest"]
        among = dice.chance(0.6)
        if among:
            target = source
            kinds += ["random", "preferential_attachment", "small_world", "complete"]
            kinds += ["blocks"] if _blocks(source) else []
            kinds += ["nearest"] * (2 if source.is_placed else 0)
        written: dict[str, object] = {"among": source.name} if among else {"from": source.name, "to": target.name}
        kind = dice.one(kinds)
        if kind != "random" or dice.chance(0.3):
            written["kind"] = kind
        written.update(_settings(e, kind, source, target))
        cast.networks[name] = Network(name, source.name, target.name, target.size if kind == "complete" else 4.0)
        made[name] = written
    e.forget()
    return made


def _settings(e: Expressions, kind: str, source: People, target: People) -> dict[str, object]:
    dice = e.dice
    match kind:
        case "random":
            still = Place(acting=source.name, allow=frozenset({"draw", "parameter", "global"}))
            few = ("1", "3", "1 + poisson(mean=2)", "integer(0, 4)", e.small(NUMBER, still, "0.0", "5.0", 1))
            settings: dict[str, object] = {"degree": dice.one(few)}
            if dice.chance(0.5):
                weights = Place(candidate=target.name, allow=frozenset({"parameter", "global"}))
                path = e.path(NUMBER, weights)
                settings["weight"] = f"abs({path})" if path else "1 + id"
            return settings
        case "preferential_attachment":
            return {"links": dice.one(("1", "2", "3"))}
        case "small_world":
            return {"neighbours": dice.one(("2", "4")), "rewire": dice.one(("0", "0.1", "0.5", "1"))}
        case "nearest":
            key, value = dice.one((("neighbours", "1"), ("neighbours", "4"), ("radius", "10"), ("radius", "30.5")))
            return {key: value, "position": dice.one((["x", "y"], ["y", "x"]))}
        case "blocks":
            by = dice.one(_blocks(source))
            return {"by": by, "within": dice.one(("0.3", "0.8")), "between": dice.one(("0.02", "0.1", "0"))}
    return {}


def _blocks(people: People) -> list[str]:
    """Attributes that can tell blocks apart."""
    return [attribute.name for attribute in people.attributes.values() if attribute.kind.name != "agent"]
