"""Assignments: to attributes of the acting agent and of others, to globals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.random_scenarios import effects, flows
from tests.sim.random_scenarios.cast import NUMBER, RATE, WHOLE, Attribute, Kind, People, agent_of
from tests.sim.random_scenarios.literals import positive
from tests.sim.random_scenarios.people import bounds

if TYPE_CHECKING:
    from tests.sim.random_scenarios.rules import Rule


def assign(rule: Rule) -> None:
    """Change an attribute of the acting agent, or a global."""
    cast, dice = rule.cast, rule.dice
    people = cast.populations.get(rule.part.who)
    globals_ = [name for name in cast.globals if name not in cast.fixed_globals]
    if globals_ and not rule.is_own and (people is None or dice.chance(0.3)):
        name = dice.one(globals_)
        written = f"world.{name}" if dice.chance(0.1) else name
        with rule.rarely(_chance(rule, ("world", name))):
            _change(rule, written, cast.globals[name], ("world", name))
    elif people is not None:
        assign_to(rule, "" if dice.chance(0.9) else "self.", people)


def assign_to(rule: Rule, prefix: str, people: People) -> None:
    """Change an attribute of an agent."""
    choice = [attribute for attribute in people.attributes.values() if attribute.mutable]
    if not choice:
        return
    attribute = rule.dice.one(choice)
    with rule.rarely(_chance(rule, (people.name, attribute.name))):
        _change(rule, f"{prefix}{attribute.name}", attribute.kind, (people.name, attribute.name))


def write(rule: Rule, source: tuple[str, str]) -> None:
    """Write one thing that is watched: of the acting agent, a global, or of somebody who is picked."""
    population, name = source
    if population == "world":
        _change(rule, name, rule.cast.globals[name], source)
        return
    people = rule.cast.populations[population]
    if population == rule.part.who:
        _write_of(rule, "", people, name)
        return
    one = rule.name("t")
    rule.line(f"{one} = pick({population})")
    with rule.block(f"if {one} != none:"):
        rule.place = rule.place.knowing(one, agent_of(population))
        _write_of(rule, one, people, name)


def _write_of(rule: Rule, one: str, people: People, name: str) -> None:
    if name == "state":
        effects.become_of(rule, one, people)
        return
    prefix = f"{one}." if one else ""
    _change(rule, f"{prefix}{name}", people.attributes[name].kind, (people.name, name))


def _chance(rule: Rule, source: tuple[str, str]) -> float:
    """How often something may be written: rarely where that may set off the rule that is set off by it."""
    if source not in rule.cast.watched or not rule.part.is_reactive:
        return 1.0
    return min(0.15, 20 / rule.times)


def read_of(rule: Rule, name: str, people: People) -> None:
    """Read something of another agent into the acting one, or into a name."""
    readable = [a for a in people.attributes.values() if not (rule.is_own and a.mutable)]
    readable = [a for a in readable if a.kind.name not in ("agent", "episode", "text", "state", "category")]
    if not readable:
        return
    attribute = rule.dice.one(readable)
    local = rule.name("v")
    rule.line(f"{local} = {name}.{attribute.name}")
    rule.place = rule.place.knowing(local, attribute.kind)
    if rule.dice.chance(0.7):
        assign(rule)


def fitting(rule: Rule, attribute: Attribute) -> str:
    """A value for an attribute, within its bounds."""
    return _bounded(rule, attribute.kind)


def _bounded(rule: Rule, kind: Kind) -> str:
    if kind.name in ("bool", "episode", "category", "agent", "text", "state"):
        return rule.e.of(kind, rule.place, 2)
    low, high = bounds(kind)
    if kind.name == "money" and rule.dice.chance(0.2):
        return rule.e.small(NUMBER, rule.place, "-50.0", "200.0")
    return rule.e.small(kind, rule.place, low, high)


def _change(rule: Rule, target: str, kind: Kind, source: tuple[str, str]) -> None:
    rule.causes(flows.writing(source))
    dice, e, place = rule.dice, rule.e, rule.place
    if dice.chance(0.4) or kind.name not in _STEPS:
        if kind.name == "bool" and dice.chance(0.4):
            rule.line(f"{target} = not {target}")
            return
        rule.line(f"{target} = {_bounded(rule, kind)}")
        return
    step = dice.one(_STEPS[kind.name])
    value = {
        "+": lambda: e.of(_DIFFERENCE.get(kind.name, kind), place, 1) if dice.chance(0.6) else _small(rule, kind),
        "*": lambda: dice.one(("0.9", "1.1", "0.5", "1.25")),
        "/": lambda: positive(dice, NUMBER),
    }[step.replace("-", "+")]()
    if kind == WHOLE and step == "*":
        value = dice.one(("2", "3", "0"))
    rule.line(f"{target} {step}= {value}")
    if dice.chance(0.85) or kind == RATE:  # a rate that grows without bounds keeps a run from ending
        low, high = bounds(kind)
        rule.line(f"{target} = clip({target}, {low}, {high})")


def _small(rule: Rule, kind: Kind) -> str:
    if kind.name == "money":
        return positive(rule.dice, rule.dice.one((kind, NUMBER)))
    return positive(rule.dice, _DIFFERENCE.get(kind.name, kind))


_DIFFERENCE = {"instant": Kind("duration")}
_STEPS = {
    "number": ("+", "-", "*", "/", "+", "-"),
    "whole": ("+", "-", "+", "*"),
    "money": ("+", "-", "*", "/"),
    "duration": ("+", "-", "*", "/"),
    "rate": ("+", "-", "*", "/"),
    "instant": ("+", "-"),
}
"""The operators of `+=` and its kind for each kind."""
