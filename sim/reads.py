"""What an expression reads, and of whom; what a rule writes.

A read is reached from the acting agent along a path of hops: its links, its neighbours in a network, the agents linked
to it. Whoever writes the value can walk the path backwards and find exactly the agents concerned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Literal, cast

from bustle.scenarios.model import (
    After,
    Aggregate,
    AssignAttr,
    AssignGlobal,
    AssignLocal,
    Attr,
    Become,
    Cancel,
    Candidate,
    Emit,
    Expr,
    For,
    Global,
    If,
    Linked,
    Members,
    Neighbours,
    Param,
    Pick,
    Retire,
    Self,
    Spawn,
    Statement,
    Typed,
)
from bustle.scenarios.types import Agent

MEMBERSHIP = "*"
"""Stands for an attribute where a set's members are read: spawning and retiring change it."""


@dataclass(frozen=True, slots=True)
class LinkHop:
    """From an agent of ``population`` along its link ``link``."""

    population: str
    link: str


@dataclass(frozen=True, slots=True)
class NetworkHop:
    """From an agent to its neighbours in ``network``."""

    network: str


@dataclass(frozen=True, slots=True)
class GroupHop:
    """From an agent to the agents of ``population`` whose ``link`` it is."""

    population: str
    link: str


Hop = LinkHop | NetworkHop | GroupHop
Path = tuple[Hop, ...] | None
"""The way from the acting agent to the one read; None when it may be anyone of the population."""


@dataclass(frozen=True, slots=True)
class Read:
    """One thing an expression reads.

    Attributes:
        kind: what is read; ``group`` is the set of agents that a link gathers (`GroupHop`).
        population: the agent's population; empty for parameters and globals.
        name: attribute, link, ``state``, `MEMBERSHIP`, parameter or global.
        path: the way to the agent; for ``group``, to the agent the link points at.
    """

    kind: Literal["attribute", "group", "parameter", "global"]
    population: str
    name: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One thing a rule writes. ``own`` is True when the agent written is always the acting one."""

    kind: Literal["attribute", "global"]
    population: str
    name: str
    own: bool = False


def reads(expr: Expr) -> frozenset[Read]:
    """Everything ``expr`` reads."""
    found: set[Read] = set()
    _collect(expr, None, found)
    return frozenset(found)


def _collect(expr: Expr, candidate: Path, found: set[Read]) -> None:
    match expr:
        case Param():
            found.add(Read("parameter", "", expr.name))
        case Global():
            found.add(Read("global", "", expr.name))
        case Attr():
            _collect(expr.target, candidate, found)
            if expr.name != "id":
                found.add(Read("attribute", expr.population, expr.name, _path(expr.target, candidate)))
        case Pick() | Aggregate():
            pool = expr.pool
            inner = candidate
            if pool is not None:
                _collect(pool, candidate, found)
                inner = _pool_path(pool, candidate)
            if isinstance(expr, Pick):
                parts = (expr.where, expr.weight)
                if expr.count is not None:
                    _collect(expr.count, candidate, found)
            else:
                parts = (expr.value, expr.where)
            for part in parts:
                if part is not None:
                    _collect(part, inner, found)
        case Members() | Neighbours() | Linked():
            path = _pool_path(expr, candidate)
            found.add(Read("attribute", expr.population, MEMBERSHIP, path))
            if isinstance(expr, Members):
                if expr.state is not None:
                    found.add(Read("attribute", expr.population, "state", path))
            else:
                _collect(expr.agent, candidate, found)
                if isinstance(expr, Linked):
                    found.add(Read("group", expr.population, expr.link, _path(expr.agent, candidate)))
        case _:
            for child in children(expr):
                _collect(child, candidate, found)


def children(expr: Expr) -> Iterator[Expr]:
    """The expressions directly inside ``expr``."""
    for field in fields(expr):
        value = getattr(expr, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Typed):
                yield cast(Expr, part)


def _path(agent: Expr, candidate: Path) -> Path:
    """The way from the acting agent to the agent that ``agent`` names."""
    match agent:
        case Self():
            return ()
        case Candidate():
            return candidate
        case Attr():
            before = _path(agent.target, candidate)
            return None if before is None else (*before, LinkHop(agent.population, agent.name))
    return None


def _pool_path(pool: Members | Neighbours | Linked, candidate: Path) -> Path:
    if isinstance(pool, Members):
        return None
    before = _path(pool.agent, candidate)
    if before is None:
        return None
    hop = NetworkHop(pool.network) if isinstance(pool, Neighbours) else GroupHop(pool.population, pool.link)
    return (*before, hop)


def statements(body: Iterable[Statement]) -> Iterator[Statement]:
    """Every statement of ``body``, those of branches and loops included."""
    for statement in body:
        yield statement
        match statement:
            case If():
                yield from statements(statement.yes)
                yield from statements(statement.no)
            case For():
                yield from statements(statement.body)


def expressions(statement: Statement) -> tuple[Expr, ...]:
    """The expressions of one statement, without those of the statements inside it."""
    match statement:
        case AssignLocal() | AssignGlobal():
            return (statement.value,)
        case AssignAttr():
            return (statement.target, statement.value)
        case If():
            return (statement.condition,)
        case For():
            return (statement.pool,)
        case Emit():
            return statement.values
        case After():
            return (statement.delay, statement.target, *statement.arguments)
        case Become() | Cancel() | Retire():
            return (statement.target,)
        case Spawn():
            return tuple(value for _, value in statement.values)
    return ()


def writes(body: Iterable[Statement]) -> frozenset[Write]:
    """Everything the statements of ``body`` may write, what spawning and retiring change included."""
    found: set[Write] = set()
    for statement in statements(body):
        match statement:
            case AssignAttr():
                own = isinstance(statement.target, Self)
                found.add(Write("attribute", statement.population, statement.name, own))
            case AssignGlobal():
                found.add(Write("global", "", statement.name))
            case Become():
                own = isinstance(statement.target, Self)
                found.add(Write("attribute", statement.population, "state", own))
            case Spawn():
                found.add(Write("attribute", statement.population, MEMBERSHIP))
            case Retire():
                target = statement.target.type
                if isinstance(target, Agent):
                    own = isinstance(statement.target, Self)
                    found.add(Write("attribute", target.population, MEMBERSHIP, own))
    return frozenset(found)
