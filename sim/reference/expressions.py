"""Expressions become closures: `build` has one case for every kind of node."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Binary,
    Call,
    Candidate,
    Categorical,
    Choose,
    Compare,
    Const,
    Convert,
    Draw,
    Empirical,
    Expr,
    Field,
    Global,
    Linked,
    Local,
    Logic,
    Members,
    Mixture,
    Neighbours,
    NewEpisode,
    Now,
    Param,
    Pick,
    Self,
    Unary,
)
from bustle.sim.problems import attribute_of_none, no_event
from bustle.sim.reference.aggregates import aggregate
from bustle.sim.reference.arithmetic import binary, compare, convert, negate
from bustle.sim.reference.draws import categorical, draw, empirical, mixture, new_episode
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.functions import call
from bustle.sim.reference.picking import pick
from bustle.sim.reference.pools import everyone
from bustle.sim.reference.scope import Scope, constant
from bustle.sim.reference.society import slot_name

ROW_KEYS = ("time", "behavior", "agent")
"""What an event's row begins with, before its fields."""


class AttributeOfNone(RunError):
    """An attribute was read of ``none``."""


def build(expr: Expr, scope: Scope) -> Closure:
    """The closure of one node; call `Scope.compile` instead, which also folds constants."""
    match expr:
        case Const():
            return constant(expr.value)
        case Param():
            return _param(expr, scope)
        case Global():
            values, name = scope.runtime.globals, expr.name
            return lambda f: values[name]
        case Self():
            return attrgetter("me")
        case Candidate():
            return attrgetter("candidate")
        case Local():
            slot = expr.slot
            return lambda f: f.locals[slot]
        case Field():
            return _field(expr, scope)
        case Now():
            scheduler = scope.runtime.scheduler
            return lambda f: scheduler._now
        case Attr():
            return _attribute(expr, scope)
        case Unary():
            return negate(expr, scope)
        case Binary():
            return binary(expr, scope)
        case Compare():
            return compare(expr, scope)
        case Logic():
            return _logic(expr, scope)
        case Choose():
            condition, yes, no = map(scope.compile, (expr.condition, expr.yes, expr.no))
            return lambda f: yes(f) if condition(f) else no(f)
        case Call():
            return call(expr, scope)
        case Convert():
            return convert(expr, scope)
        case Draw():
            return draw(expr, scope)
        case Categorical():
            return categorical(expr, scope)
        case Empirical():
            return empirical(expr, scope)
        case Mixture():
            return mixture(expr, scope)
        case NewEpisode():
            return new_episode(expr, scope)
        case Members() | Neighbours() | Linked():
            return everyone(expr, scope)
        case Pick():
            return pick(expr, scope)
        case Aggregate():
            return aggregate(expr, scope)


def _param(expr: Param, scope: Scope) -> Closure:
    values, name = scope.runtime.values, expr.name
    return (lambda f: values[name]) if name in scope.runtime.facts.changing else constant(values[name])


def _field(expr: Field, scope: Scope) -> Closure:
    names = (*ROW_KEYS, *(field.name for field in scope.runtime.model.events[expr.event].fields))
    place = len(names) - 1 - names[::-1].index(expr.name)  # a declared field goes before a key of the same name
    span = expr.span
    behaviors = scope.runtime.behavior_names if names[place] == "behavior" and place < len(ROW_KEYS) else None

    def field(f: Frame) -> Any:
        if f.row is None:
            raise no_event(expr.event, expr.name, span)
        return f.row[place] if behaviors is None else behaviors[f.row[place]]

    return field


def _attribute(expr: Attr, scope: Scope) -> Closure:
    if isinstance(expr.target, Self | Candidate):
        return attrgetter(_path(expr))
    target = scope.compile(expr.target)
    message = attribute_of_none(expr.name, expr.population)
    path, span = _path(expr), expr.span
    if path:
        along = attrgetter(path)

        def attribute_along_links(f: Frame) -> Any:
            try:
                return along(f)
            except AttributeError:
                if target(f) is None:
                    raise AttributeOfNone(message, span) from None
                raise

        return attribute_along_links
    get = attrgetter(slot_name(expr.name))

    def attribute(f: Frame) -> Any:
        agent = target(f)
        if agent is None:
            raise AttributeOfNone(message, span)
        return get(agent)

    return attribute


def _path(expr: Expr) -> str:
    """Python's dotted path from the frame to an attribute reached by links alone; empty for others."""
    match expr:
        case Self():
            return "me"
        case Candidate():
            return "candidate"
        case Attr():
            before = _path(expr.target)
            return before and f"{before}.{slot_name(expr.name)}"
    return ""


def _logic(expr: Expr, scope: Scope) -> Closure:
    assert isinstance(expr, Logic)
    left, right = scope.compile(expr.left), scope.compile(expr.right)
    if expr.op == "and":
        return lambda f: left(f) and right(f)
    return lambda f: left(f) or right(f)
