"""Sets of agents: populations, neighbourhoods and linked groups, and who of them is eligible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bustle.scenarios.model import Expr, Linked, Members, Neighbours
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.society import ALIVE, AnyAgent

Pool = Members | Neighbours | Linked

Everyone = Callable[[Frame], Sequence[AnyAgent]]
"""Gives a pool in canonical order before any filter, retired agents included. The sequence is not to be changed."""

Accepts = Callable[[Frame, AnyAgent], bool]
"""Whether a candidate may be taken. It leaves the frame's candidate changed."""


def unfiltered(pool: Pool, scope: Scope) -> Everyone:
    """All of a pool, in canonical order; the pool of ``none`` is empty."""
    runtime = scope.runtime
    match pool:
        case Members():
            members = runtime.society.populations[pool.population]
            return lambda f: members
        case Neighbours():
            return _neighbours(pool, scope)
        case Linked():
            of = runtime.group(pool.population, pool.link).of
    agent = scope.compile(pool.agent)
    return lambda f: of(agent(f))


def _neighbours(pool: Neighbours, scope: Scope) -> Everyone:
    near = scope.runtime.neighbours(pool.network)
    lists, of, agent_of = near.lists, near.of, scope.compile(pool.agent)

    def neighbours(f: Frame) -> Sequence[AnyAgent]:
        agent = agent_of(f)
        if agent is None:
            return ()
        found = lists.get(agent.id)
        return of(agent) if found is None else found

    return neighbours


def eligible(pool: Pool, where: Expr | None, scope: Scope) -> Accepts | None:
    """The test a candidate must pass, or None when everybody does."""
    leaves = scope.runtime.facts.may_retire(pool.population)
    state = pool.state if isinstance(pool, Members) else None
    condition = None if where is None else scope.compile(where)
    if condition is None:
        return _stands(leaves, state)
    fits: Closure = condition

    def accepts(f: Frame, agent: AnyAgent) -> bool:
        if leaves and agent._retired != ALIVE:
            return False
        if state is not None and agent.state != state:
            return False
        f.candidate = agent
        return bool(fits(f))

    return accepts


def _stands(leaves: bool, state: int | None) -> Accepts | None:
    if state is None:
        return (lambda f, agent: agent._retired == ALIVE) if leaves else None
    if leaves:
        return lambda f, agent: agent._retired == ALIVE and agent.state == state
    return lambda f, agent: agent.state == state


def everyone(pool: Pool, scope: Scope) -> Closure:
    """The set as a list of those who have not retired, as ``for x in population`` needs it."""
    members, accepts = unfiltered(pool, scope), eligible(pool, None, scope)
    if accepts is None:
        return lambda f: list(members(f))

    def present(f: Frame) -> list[Any]:
        return [agent for agent in members(f) if accepts(f, agent)]

    return present
