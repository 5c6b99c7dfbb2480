"""Typing assignments: to a local name, a global, or an attribute of an agent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.actions import called, check_spawn
from bustle.scenarios.check.names import LocalName
from bustle.scenarios.check.references import attribute_type, check_name, known_names
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import AssignAttr, AssignGlobal, AssignLocal, Expr, Statement
from bustle.scenarios.types import NUMBER, Agent, AgentSet, Nothing, Quantity, Type

if TYPE_CHECKING:
    from bustle.scenarios.check.rules import RuleChecker

_FIXED = ("self", "now", "start", "end", "never", "true", "false", "none", "world", "event")


def check_assignment(rule: RuleChecker, line: syntax.Assign) -> Statement:
    """``place = value``, or ``place += value`` and its kind."""
    place, scope, problems = line.place, rule.scope, rule.problems
    if isinstance(place, syntax.Dot):
        if isinstance(place.target, syntax.Name) and place.target.name == "world":
            return _assign_global(rule, line, place.name, place.span)
        return _assign_attribute(rule, line, place)
    if not isinstance(place, syntax.Name):
        raise problems.reject(
            place.span, "only a name or an attribute can be assigned", "a comparison is written `==`, after `if`"
        )
    name = place.name
    if name in _FIXED:
        raise problems.reject(place.span, f"`{name}` cannot be assigned")
    if name in scope.locals or is_attribute(rule, name):
        if name in scope.names.world or (name in scope.locals and is_attribute(rule, name)):
            check_name(rule.checker, place, scope, None)  # two meanings: this says so
        if name in scope.locals:
            return _assign_local(rule, line, name)
        me = syntax.Dot(place.span, syntax.Name(place.span, "self"), name, place.span)
        return _assign_attribute(rule, line, me)
    if name in scope.names.world:
        return _assign_global(rule, line, name, place.span)
    if name in scope.names.parameters:
        raise problems.reject(
            place.span,
            f"`{name}` is a parameter; rules cannot change it",
            "interventions can, or use a global (`world:`)",
        )
    for what, taken in (("population", scope.names.populations), ("network", scope.names.networks)):
        if name in taken:
            raise problems.reject(place.span, f"`{name}` is a {what}; use another name for the local value")
    if line.op is not None:
        raise problems.unknown(
            name, place.span, f"`{name}` has no value yet", suggest(name, known_names(scope)) or f"set it: `{name} = 0`"
        )
    return _assign_local(rule, line, name)


def is_attribute(rule: RuleChecker, name: str) -> bool:
    """Whether the acting agent has an attribute or link called ``name``."""
    if rule.scope.acting is None:
        return False
    known = rule.scope.names.populations[rule.scope.acting]
    return name in known.attributes or name in known.links or name in ("id", "state")


def _new_value(rule: RuleChecker, line: syntax.Assign, label: str, expected: Type | None) -> Expr:
    """The value to store: the right side, or for ``+=`` the place combined with it."""
    scope = rule.labelled(label)
    if line.op is None:
        return rule.checker.check(line.value, scope, expected)
    combined = syntax.Operation(line.span, line.op, line.place, line.value, line.span)
    return rule.checker.check(combined, scope, expected)


def _assign_local(rule: RuleChecker, line: syntax.Assign, name: str) -> Statement:
    if isinstance(line.value, syntax.Call) and called(line.value) == "spawn" and line.op is None:
        return check_spawn(rule, line.value, name)
    locals_, problems = rule.scope.locals, rule.problems
    known = locals_.get(name)
    expected = known.type if known else None
    value = _new_value(rule, line, name, expected)
    if isinstance(value.type, Nothing) and expected is None:
        raise problems.reject(line.value.span, f"`{name}` would be `none` of no known kind", "give it a value first")
    if isinstance(value.type, AgentSet):
        raise problems.reject(
            line.value.span,
            "a set of agents cannot be kept in a name",
            f"choose one with `pick(...)`, or loop: `for one in {_shown(line.value)}:`",
        )
    if known is None:
        slot = rule.slot()
        locals_[name] = LocalName(slot, value.type)
        return AssignLocal(slot, name, value)
    if known.type is None:
        raise problems.follow_up(name, line.span)
    if _would_lose_decimals(known.type, value.type):
        raise problems.reject(
            line.value.span,
            f"`{name}` is a whole number and would become {a_type(value.type)}",
            "start it with a decimal point, such as `0.0`",
        )
    stored = rule.checker.convert(value, known.type, f"`{name}`", line.value.span)
    locals_[name] = replace(known, sure=True)
    return AssignLocal(known.slot, name, stored)


def _shown(node: syntax.Node) -> str:
    """A short form of a set, for hints."""
    if isinstance(node, syntax.Name | syntax.Dot):
        target = f"{_shown(node.target)}." if isinstance(node, syntax.Dot) else ""
        return f"{target}{node.name}"
    return "pick(...)"


def _assign_global(rule: RuleChecker, line: syntax.Assign, name: str, span: Span) -> Statement:
    world = rule.scope.names.world
    if name not in world:
        raise rule.problems.unknown(name, span, f"unknown global `{name}`", suggest(name, world))
    type_ = world[name]
    if type_ is None:
        raise rule.problems.follow_up(name, span)
    value = _new_value(rule, line, name, type_)
    return AssignGlobal(name, _stored(rule, value, type_, name, line.value.span))


def _assign_attribute(rule: RuleChecker, line: syntax.Assign, place: syntax.Dot) -> Statement:
    problems = rule.problems
    target = rule.checker.check(place.target, rule.scope)
    if not isinstance(target.type, Agent):
        raise problems.reject(place.target.span, f"{a_type(target.type)} has no attributes")
    population, name = target.type.population, place.name
    known = rule.scope.names.populations[population]
    if name == "state":
        raise problems.reject(place.span, "a state is not assigned", "write `become(...)`")
    if name == "id" or name in known.links:
        if name == "id":
            raise problems.reject(place.span, "an id does not change")
        raise problems.reject(
            place.span, f"`{name}` is a link and does not change", "use an attribute that holds an agent"
        )
    if name not in known.attributes:
        if known.is_open:
            raise problems.follow_up(name, place.name_span)
        raise problems.unknown(
            name,
            place.name_span,
            f"{population} has no attribute `{name}`",
            suggest(name, known.attributes, "attributes"),
        )
    type_ = attribute_type(population, name, rule.scope)
    rule.assigned.add((population, name))
    if type_ is None:
        raise problems.follow_up(name, place.name_span)
    value = _stored(rule, _new_value(rule, line, name, type_), type_, name, line.value.span)
    return AssignAttr(target, population, name, value)


def _stored(rule: RuleChecker, value: Expr, type_: Type, name: str, span: Span) -> Expr:
    """``value`` in the type of the place that keeps it, with a hint when that place holds whole numbers."""
    if _would_lose_decimals(type_, value.type):
        raise rule.problems.reject(
            span,
            f"`{name}` starts as a whole number and cannot hold {a_type(value.type)}",
            "start it with a decimal point, such as `0.0`, or use `round(...)`",
        )
    return rule.checker.convert(value, type_, f"`{name}`", span)


def _would_lose_decimals(kept: Type, given: Type) -> bool:
    return isinstance(kept, Quantity) and kept.is_plain and kept.whole and given == NUMBER
