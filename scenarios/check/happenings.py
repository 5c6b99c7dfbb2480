"""Checking what happens: rhythms, events, behaviors and interventions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bustle.scenarios import syntax
from bustle.scenarios.calendar import parse_local
from bustle.scenarios.check.declared import calendar_moment, instant_expression, parse, plain_number, written_type
from bustle.scenarios.check.expressions import ExpressionChecker, a_type
from bustle.scenarios.check.knobs import constant_scope, within
from bustle.scenarios.check.names import BehaviorNames, LocalName, Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.rules import RuleChecker
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import (
    AtTrigger,
    Behavior,
    CalendarMoment,
    Const,
    Draw,
    EntersTrigger,
    Event,
    EventField,
    EveryTrigger,
    Expr,
    Intervention,
    OnTrigger,
    Parameter,
    RateTrigger,
    Rhythm,
    Trigger,
    WhenTrigger,
)
from bustle.scenarios.structure import BehaviorSection, EventSection, InterventionSection, RhythmSection
from bustle.scenarios.syntax import RuleSyntaxError, parse_block
from bustle.scenarios.types import DURATION, RATE, Agent, Quantity, Type
from bustle.scenarios.yaml_nodes import Text

_DAY = 86_400_000_000

T = TypeVar("T")

# --- rhythms


def check_rhythm(checker: ExpressionChecker, name: str, section: RhythmSection) -> Rhythm:
    """A rhythm; each part's weights are at least 0 and not all 0."""
    parts: dict[str, tuple[float, ...] | None] = {}
    for part, count in (("hours", 24), ("weekdays", 7), ("months", 12)):
        texts: list[Text] | None = getattr(section, part)
        if texts is None:
            parts[part] = None
            continue
        if len(texts) != count:
            raise Reject(name)  # the structure has been found wrong already
        weights = tuple(plain_number(checker, text, "a weight") for text in texts)
        for text, weight in zip(texts, weights, strict=True):
            if not 0 <= weight < float("inf"):
                raise checker.problems.reject(text.span, "a weight must be at least 0")
        if not any(weights):
            raise checker.problems.reject(section.key_of(part).span, f"all weights of `{part}` are 0")
        parts[part] = weights
    if section.time_of_day is not None and parts["hours"] is not None:
        raise checker.problems.reject(section.key_of("hours").span, "a rhythm has `hours` or `time_of_day`, not both")
    holidays, weight = _holidays(checker, section)
    return Rhythm(
        name,
        parts["hours"],
        parts["weekdays"],
        parts["months"],
        _time_of_day(checker, section.time_of_day),
        holidays,
        weight,
        section.about.value if section.about else "",
    )


def _time_of_day(checker: ExpressionChecker, text: Text | None) -> Draw | None:
    if text is None:
        return None
    forbidden = dict.fromkeys(("pick", "now", "aggregate", "episode"), "a rhythm is fixed")
    expr = checker.check(parse(checker, text), Scope(Names(), Purposes("rhythm"), forbidden=forbidden))
    usage = "as in `normal(mean=12 hours, sd=2 hours)`"
    if not isinstance(expr, Draw) or expr.type != DURATION:
        raise checker.problems.reject(
            text.span, "`time_of_day` is one distribution of a duration since midnight", usage
        )
    if not all(isinstance(argument, Const) for argument in expr.arguments):
        raise checker.problems.reject(text.span, "the parameters of `time_of_day` must be constants", usage)
    return expr


