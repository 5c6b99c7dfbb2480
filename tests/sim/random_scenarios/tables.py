"""Tables of every kind, with columns that look up what changes."""

from __future__ import annotations

from collections.abc import Callable

from tests.sim.random_scenarios import sets, words
from tests.sim.random_scenarios.cast import BOOL, INSTANT, ORDERED, WHOLE, Happening, Kind, agent_of
from tests.sim.random_scenarios.dangers import dangerous_column
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.literals import constant, hours
from tests.sim.random_scenarios.places import Place

_OF_ROWS = frozenset({"global", "parameter"})


def tables(e: Expressions) -> dict[str, object]:
    """The section ``record``."""
    dice = e.dice
    made: dict[str, object] = {}
    kinds: list[tuple[float, Callable[[Expressions], dict[str, object] | None]]] = [
        (4, _each),
        (2, _windows),
        (3, _of),
        (3, _every),
        (1.5, _edges),
    ]
    for name in dice.some(words.TABLES, 0, 5):
        table = dice.weighted(kinds)(e)
        if table is not None:
            made[name] = table
    return made


def _columns(e: Expressions, place: Place, kinds: tuple[Kind, ...], least: int = 1) -> list[object]:
    """Named expressions; more often than not ones that read something."""
    found: list[object] = []
    for number in range(e.dice.whole(least, 4)):
        kind = e.dice.one(kinds)
        value = e.path(kind, place) if e.dice.chance(0.5) or kind not in (*ORDERED, BOOL) else None
        if value is None and kind in (*ORDERED, BOOL):
            value = e.of(kind, place, 2)
        if value is not None:  # a level or `none` alone has no type in a column
            found.append({f"c{number}": value})
    return found


def _each(e: Expressions) -> dict[str, object]:
    dice = e.dice
    event = dice.one(list(e.cast.events.values()))
    place = Place(row=event.name, allow=_OF_ROWS)
    columns: list[object] = [name for name in event.fields if name not in event.labels and dice.chance(0.5)]
    columns += ["time"] if dice.chance(0.6) else []
    columns += ["row"] if dice.chance(0.2) else []
    columns += _columns(e, place, _kinds(e, event)) or ["time"]
    columns = [column for n, column in enumerate(columns) if column not in columns[:n]]
    table: dict[str, object] = {"each": event.name, "columns": columns}
    if dice.chance(0.5):
        seen = Place(row=event.name, labels=True, allow=_OF_ROWS)
        labels: list[object] = [{"l1": e.of(BOOL, seen, 2)}]
        labels += [name for name in event.fields if name in event.labels and dice.chance(0.7)]
        labels += ["behavior"] if dice.chance(0.3) else []
        table["labels"] = labels
        if dice.chance(0.5):
            table["known"] = dice.one(("time + 9 days", "time + lognormal(median=2 days, sigma=0.8)", "end"))
    if dice.chance(0.3):
        table["where"] = e.of(BOOL, place, 2)
    return table


def _kinds(e: Expressions, event: Happening) -> tuple[Kind, ...]:
    """Kinds of columns: those that agents in the event's fields hold come more often."""
    agents = [e.cast.populations[kind.of] for kind in event.fields.values() if kind.name == "agent"]
    held = [attribute.kind for people in agents for attribute in people.attributes.values()]
    states = [Kind("state", people.name, people.states) for people in agents if people.states]
    return (*ORDERED, BOOL, *held, *states)


def _windows(e: Expressions) -> dict[str, object]:
    dice = e.dice
    event = dice.one(list(e.cast.events.values()))
    place = Place(row=event.name, allow=_OF_ROWS)
    table: dict[str, object] = {"each": event.name, "window": hours(dice, dice.one((1.0, 6.0, 24.0, 2.5)))}
    groups = [path.text for kind in event.fields.values() for path in e.paths(kind, place)]
    groups = [name for name in groups if name in event.fields]
    if groups and dice.chance(0.6):
        table["by"] = [dice.one(groups)]
        if dice.chance(0.4):
            table["by"] = [*table["by"], {"g1": e.of(WHOLE, place, 1)}]  # type: ignore[misc]
    table["columns"] = [{"n": "count()"}, *_sums(e, place)]
    if dice.chance(0.3):
        table["known"] = "max(time) + 9 days"
    return table


def _sums(e: Expressions, place: Place) -> list[object]:
    """Columns that sum up rows."""
    found: list[object] = []
    for number in range(e.dice.whole(0, 3)):
        kind = e.dice.one(tuple(kind for kind in ORDERED if kind != INSTANT))
        value = e.path(kind, place) or e.of(kind, place, 1)
        found.append({f"s{number}": f"{e.dice.one(('sum', 'mean', 'min', 'max'))}({value})"})
    return found


def _of(e: Expressions) -> dict[str, object]:
    dice, cast = e.dice, e.cast
    people = dice.one(list(cast.populations.values()))
    fixed = frozenset() if cast.reset else frozenset({"parameter"})
    place = Place(acting=people.name, allow=fixed)
    columns: list[object] = ["id", *(name for name in people.attributes if dice.chance(0.5))]
    columns += ["state"] if people.states and dice.chance(0.6) else []
    columns += dice.some(("born", "retired"), 0, 2)
    columns += _columns(e, place, (*ORDERED, BOOL), 0)
    table: dict[str, object] = {"of": people.name, "columns": columns}
    if dice.chance(0.6):
        at = [hours(dice, dice.between(0, cast.hours)), "end", "start", dice.one(cast.dates), "12 hours"]
        chosen = dice.some(at, 1, 3)
        table["at"] = chosen if len(chosen) > 1 else chosen[0]
    if dice.chance(0.3):
        table["where"] = e.of(BOOL, place, 2)
    return table


def _every(e: Expressions) -> dict[str, object]:
    place = Place(allow=frozenset({"set", "now", "global", "parameter"}))
    columns = _columns(e, place, (*ORDERED, BOOL))
    if e.dice.chance(0.4):
        columns.append({"last": sets.extreme_instant(e, place)})
    for people in e.cast.populations.values():
        if people.states and e.dice.chance(0.5):
            state = constant(e.dice, Kind("state", people.name, people.states))
            columns.append({f"n_{people.name}": f"count({people.name}.{state})"})
            columns.append({f"share_{people.name}": f"mean(state == {state} for {people.name})"})
    if e.dice.chance(0.03):
        columns.append({"danger": dangerous_column(e, place)})
    gap = max(e.dice.one((1.0, 6.0, 24.0, 2.5)), e.cast.hours // 60 + 1)
    return {"every": hours(e.dice, gap), "columns": columns}


def _edges(e: Expressions) -> dict[str, object] | None:
    dice, cast = e.dice, e.cast
    if cast.networks and dice.chance(0.4):
        return {"edges": dice.one(list(cast.networks))}
    event = dice.one(list(cast.events.values()))
    place = Place(row=event.name, allow=_OF_ROWS)
    ends = [path.text for name in cast.populations for path in e.paths(agent_of(name), place)]
    if not ends:
        return None
    table: dict[str, object] = {"edges": event.name, "from": dice.one(ends), "to": dice.one(ends)}
    if dice.chance(0.6):
        table["columns"] = [{"n": "count()"}, *_sums(e, place)]
    if dice.chance(0.3):
        table["where"] = e.of(BOOL, place, 2)
    return table
