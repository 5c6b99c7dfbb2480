"""What reaches beyond one statement: changes of state, emissions, calls, and agents that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sim.random_scenarios import changes, flows, sets
from tests.sim.random_scenarios.cast import DURATION, NUMBER, Happening, Kind, Part, People, agent_of
from tests.sim.random_scenarios.literals import constant, hours

if TYPE_CHECKING:
    from tests.sim.random_scenarios.rules import Rule

MOST_ROWS = 700.0
"""How often one statement may emit, roughly."""

MOST_FOLLOWERS = 300.0
"""How often one statement may set off other behaviors, roughly."""


# --- become


def become(rule: Rule) -> None:
    """Change the state of the acting agent."""
    people = rule.cast.populations.get(rule.part.who)
    if people is not None and people.states:
        become_of(rule, "", people)


def become_of(rule: Rule, name: str, people: People) -> None:
    """Change a state along the declared moves; rarely where that may set off the rule again."""
    dice = rule.dice
    p = 1.0 if not rule.part.is_reactive and rule.depth <= 2 else dice.one((0.1, 0.3))
    if rule.part.is_reactive and rule.times > 200:
        p = 0.05
    prefix = f"{name}." if name else ""
    from_state = dice.one(people.states)
    followers = people.after(from_state)
    towards = [(state, to) for state in people.states for to in people.after(state) if to in people.entered]
    if towards and dice.chance(0.6):
        from_state, to = dice.one([(state, to) for state, to in towards if state == to] or towards)
        followers = [to]
    with rule.rarely(p):
        people.becoming += rule.times
        rule.causes(flows.becoming(people.name))
        if not people.moves and dice.chance(0.4):
            rule.line(f"{prefix}become({dice.one(people.states)})")
        elif followers:
            with rule.block(f"if {prefix}state == {from_state}:"):
                rule.line(f"{prefix}become({dice.one(followers)})")
            if dice.chance(0.3) and people.after(followers[0]):
                with rule.block(f"elif {prefix}state == {followers[0]}:"):
                    rule.line(f"{prefix}become({dice.one(people.after(followers[0]))})")


# --- emit


def emit_any(rule: Rule) -> None:
    """Emit an event, mostly one for whose fields there is somebody."""
    events = list(rule.cast.events.values())
    possible = [event for event in events if not _missing(rule, event)]
    emit(rule, rule.dice.one(possible if possible and rule.dice.chance(0.7) else events))


def _missing(rule: Rule, event: Happening) -> list[Kind]:
    """Of whom nobody can be named here for a field that is never none."""
    kinds = [kind for name, kind in event.fields.items() if name in event.sure]
    return [kind for kind in dict.fromkeys(kinds) if not _sure(rule, kind)]


def emit(rule: Rule, event: Happening) -> None:
    """Emit an event, picking somebody for its fields if nobody can be named."""
    if not rule.cast.may_emit(rule.part.who, event):
        return
    wanted = _missing(rule, event)
    if wanted and rule.depth < 5:
        picked = sets.pick(rule.e, wanted[0].of, rule.place, 1)
        if picked is not None:
            name = rule.name("t")
            rule.line(f"{name} = {picked[0]}")
            with rule.block(f"if {name} != none:"):
                rule.place = rule.place.knowing(name, wanted[0])
                emit(rule, event)
    if wanted:
        return
    p = min(1.0, MOST_ROWS / rule.times)
    if rule.part.order >= event.first_listener:
        p = min(p, _back(rule, event.fanout))
    elif event.fanout:
        p = min(p, MOST_FOLLOWERS / rule.times / event.fanout)
    if p <= 0:
        return
    with rule.rarely(p if p < 0.95 else 1.0):
        event.load += rule.times
        rule.causes(flows.event(event.name))
        fields = ", ".join(f"{name}={_field(rule, event, name, kind)}" for name, kind in event.fields.items())
        rule.line(f"emit {event.name}({fields})")


def _sure(rule: Rule, kind: Kind) -> list[str]:
    """Agents of a population that can be named here and are never none; only itself if it keeps to itself."""
    if rule.is_own and kind.of == rule.part.who:
        return ["self"]
    return [path.text for path in rule.e.paths(kind, rule.place) if not path.may_be_none]


def _field(rule: Rule, event: Happening, name: str, kind: Kind) -> str:
    """The value of a field."""
    dice = rule.dice
    if name in event.sure:
        choice = _sure(rule, kind)
        return "self" if "self" in choice and dice.chance(0.6) else dice.one(choice)
    if kind.name == "agent" and rule.is_own and kind.of == rule.part.who:
        return "self"
    if kind.name == "money" and dice.chance(0.3):
        return rule.e.of(NUMBER, rule.place, 2)
    return rule.e.of(kind, rule.place, 2)


# --- after and cancel


def after_any(rule: Rule) -> None:
    """Call a behavior of the acting agent or of the world."""
    choice = [part for part in rule.cast.parts.values() if _may_call(rule, part)]
    if choice:
        call(rule, rule.dice.one(choice))


def _may_call(rule: Rule, part: Part) -> bool:
    """Whether this rule may call a behavior without naming another agent."""
    reach = (rule.part.who,) if rule.is_own else (rule.part.who, "world")
    return part.who in reach and not (part.trigger != "called" and part.arguments)


def call(rule: Rule, part: Part) -> None:
    """Call a behavior of any agent that can be named."""
    targets = [""] if part.who == rule.part.who or (part.who == "world" and not rule.is_own) else []
    if not rule.is_own and part.who != "world":
        targets += [f"{path}." for path in _sure(rule, agent_of(part.who))]
    if targets:
        _called(rule, rule.dice.one(targets), part)


def call_of(rule: Rule, name: str, people: People) -> None:
    """Call a behavior of another agent."""
    choice = [part for part in rule.cast.parts.values() if part.who == people.name and part.trigger != "on"]
    if choice:
        _called(rule, f"{name}.", rule.dice.one(choice))


def _called(rule: Rule, target: str, part: Part) -> None:
    """``after``: with a small chance where it leads back."""
    if part.trigger == "on":
        return  # it reads the event that set it off
    p = min(1.0, MOST_FOLLOWERS / rule.times)
    if part.order <= rule.part.order:
        p = min(p, _back(rule, 1.0))
    if p <= 0:
        return
    with rule.rarely(p if p < 0.95 else 1.0):
        part.load += rule.times
        rule.causes(part.name)
        arguments = ", ".join(f"{name}={_argument(rule, kind)}" for name, kind in part.arguments.items())
        rule.line(f"after {_delay(rule)}: {target}{part.name}({arguments})")


def _argument(rule: Rule, kind: Kind) -> str:
    """The value of an argument."""
    if kind.name == "agent" and rule.is_own:
        return "self" if kind.of == rule.part.who else rule.e.leaf(kind, rule.place)
    return rule.e.of(kind, rule.place, 2)


def _delay(rule: Rule) -> str:
    """A delay; some are 0 or below."""
    dice = rule.dice
    return dice.weighted(
        (
            (20 if rule.cast.is_punctual else 2, dice.one(("1 hour", "1 hour", "6 hours"))),
            (2, dice.one(("30 minutes", "6 hours", "1 day", "90 seconds"))),
            (2, f"exponential(mean={hours(dice, dice.between(0.2, 12))})"),
            (1, f"max({constant(dice, DURATION)}, {rule.e.of(DURATION, rule.place, 1)})"),
            (0.5, f"({rule.e.of(DURATION, rule.place, 1)} + (now - now))"),
            (0.5, "uniform(1 hour, 3 hours)"),
            (0.5, "0 hours"),
            (0.5, f"abs({rule.e.of(DURATION, rule.place, 1)})"),
        )
    )


def cancel(rule: Rule) -> None:
    """Cancel what was planned for the acting agent, or for the world."""
    reach = (rule.part.who,) if rule.is_own else (rule.part.who, "world")
    choice = [p.name for p in rule.cast.parts.values() if p.who in reach]
    planned = [name for name in choice if rule.cast.parts[name].trigger == "called"]
    choice = planned if planned and rule.dice.chance(0.8) else choice
    if choice:
        rule.line(f"cancel({rule.dice.one(choice)})")


def cancel_of(rule: Rule, name: str, people: People) -> None:
    """Cancel what was planned for another agent."""
    choice = [p.name for p in rule.cast.parts.values() if p.who == people.name]
    planned = [name for name in choice if rule.cast.parts[name].trigger == "called"]
    choice = planned if planned and rule.dice.chance(0.8) else choice
    if choice:
        rule.line(f"{name}.cancel({rule.dice.one(choice)})")


def _back(rule: Rule, fanout: float) -> float:
    """The chance with which this rule may set off what may lead here again; 0 if it does so already, or in a loop."""
    if rule.leads_back or rule.loops:
        return 0.0
    rule.leads_back = True
    return 0.15 / max(fanout, 1.0)


# --- coming and going


def spawn(rule: Rule) -> None:
    """Make an agent, as long as there are not too many."""
    dice = rule.dice
    choice = [people for people in rule.cast.populations.values() if not people.is_stable]
    if not choice or rule.is_own:
        return
    people = dice.one(choice)
    given: dict[str, str] = {}
    for link, to in people.links.items():
        holders = _sure(rule, agent_of(to))
        if link == people.one_per and not holders:
            return
        if holders and (link == people.one_per or dice.chance(0.5)):
            given[link] = dice.one(holders)
    for attribute in dice.some(list(people.attributes.values()), 0, 3):
        given[attribute.name] = changes.fitting(rule, attribute)
    p = min(0.5, 12 / rule.times)
    with rule.block(f"if bernoulli(p={p:.3g}) and count({people.name}) < {people.size + 2 + people.size // 2}:", p):
        text = "".join(f", {name}={value}" for name, value in given.items())
        if dice.chance(0.5):
            name = rule.name("new")
            rule.line(f"{name} = spawn({people.name}{text})")
            rule.place = rule.place.knowing(name, agent_of(people.name))
            rule.to_other(name, people)
        else:
            rule.line(f"spawn({people.name}{text})")


def retire(rule: Rule) -> None:
    """Retire the acting agent."""
    people = rule.cast.populations.get(rule.part.who)
    if people is not None:
        retire_of(rule, "", people)


def retire_of(rule: Rule, name: str, people: People) -> None:
    """Retire an agent, rarely."""
    if people.is_stable:
        return
    prefix = f"{name}." if name else ""
    with rule.rarely(min(0.3, people.size / 3 / rule.times)):
        rule.line(f"{prefix}retire()")
        if not name and rule.dice.chance(0.3):
            rule.line("stop")
