"""Statements become closures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.model import (
    After,
    AssignAttr,
    AssignGlobal,
    AssignLocal,
    Become,
    Cancel,
    Emit,
    Expr,
    For,
    If,
    Retire,
    Self,
    Spawn,
    Statement,
    Stop,
)
from bustle.sim.problems import no_agent, no_delay
from bustle.sim.reference.arithmetic import whole
from bustle.sim.reference.frame import Action, Closure, Frame
from bustle.sim.reference.rules import Rule, StopFiring
from bustle.sim.reference.scheduler import NEVER
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.single_draws import spawn_identity
from bustle.sim.reference.writing import attribute_writer, global_writer


def compile_body(body: Iterable[Statement], scope: Scope, rule: Rule) -> tuple[Action, ...]:
    """The actions of a rule's statements."""
    return tuple(_action(statement, scope, rule) for statement in body)


def _action(statement: Statement, scope: Scope, rule: Rule) -> Action:
    runtime = scope.runtime
    match statement:
        case AssignLocal():
            return _assign_local(statement, scope)
        case AssignAttr():
            target = _agent(statement.target, f"`{statement.name}` is assigned to none", scope)
            value = scope.compile(statement.value)
            write = attribute_writer(statement.population, statement.name, runtime)
            return lambda f: write(target(f), value(f))
        case AssignGlobal():
            value = scope.compile(statement.value)
            write_global = global_writer(statement.name, runtime)
            return lambda f: write_global(value(f))
        case If():
            return _branch(statement, scope, rule)
        case For():
            return _loop(statement, scope, rule)
        case Emit():
            return runtime.outlets[statement.event].compile(statement, scope, rule.code)
        case Become():
            target = _agent(statement.target, "none cannot become anything", scope)
            become = runtime.transitions[statement.population].become
            state, span = statement.state, statement.span
            return lambda f: become(target(f), state, span)
        case After():
            return _after(statement, scope)
        case Cancel():
            cancelled = runtime.rules[statement.behavior]
            target = _actor(statement.target, cancelled, "none has nothing to cancel", scope)
            return lambda f: cancelled.cancel(target(f))
        case Spawn():
            return _spawn(statement, scope)
        case Retire():
            target = _agent(statement.target, "none cannot retire", scope)
            retire = runtime.society.retire
            return lambda f: retire(target(f))
        case Stop():
            return _stop


def _stop(f: Frame) -> None:
    raise StopFiring


def _assign_local(statement: AssignLocal, scope: Scope) -> Action:
    slot, value = statement.slot, scope.compile(statement.value)

    def assign(f: Frame) -> None:
        f.locals[slot] = value(f)

    return assign


def _branch(statement: If, scope: Scope, rule: Rule) -> Action:
    condition = scope.compile(statement.condition)
    yes, no = compile_body(statement.yes, scope, rule), compile_body(statement.no, scope, rule)

    def branch(f: Frame) -> None:
        for action in yes if condition(f) else no:
            action(f)

    return branch


def _loop(statement: For, scope: Scope, rule: Rule) -> Action:
    slot, pool, body = statement.slot, scope.compile(statement.pool), compile_body(statement.body, scope, rule)

    def loop(f: Frame) -> None:
        for agent in pool(f):
            f.locals[slot] = agent
            for action in body:
                action(f)

    return loop


def _after(statement: After, scope: Scope) -> Action:
    runtime = scope.runtime
    called = runtime.rules[statement.behavior]
    target = _actor(statement.target, called, f"`{statement.behavior}` is called for none", scope)
    delay, span = scope.compile(statement.delay), statement.delay.span
    arguments = [scope.compile(argument) for argument in statement.arguments]
    scheduler = runtime.scheduler

    def after(f: Frame) -> None:
        agent = target(f)
        time = scheduler.now + whole_delay(delay(f), span)
        called.call(agent, time, tuple([argument(f) for argument in arguments]))

    return after


def whole_delay(delay: float, span: Span | None) -> int:
    """A delay in whole microseconds, at least one; one without end gives `NEVER`.

    Raises:
        RunError: It is not a number.
    """
    if delay != delay:
        raise no_delay(span)
    return NEVER if delay >= NEVER else max(1, whole(max(delay, 0.0), span))


def _spawn(statement: Spawn, scope: Scope) -> Action:
    runtime = scope.runtime
    spawner = runtime.spawners[statement.population]
    values = [(name, scope.compile(value)) for name, value in statement.values]
    key, slot = runtime.key(statement.purpose), statement.slot
    take = scope.repetition(statement.purpose, None)

    def spawn(f: Frame) -> None:
        given = {name: value(f) for name, value in values}
        agent = spawner.spawn(spawn_identity(key, f.identity, f.occurrence, take(f)), given)
        if slot is not None:
            f.locals[slot] = agent

    return spawn


def _actor(target: Expr, rule: Rule, problem: str, scope: Scope) -> Closure:
    """Who runs a behavior that a statement names: the world where no agent does."""
    if rule.behavior.who is None:
        world = scope.runtime.society.world
        return lambda f: world
    return _agent(target, problem, scope)


def _agent(target: Expr, problem: str, scope: Scope) -> Closure:
    """The agent that a statement acts on.

    Raises:
        RunError: When the firing meets none there.
    """
    closure = scope.compile(target)
    if isinstance(target, Self):
        return closure

    def agent(f: Frame) -> Any:
        found = closure(f)
        if found is None:
            raise no_agent(problem, target)
        return found

    return agent
