"""Sets of agents in generated code: how many there are, who stands at a place, and who is eligible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bustle.scenarios.model import Expr, Linked, Members, Neighbours
from bustle.sim.compiled import records as r
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write

_LINE = 64
"""Bytes that a processor fetches at once."""

_FETCHED = 10 * _LINE
"""Bytes of a list that are fetched: what lies further back must be waited for."""

Pool = Members | Neighbours | Linked


@dataclass(frozen=True, slots=True)
class PoolCode:
    """A pool in canonical order before any filter, retired agents included.

    Attributes:
        size: the name of the number of agents.
        at: the text of the agent at a place.
        start: where the pool begins in the arrays that all pools of its kind share; empty for a whole population.
        members: the address of the agents, where they lie in memory side by side, int32.
    """

    size: str
    at: Callable[[str], str]
    start: str = ""
    members: str = ""


def pool_code(pool: Pool, coder: Coder) -> PoolCode:
    """Write what finds a pool; the pool of ``none`` is empty."""
    unit = coder.unit
    if isinstance(pool, Members):
        return PoolCode(unit.let(coder.size(pool.population), "i", "n").text, lambda place: place)
    agent = write(pool.agent, coder).text
    if isinstance(pool, Linked) and pool.population in coder.program.facts.growing:
        return _grown_group(pool, agent, coder)
    kind = ("network", pool.network) if isinstance(pool, Neighbours) else ("group", pool.population, pool.link)
    start, size = unit.let("0", "i").text, unit.let("0", "i", "n").text
    with unit.block(f"if {agent} >= 0 and {agent} < {unit.word(*kind, 'sources')}:"):
        offsets = unit.word(*kind, "offsets")
        unit.line(f"{start} = get_i64({offsets}, {agent})")
        unit.line(f"{size} = get_i64({offsets}, {agent} + 1) - {start}")
    targets = unit.word(*kind, "targets")
    return PoolCode(size, lambda place: f"get_i32({targets}, {start} + {place})", start, f"{targets} + 4 * {start}")


def fetch_members(pool: PoolCode, coder: Coder) -> None:
    """Write what has the processor fetch the agents of a pool that lies in memory."""
    if pool.members:
        fetch(pool.members, f"4 * {pool.size}", coder)


def fetch(address: str, size: str, coder: Coder) -> None:
    """Write what has the processor fetch ``size`` bytes at an address, or the first of them where they are many."""
    with coder.unit.block(f"for byte in range(0, min({size}, {_FETCHED}), {_LINE}):"):
        coder.unit.line(f"prefetch({address} + byte)")


def _grown_group(pool: Linked, agent: str, coder: Coder) -> PoolCode:
    """A group that agents join during the run: a chain, copied out."""
    unit = coder.unit
    size, room = unit.let("0", "i", "n").text, unit.let("0", "i").text
    first, following = (unit.word("chain", pool.population, pool.link, part) for part in ("first", "next"))
    with unit.block(f"if {agent} >= 0:"):
        member = unit.let(f"get_i64({first}, {agent})", "i").text
        with unit.block(f"while {member} > 0:"):
            unit.line(f"{size} += 1")
            unit.line(f"{member} = get_i64({following}, {member} - 1)")
        unit.line(f"{room} = reserve({unit.context}, {size})")
        unit.line(f"{member} = get_i64({first}, {agent})")
        unit.line(f"{size} = 0")
        with unit.block(f"while {member} > 0:"):
            unit.line(f"put_i64({room}, {size}, {member} - 1)")
            unit.line(f"{size} += 1")
            unit.line(f"{member} = get_i64({following}, {member} - 1)")
    return PoolCode(size, lambda place: f"get_i64({room}, {place})")


def eligible(pool: Pool, where: Expr | None, candidate: str, coder: Coder) -> str | None:
    """Write the test a candidate must pass, and give the name of its result; None when everybody passes."""
    if everybody_fits(pool, where, coder):
        return None
    unit, facts = coder.unit, coder.program.facts
    leaves = facts.may_retire(pool.population)
    state = pool.state if isinstance(pool, Members) else None
    if leaves or (state is not None and facts.writes_attribute(pool.population, "state")):
        coder.reach(pool.population, candidate)
    fits = unit.let("True", "b").text
    if leaves:
        with unit.block(f"if {retired(pool.population, candidate, coder)}:"):
            unit.line(f"{fits} = False")
    if state is not None:
        with unit.block(f"if get_i32({coder.column(pool.population, 'state')}, {candidate}) != {state}:"):
            unit.line(f"{fits} = False")
    if where is not None:
        with unit.block(f"if {fits}:"), coder.looking_at(candidate):
            unit.line(f"{fits} = {write(where, coder).text}")
    return fits


def everybody_fits(pool: Pool, where: Expr | None, coder: Coder) -> bool:
    """True where no agent of the pool is turned away."""
    in_state = isinstance(pool, Members) and pool.state is not None
    return where is None and not in_state and not coder.program.facts.may_retire(pool.population)


def retired(population: str, agent: str, coder: Coder) -> str:
    """The text that is true where an agent has retired, in a population where some may."""
    return f"get_i64({coder.unit.word('retired', population)}, {agent}) != {r.ALIVE}"
