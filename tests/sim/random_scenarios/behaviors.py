"""Events and behaviors: what sets them off, how often, and under which conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.sim.random_scenarios import times, words
from tests.sim.random_scenarios.cast import (
    BOOL,
    DURATION,
    NUMBER,
    PLAIN,
    RATE,
    WHOLE,
    Happening,
    Kind,
    Part,
    People,
    agent_of,
)
from tests.sim.random_scenarios.dangers import dangerous_trigger
from tests.sim.random_scenarios.draws import forms_of
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.literals import hours
from tests.sim.random_scenarios.places import Place
from tests.sim.random_scenarios.rules import rule_of

CLOCKS = ("rate", "every", "at")
ANY_TIME = ("rate", "rate", "every", "every", "at")
ON_THE_HOUR = ("every", "every", "every", "at", "at", "rate")
FOLLOWERS = ("on", "on", "on", "when", "when", "enters", "enters", "called", "called", "called")


def events(e: Expressions) -> dict[str, object]:
    """The events, with fields of all kinds."""
    dice, cast = e.dice, e.cast
    made: dict[str, object] = {}
    for name in dice.some(dice.shuffled(words.EVENTS), 1, 4):
        fields: dict[str, Kind] = {}
        for field in dice.some(dice.shuffled(words.FIELDS), 1, 6):
            fields[field] = dice.one((*PLAIN, *_kinds_of_people(e)))
        roles = [field for field, kind in fields.items() if kind.name == "agent"]
        if not roles and dice.chance(0.8):
            fields["whom"] = agent_of(dice.one(list(cast.populations)))
            roles = ["whom"]
        sure = frozenset(role for role in roles if dice.chance(0.6))
        labels = frozenset(field for field in fields if field not in roles and dice.chance(0.25))
        cast.events[name] = Happening(name, fields, labels, sure)
        written = {f: f"label {kind.written()}" if f in labels else kind.written() for f, kind in fields.items()}
        made[name] = {"fields": written, "about": "something"} if dice.chance(0.1) else written
    e.forget()
    return made


def _kinds_of_people(e: Expressions) -> list[Kind]:
    people = list(e.cast.populations.values())
    kinds = [agent_of(p.name) for p in people] * 2
    kinds += [Kind("state", p.name, p.states) for p in people if p.states]
    kinds += [a.kind for p in people for a in p.attributes.values() if a.kind.name == "category"]
    return kinds


def behaviors(e: Expressions, is_dangerous: bool) -> dict[str, object]:
    """The section of behaviors, in any order."""
    _plan(e)
    parts = list(e.cast.parts.values())
    for part in parts:
        _TRIGGERS[part.trigger](e, part)
        part.clock_load = part.load
    dangerous = e.dice.one([part for part in parts if part.trigger in CLOCKS]) if is_dangerous else None
    inside = e.dice.chance(0.7)
    for part in parts:  # in order, so that what sets a behavior off has been counted
        _finish(e, part)
        if part is dangerous and not inside:
            dangerous_trigger(e, _place(e, part), part)
        part.written["do"] = rule_of(e, part, part is dangerous and inside)
    return {part.name: {"who": part.who, **part.written} for part in e.dice.shuffled(parts)}


# --- which behaviors there are


def _plan(e: Expressions) -> None:
    dice, cast = e.dice, e.cast
    names = iter(dice.shuffled(words.BEHAVIORS))
    people = list(cast.populations.values())
    kinds = ON_THE_HOUR if cast.is_punctual else ANY_TIME
    triggers = [kinds[0], *(dice.one(kinds) for _ in range(dice.whole(1 if cast.is_punctual else 0, 4)))]
    followers = dice.some(dice.shuffled(FOLLOWERS), 0, 5)
    for order, trigger in enumerate([*triggers, *followers]):
        own = [p for p in people if p.keeps_to_itself]
        chosen = dice.one(own if own and dice.chance(0.6) else people)
        who = "world" if dice.chance(0.15 if trigger != "enters" else 0) else chosen.name
        part = Part(next(names), who, order, trigger, is_reactive=trigger not in CLOCKS)
        if _plan_trigger(e, part, chosen):
            cast.parts[part.name] = part
    for part in cast.parts.values():
        earlier = [p for p in cast.parts.values() if p.order < part.order and p.trigger in CLOCKS]
        if part.trigger == "on":
            able = [p for p in earlier if cast.may_emit(p.who, cast.events[part.event])]
            if able:
                dice.one(able).must_emit.append(part.event)
        others = [p for p in earlier if not cast.closed_to(p.who)]
        same = [p for p in earlier if p.who == part.who] + (others if part.who == "world" else [])
        if part.trigger == "called":
            for caller in dice.some(same, 1, 2):
                caller.must_call.append(part.name)


def _plan_trigger(e: Expressions, part: Part, people: People) -> bool:
    """What must be known before any rule is written; False if there can be no such behavior."""
    dice, cast = e.dice, e.cast
    if part.trigger == "enters":
        return bool(people.states)
    if part.trigger == "called":
        kinds = (*PLAIN, *_kinds_of_people(e))
        part.arguments = {name: dice.one(kinds) for name in dice.some(words.ARGUMENTS, 0, 3)}
    if part.trigger == "on":
        choice: list[tuple[str, str]] = []
        for event in cast.events.values():
            roles = [field for field, kind in event.fields.items() if kind == agent_of(part.who)]
            choice += [(event.name, role) for role in roles]
            if not roles and (part.who == "world" or not people.keeps_to_itself):
                choice.append((event.name, ""))
        if not choice:
            return False
        part.event, part.role = dice.one(choice)
        event = cast.events[part.event]
        event.listeners.append((part.who, part.role))
        event.first_listener = min(event.first_listener, part.order)
        event.fanout += 1 if part.role or part.who == "world" else people.size
    return True


# --- triggers


def _place(e: Expressions, part: Part) -> Place:
    return Place(
        acting=None if part.who == "world" else part.who,
        closed=e.cast.closed_to(part.who),
    )


def _count(e: Expressions, part: Part) -> int:
    return e.cast.populations[part.who].size if part.who != "world" else 1


def _firings(e: Expressions, part: Part) -> float:
    """How often a clock of one agent shall fire."""
    total = e.dice.weighted(((1, 15.0), (3, 100.0), (4, 300.0), (1, 700.0)))
    people = e.cast.populations.get(part.who)
    others_keep_to_themselves = any(p.keeps_to_itself for p in e.cast.populations.values())
    if others_keep_to_themselves and (people is None or not people.keeps_to_itself):
        total = e.dice.one((6.0, 15.0, 40.0))
    part.load = total
    return total / max(1, _count(e, part))


def _rate(e: Expressions, part: Part) -> None:
    dice = e.dice
    days = e.cast.hours / 24
    each = _firings(e, part) / days
    place = e.still(_place(e, part))
    base = f"{each:.3g} per day"
    e.read.clear()
    path = e.path(RATE, place)
    if path in e.cast.globals or path in e.cast.parameters:
        path = f"min({path}, 6 per day)"
    forms: list[tuple[float, Callable[[], str]]] = [
        (2, lambda: base),
        (4 if path else 0, lambda: f"{path} * {each / 3:.3g}"),
        (1 if path else 0, lambda: f"min({path}, 6 per day) * {each / 3:.3g}"),
        (1, lambda: f"clip({e.of(RATE, place, 2)}, 0 per day, {base})"),
        (2, lambda: f"{base} * (1.5 if {e.of(BOOL, place, 2)} else 0.4)"),
        (2, lambda: f"{base} * clip({e.of(NUMBER, place, 2)}, 0, 2)"),
        (1, lambda: f"{base} / (1 + abs({e.of(WHOLE, place, 1)}))"),
        (0.3, lambda: f"{base} * clip({e.of(NUMBER, place, 1)}, -1, 2)"),
    ]
    part.written["rate"] = dice.weighted(forms)()
    if dice.chance(0.6):
        _must_write(e, sorted(filter(e.cast.changes, e.read)))
    _rhythm(e, part)


def _every(e: Expressions, part: Part) -> None:
    dice = e.dice
    gap = e.cast.hours / _firings(e, part)
    place = _place(e, part)
    mean = hours(dice, gap)
    path = e.path(DURATION, place)
    round_gap = dice.one(([h for h in (1, 2, 3, 6, 12, 24) if h >= gap / 2] or [24])[:2])
    distribution = dice.one([f.distribution for f in forms_of(DURATION)])
    drawn = {
        "exponential": f"exponential(mean={mean})",
        "gamma": f"gamma(mean={mean}, shape=2.5)",
        "weibull": f"weibull({mean}, 1.5)",
        "uniform": f"uniform(low={hours(dice, gap / 2)}, high={hours(dice, gap * 1.5)})",
        "lognormal": f"lognormal(median={mean}, sigma=0.6)",
        "pareto": f"pareto(alpha=2, minimum={mean})",
    }.get(distribution, f"{mean} * (0.5 + beta(2, 2))")
    forms: list[tuple[float, Callable[[], str]]] = [
        (4, lambda: drawn),
        (30 if e.cast.is_punctual else 3, lambda: f"{round_gap} hours" if round_gap > 1 else "1 hour"),
        (1.5, lambda: f"clip({e.of(DURATION, place, 2)}, {hours(dice, gap / 2)}, {hours(dice, gap * 2)})"),
        (1.5 if path else 0, lambda: f"{hours(dice, gap)} + clip({path}, 0 hours, {hours(dice, gap)})"),
        (1, lambda: f"{mean} if {e.of(BOOL, place, 2)} else {hours(dice, gap * 1.6)}"),
        (1, lambda: f"mixture(0.7, {mean}, 0.3, exponential(mean={mean}))"),
    ]
    part.written["every"] = dice.weighted(forms)()
    _rhythm(e, part)


def _at(e: Expressions, part: Part) -> None:
    entries = times.moments(e, _place(e, part).without("pick"))
    part.written["at"] = entries if len(entries) > 1 or e.dice.chance(0.2) else entries[0]
    part.load = _count(e, part) * len(entries) * max(1.0, e.cast.hours / 48)


def _on(e: Expressions, part: Part) -> None:
    part.written["on"] = f"{part.event} as {part.role}" if part.role else part.event


def _when(e: Expressions, part: Part) -> None:
    e.read.clear()
    place = e.still(_place(e, part))
    changing = [p for kind in (NUMBER, WHOLE, BOOL) for p in e.paths(kind, place) if e.cast.changes(p.source)]
    if changing and e.dice.chance(0.75):
        path = e.dice.one(changing)
        e.read.add(path.source)
        low = e.dice.one(("0", "1", "3", "-2", "8"))
        part.written["when"] = path.text if path.kind == BOOL else f"{path.text} {e.dice.one(('>', '<', '>='))} {low}"
    else:
        part.written["when"] = e.of(BOOL, place, 2)
    part.watches = {source for source in e.read if source[0]}
    e.cast.watched |= part.watches
    _must_write(e, sorted(filter(e.cast.changes, part.watches)))
    part.load = 40.0


def _enters(e: Expressions, part: Part) -> None:
    people = e.cast.populations[part.who]
    again = [state for state in people.moves if state in people.moves[state]]
    states = again if again and e.dice.chance(0.6) else e.dice.some(people.states, 1, 2)
    people.entered = (*people.entered, *states)
    part.written["enters"] = states if len(states) > 1 else states[0]
    _must_write(e, [(part.who, "state")])


def _must_write(e: Expressions, sources: list[tuple[str, str]]) -> None:
    """Let some rules of clocks write one of what is watched."""
    clocks = [part for part in e.cast.parts.values() if part.trigger in CLOCKS]
    if sources:
        source = e.dice.one(sources)
        able = [part for part in clocks if part.who == source[0] or not e.cast.closed_to(part.who)]
        own = [part for part in able if part.who == source[0]]
        for part in e.dice.some(own or able, 1, 2):
            part.must_write.append(source)


def _called(e: Expressions, part: Part) -> None:
    if part.arguments:
        part.written["arguments"] = {name: kind.written() for name, kind in part.arguments.items()}


_TRIGGERS: dict[str, Callable[[Expressions, Part], None]] = {
    "rate": _rate,
    "every": _every,
    "at": _at,
    "on": _on,
    "when": _when,
    "enters": _enters,
    "called": _called,
}


def _rhythm(e: Expressions, part: Part) -> None:
    names = [name for name in words.RHYTHMS if name in e.rhythms]
    if names and e.dice.chance(0.5):
        chosen = e.dice.some(names, 1, 2 if e.dice.chance(0.3) else 1)
        part.written["rhythm"] = chosen if len(chosen) > 1 else chosen[0]


# --- conditions


def _finish(e: Expressions, part: Part) -> None:
    """The load of what others set off, and the conditions."""
    dice, cast = e.dice, e.cast
    people = cast.populations.get(part.who)
    if part.trigger == "on":
        part.load = cast.events[part.event].load * (1 if part.role or people is None else people.size)
    if part.trigger == "enters" and people is not None:
        part.load = people.becoming / 2
    if people is not None and people.states and dice.chance(0.45):
        states = dice.some(people.states, 1, max(1, len(people.states) - 1))
        key = dice.one(("while", "unless"))
        part.written[key] = states if len(states) > 1 else states[0]
    place = _place(e, part)
    place = replace(place, event=part.event or None)
    conditions = []
    if dice.chance(0.3):
        conditions.append(e.of(BOOL, place, 2))
    most = 500.0 if part.role or part.trigger != "on" else 200.0
    if part.load > most:
        conditions.append(f"bernoulli(p={most / part.load:.2g})")
        part.passes, part.load = most / part.load, most
    if conditions:
        part.written["if"] = " and ".join(conditions)
