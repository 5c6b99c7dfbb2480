"""Checking behaviors: who acts, what sets it off, under which conditions, and the rule itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bustle.scenarios import syntax
from bustle.scenarios.check.declared import MOMENT_HINT, calendar_moment, instant_expression, parse, written_type
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.knobs import constant_scope
from bustle.scenarios.check.names import BehaviorNames, LocalName, Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.references import known_names
from bustle.scenarios.check.rules import RuleChecker
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import (
    AtTrigger,
    Behavior,
    CalendarMoment,
    Const,
    EntersTrigger,
    EveryTrigger,
    Expr,
    OnTrigger,
    RateTrigger,
    Trigger,
    WhenTrigger,
)
from bustle.scenarios.rule_parser import parse_block
from bustle.scenarios.structure import BehaviorSection
from bustle.scenarios.types import DURATION, RATE, Agent
from bustle.scenarios.yaml_nodes import Text

T = TypeVar("T")


@dataclass(slots=True)
class BehaviorChecker:
    """Types behaviors; ``assigned`` collects the attributes that some rule writes."""

    checker: ExpressionChecker
    names: Names
    assigned: set[tuple[str, str]] = field(default_factory=set)

    def declare(self, name: str, section: BehaviorSection) -> None:
        """Enter the behavior's name, who does it and its arguments."""
        who = self._who(section)
        entry = BehaviorNames(who, is_broken=who is None and section.who.value != "world")
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
            problems.unknown(
                section.who.value,
                section.who.span,
                f"unknown population `{section.who.value}`",
                suggest(section.who.value, known),
            )
            return None
        return section.who.value

    def check(self, name: str, order: int, section: BehaviorSection, lines: tuple[syntax.Line, ...]) -> Behavior:
        """The typed behavior; a broken part is noted and left out."""
        who = self.names.behaviors[name].who
        if self.names.behaviors[name].is_broken:
            raise self.checker.problems.follow_up(name, section.key.span)
        purposes = Purposes(name)
        event = section.on.name.value if section.on else None
        arguments = self.names.behaviors[name].arguments
        places = {argument: LocalName(slot, type_) for slot, (argument, type_) in enumerate(arguments.items())}
        scope = Scope(self.names, purposes, acting=who, event=event, locals=places)
        trigger = self._or_none(partial(self._trigger, section, scope))
        if arguments and trigger is not None:
            self.checker.problems.note(
                section.key_of("arguments").span,
                "only a behavior without a trigger has arguments",
                "`after` passes them; remove them, or what sets the behavior off",
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
        states = self.names.populations[who].states if who else ()
        if texts and not states:
            self.checker.problems.note(
                texts[0].span,
                f"`{key}` needs states, and {who or 'the world'} has none",
                "declare `states:` in the population, or use `if:`",
            )
            return ()
        for text in texts:
            if not text.value.isidentifier():
                self.checker.problems.note(
                    text.span, f"`{key}` lists states, and this is none", "write a condition under `if:`"
                )
            elif text.value not in states:
                self.checker.problems.unknown(
                    text.value, text.span, f"{who} has no state `{text.value}`", suggest(text.value, states, "states")
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
                self.checker.problems.unknown(
                    text.value,
                    text.span,
                    f"unknown rhythm `{text.value}`",
                    suggest(text.value, self.names.rhythms, "rhythms") or "declare it under `rhythms:`",
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
        forbidden = {"aggregate": "times are fixed at the start"}
        inside = Scope(scope.names, scope.purposes, acting=scope.acting, forbidden=forbidden)
        for text in texts:
            try:
                moment = calendar_moment(self.checker, text)
                if moment is not None:
                    moments.append(moment)
                elif text.value.isidentifier() and text.value not in known_names(inside):
                    raise self.checker.problems.unknown(
                        text.value, text.span, f"`{text.value}` is not a time", MOMENT_HINT
                    )
                else:
                    instants.append(instant_expression(self.checker, text, inside, "`at`"))
            except Reject:
                continue
        return AtTrigger(tuple(instants), tuple(moments))

    def _on(self, section: BehaviorSection, scope: Scope) -> Trigger:
        assert section.on is not None
        name, role = section.on.name, section.on.role
        problems = self.checker.problems
        if name.value not in self.names.events:
            raise problems.unknown(
                name.value,
                name.span,
                f"unknown event `{name.value}`",
                suggest(name.value, self.names.events, "events") or "declare it under `events:`",
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
            raise problems.unknown(
                role.value,
                role.span,
                f"{name.value} has no field `{role.value}`",
                suggest(role.value, fields, "fields"),
            )
        if who is None or fields[role.value] != Agent(who):
            type_ = fields[role.value]
            if type_ is None:
                raise problems.follow_up(role.value, role.span)
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
    """The parsed ``do:`` block of a behavior; its syntax errors are noted."""
    if section.do.is_cut:
        return (syntax.Broken(section.do.span, ()),)
    lines, problems = parse_block(section.do)
    for problem in problems:
        checker.problems.keep(problem)
    return lines
