"""Fetching ahead: what the agent that comes a few places later will pick from is on its way when it is its turn.

Agents that advance on their own are visited in order, so the processor foresees where their own data lie; the lists
that they pick from are each somewhere else, and a read that waits for main memory takes as long as a rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from bustle.scenarios.model import Attr, Behavior, Expr, Linked, Neighbours, Pick, Self
from bustle.scenarios.walk import expressions
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.pools import fetch_members, pool_code
from bustle.sim.compiled.program import Program
from bustle.sim.compiled.unit import Unit
from bustle.sim.compiled.weights import fetch_weights


def fetch_unit(population: str) -> str:
    """The name of the unit that fetches what an agent will pick from."""
    return f"fetch for {population}"


def write_fetch(program: Program, population: str) -> Unit | None:
    """The unit that fetches the lists that an agent's behaviors pick from; None if there are none."""
    unit = Unit(fetch_unit(population))
    coder = Coder(program, unit, population)
    done = set[str]()
    for pick in _picks(program, population):
        name = f"{pick.pool!r} {pick.weight!r}"
        if name not in done:
            done.add(name)
            pool = pool_code(pick.pool, coder)
            fetch_members(pool, coder)
            if pick.weight is not None:
                fetch_weights(pick.pool, pick.weight, pool, coder)
    return unit if done else None


def _picks(program: Program, population: str) -> Iterator[Pick]:
    """The picks from lists that lie in memory, of the agent itself or of one that it is linked to."""
    for behavior in program.model.behaviors.values():
        if behavior.who == population:
            for expr in _expressions(behavior):
                if isinstance(expr, Pick) and _lies_in_memory(expr.pool, program):
                    yield expr


def _expressions(behavior: Behavior) -> Iterator[Expr]:
    for statement in behavior.body:
        yield from expressions(statement)


def _lies_in_memory(pool: Expr, program: Program) -> bool:
    match pool:
        case Neighbours(agent=agent):
            return _is_near(agent)
        case Linked(agent=agent):
            return _is_near(agent) and pool.population not in program.facts.growing
    return False


def _is_near(agent: Expr) -> bool:
    return isinstance(agent, Self) or (isinstance(agent, Attr) and isinstance(agent.target, Self))