def _holidays(checker: ExpressionChecker, section: RhythmSection) -> tuple[tuple[int, ...], float]:
    if section.holidays is None:
        return (), 1.0
    days = []
    for text in section.holidays.dates:
        try:
            days.append(parse_local(text.value) // _DAY)
        except ValueError:
            raise checker.problems.reject(
                text.span, f"`{text.value}` is not a date", "dates are written 2026-12-25"
            ) from None
    weight = 0.0
    if section.holidays.weight is not None:
        weight = plain_number(checker, section.holidays.weight, "the weight of holidays")
        if not 0 <= weight < float("inf"):
            raise checker.problems.reject(section.holidays.weight.span, "a weight must be at least 0")
    return tuple(sorted(set(days))), weight


# --- events


def check_event(checker: ExpressionChecker, name: str, section: EventSection, names: Names) -> Event:
    """An event with the types of its fields."""
    scope = constant_scope(names)
    fields: list[EventField] = []
    for field_name, entry in section.fields.items():
        names.events[name][field_name] = None
        try:
            type_, label = written_type(checker, entry.type, scope)
        except Reject:
            continue
        names.events[name][field_name] = type_
        fields.append(EventField(field_name, type_, label, entry.about.value if entry.about else ""))
    return Event(name, tuple(fields), section.about.value if section.about else "")


# --- behaviors


@dataclass(slots=True)
class BehaviorChecker:
    """Types behaviors; ``assigned`` collects the attributes that some rule writes."""

    checker: ExpressionChecker
    names: Names
    assigned: set[tuple[str, str]] = field(default_factory=set)

    def declare(self, name: str, section: BehaviorSection) -> None:
        """Enter the behavior's name, who does it and its arguments."""
        who = self._who(section)
        entry = BehaviorNames(who)
        for argument, given in section.arguments.items():
            try:
                entry.arguments[argument] = written_type(self.checker, given.type, constant_scope(self.names))[0]
            except Reject:
                entry.arguments[argument] = None
        self.names.behaviors[name] = entry

    def _who(self, section: BehaviorSection) -> str | None:
        problems = self.checker.problems
        if section.who.value == "world":
            return None
        if section.who.value not in self.names.populations:
            known = [*self.names.populations, "world"]
            problems.note(
                section.who.span, f"unknown population `{section.who.value}`", suggest(section.who.value, known)
            )
            return None
        return section.who.value

    def check(self, name: str, order: int, section: BehaviorSection, lines: tuple[syntax.Line, ...]) -> Behavior:
        """The typed behavior; a broken part is noted and left out."""
        who = self.names.behaviors[name].who
        if section.who.value != "world" and who is None:
            raise Reject(name)
        purposes = Purposes(name)
        event = section.on.name.value if section.on and section.on.name.value in self.names.events else None
        arguments = self.names.behaviors[name].arguments
        places = {argument: LocalName(slot, type_) for slot, (argument, type_) in enumerate(arguments.items())}
        scope = Scope(self.names, purposes, acting=who, event=event, locals=places)
        trigger = self._or_none(partial(self._trigger, section, scope))
        if arguments and trigger is not None:
            self.checker.problems.note(
                section.key_of("arguments").span,
                "only a behavior without a trigger has arguments",
                "`after` passes them",
            )
        condition = None
        if section.condition is not None:
            purposes.label = "condition"
            condition = self._or_none(partial(self._condition, section.condition, scope))
        rule = RuleChecker(self.checker, scope, self.assigned)
        body = rule.block(lines)
        typed = tuple((argument, type_) for argument, type_ in arguments.items() if type_ is not None)
        return Behavior(
            name,
            order,
            who,
            trigger,
            self._states(section.while_states, who, "while"),
            self._states(section.unless, who, "unless"),
            condition,
            typed,
            body,
            rule.slots,
            section.about.value if section.about else "",
        )

    def _or_none(self, check: Callable[[], T]) -> T | None:
        try:
            return check()
        except Reject:
            return None

    def _condition(self, text: Text, scope: Scope) -> Expr:
        return self.checker.condition(parse(self.checker, text), scope, "`if`")

    def _states(self, texts: list[Text], who: str | None, key: str) -> tuple[int, ...]:
        codes = []
        for text in texts:
            states = self.names.populations[who].states if who else ()
            if not states:
                self.checker.problems.note(
                    text.span,
                    f"`{key}` needs states, and {who or 'the world'} has none",
                    "declare `states:` in the population, or use `if:`",
                )
            elif text.value not in states:
                self.checker.problems.note(
                    text.span, f"{who} has no state `{text.value}`", suggest(text.value, states, "states")
                )
            else:
                codes.append(states.index(text.value))
        return tuple(sorted(set(codes)))

    # --- triggers

    def _trigger(self, section: BehaviorSection, scope: Scope) -> Trigger | None:
        scope.purposes.label = "clock"
        rhythms = self._rhythms(section)
        if section.rate is not None:
            return RateTrigger(self._rate(section.rate, scope), rhythms)
        if section.every is not None:
            gap = self.checker.value(parse(self.checker, section.every), scope, DURATION, "`every`")
            if isinstance(gap, Const) and isinstance(gap.value, float) and gap.value < 1:
                raise self.checker.problems.reject(section.every.span, "`every` must be at least a microsecond")
            return EveryTrigger(gap, rhythms)
        if section.at:
            return self._at(section.at, scope)
        if section.on is not None:
            return self._on(section, scope)
        if section.when is not None:
            return self._when(section.when, scope)
        if section.enters:
            return EntersTrigger(self._states(section.enters, scope.acting, "enters"))
        return None

    def _rhythms(self, section: BehaviorSection) -> tuple[str, ...]:
        found = []
        for text in section.rhythm:
            if text.value not in self.names.rhythms:
                self.checker.problems.note(
                    text.span, f"unknown rhythm `{text.value}`", suggest(text.value, self.names.rhythms, "rhythms")
                )
            else:
                found.append(text.value)
        return tuple(found)

    def _rate(self, text: Text, scope: Scope) -> Expr:
        reasons = {
            "draw": "a rate is looked up whenever something it reads changes; draw it into an attribute",
            "pick": "a rate reads the agent's own attributes and those of its links",
            "now": "what changes over time is a `rhythm`",
            "aggregate": "let the agents that are counted act themselves, or keep the count in a global",
            "episode": "a rate is a number",
        }
        inside = Scope(scope.names, scope.purposes, acting=scope.acting, forbidden=reasons)
        rate = self.checker.value(parse(self.checker, text), inside, RATE, "`rate`")
        if isinstance(rate, Const) and isinstance(rate.value, float) and rate.value < 0:
            raise self.checker.problems.reject(text.span, "a rate must be at least 0")
        return rate

    def _at(self, texts: list[Text], scope: Scope) -> Trigger:
        instants: list[Expr] = []
        moments: list[CalendarMoment] = []
        for text in texts:
            moment = calendar_moment(self.checker, text)
            if moment is not None:
                moments.append(moment)
                continue
            inside = Scope(
                scope.names,
                scope.purposes,
                acting=scope.acting,
                forbidden={"aggregate": "times are fixed at the start"},
            )
            instants.append(instant_expression(self.checker, text, inside, "`at`"))
        return AtTrigger(tuple(instants), tuple(moments))

    def _on(self, section: BehaviorSection, scope: Scope) -> Trigger:
        assert section.on is not None
        name, role = section.on.name, section.on.role
        problems = self.checker.problems
        if name.value not in self.names.events:
            raise problems.reject(
                name.span, f"unknown event `{name.value}`", suggest(name.value, self.names.events, "events")
            )
        fields = self.names.events[name.value]
        who = scope.acting
        if role is None:
            fitting = [f for f, type_ in fields.items() if who is not None and type_ == Agent(who)]
            if who is not None and fitting:
                raise problems.reject(
                    name.span,
                    f"say which field of {name.value} is the {who}",
                    f"as in `on: {name.value} as {fitting[0]}`",
                )
            return OnTrigger(name.value, None)
        if role.value not in fields:
            raise problems.reject(
                role.span, f"`{name.value}` has no field `{role.value}`", suggest(role.value, fields, "fields")
            )
        if who is None or fields[role.value] != Agent(who):
            type_ = fields[role.value]
            if type_ is None:
                raise Reject(role.value)
            raise problems.reject(
                role.span, f"`{role.value}` of {name.value} is {a_type(type_)}, not {who or 'the world'}"
            )
        return OnTrigger(name.value, role.value)

    def _when(self, text: Text, scope: Scope) -> Trigger:
        reasons = {
            "draw": "a condition that is watched cannot draw",
            "pick": "a condition that is watched cannot pick",
            "now": "for a point in time use `at`",
            "aggregate": "keep the count in a global, and watch that",
            "episode": "a condition makes no episode",
        }
        inside = Scope(scope.names, scope.purposes, acting=scope.acting, forbidden=reasons)
        return WhenTrigger(self.checker.condition(parse(self.checker, text), inside, "`when`"))


def statements_of(checker: ExpressionChecker, section: BehaviorSection) -> tuple[syntax.Line, ...]:
    """The parsed ``do:`` block of a behavior; a syntax error is noted and gives no statements."""
    try:
        return parse_block(section.do)
    except RuleSyntaxError as error:
        checker.problems.keep(error.diagnostic)
        return ()


# --- interventions


def check_intervention(
    checker: ExpressionChecker,
    name: str,
    section: InterventionSection,
    names: Names,
    parameters: dict[str, Parameter],
) -> Intervention:
    """An intervention: when, until when, and the new values, which may use the former ones."""
    reasons = dict.fromkeys(("draw", "pick", "now", "aggregate", "episode"), "an intervention is fixed before the run")
    scope = Scope(names, Purposes(name), forbidden=reasons)
    at = instant_expression(checker, section.at, scope, "`at`")
    until = None if section.until is None else instant_expression(checker, section.until, scope, "`until`")
    if isinstance(at, Const) and isinstance(until, Const) and section.until is not None:
        if isinstance(at.value, int) and isinstance(until.value, int) and until.value <= at.value:
            raise checker.problems.reject(section.until.span, "`until` comes before `at`")
    values: list[tuple[str, Expr]] = []
    for parameter_name, entry in section.values.items():
        parameter = parameters.get(parameter_name)
        if parameter is None:
            if parameter_name not in names.parameters:
                checker.problems.note(
                    entry.key.span,
                    f"unknown parameter `{parameter_name}`",
                    suggest(parameter_name, names.parameters, "parameters"),
                )
            continue
        try:
            values.append((parameter_name, _new_value(checker, parameter, entry.value, scope)))
        except Reject:
            continue
    return Intervention(name, at, until, tuple(values), section.about.value if section.about else "")


def _new_value(checker: ExpressionChecker, parameter: Parameter, text: Text, scope: Scope) -> Expr:
    type_: Type = parameter.type
    if isinstance(type_, Quantity) and type_.whole:
        expr = checker.check(parse(checker, text), scope, type_)
        if expr.type == Quantity():
            raise checker.problems.reject(text.span, f"`{parameter.name}` is a whole number", "use `round(...)`")
        expr = checker.convert(expr, type_, f"`{parameter.name}`", text.span)
    else:
        expr = checker.value(parse(checker, text), scope, type_, f"`{parameter.name}`")
    if isinstance(expr, Const):
        within(checker, parameter, expr.value, text)
    return expr
