"""Weights of picks as running sums: kept where they cannot change, else summed up anew for each pick."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.scenarios.model import Expr, Linked, Members, Neighbours
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write
from bustle.sim.compiled.pools import Pool, PoolCode, fetch, fetch_members


@dataclass(frozen=True, slots=True)
class WeightCode:
    """The weights of one pick.

    Attributes:
        sums: the text of the address of the running sum over the pool, float64.
        total: the name of its last value; 0 for an empty pool.
        weight: the weight of a single candidate.
        guide: the address of a guide into the sums and its number of parts, where the pool is a whole population.
    """

    sums: str
    total: str
    weight: Expr
    guide: tuple[str, str] | None = None

    def place(self, size: str, reach: str) -> str:
        """The text of the place whose share of the sums holds ``reach``; never one without weight."""
        if self.guide is None:
            return f"weighted_place({self.sums}, {size}, {reach}, {self.total})"
        return f"guided_place({', '.join(self.guide)}, {self.sums}, {size}, {reach}, {self.total})"


def weight_code(pool: Pool, weight: Expr, found: PoolCode, coder: Coder) -> WeightCode:
    """Write what finds the running sum of the weights over a pool."""
    unit = coder.unit
    name = coder.program.constant_weights(pool, weight)
    total = unit.let("0.0", "f").text
    if name is not None:
        sums = _kept(pool, name, found, coder)
        fetch_members(found, coder)
        with unit.block(f"if {found.size} > 0:"):
            unit.line(f"{total} = get_f64({sums}, {found.size} - 1)")
        guide = None
        if isinstance(pool, Members):
            guide = (unit.word("guide", pool.population, name), unit.word("guide parts", pool.population))
        return WeightCode(sums, total, weight, guide)
    sums = unit.let(f"reserve({unit.context}, {found.size})", "i").text
    place = unit.let("0", "i").text
    with unit.block(f"while {place} < {found.size}:"):
        candidate = unit.let(found.at(place), "i", "c").text
        unit.line(f"{total} = {total} + {one(weight, candidate, coder)}")
        unit.line(f"put_f64({sums}, {place}, {total})")
        unit.line(f"{place} += 1")
    return WeightCode(sums, total, weight)


def fetch_weights(pool: Pool, weight: Expr, found: PoolCode, coder: Coder) -> None:
    """Write what fetches the running sum of the weights over a pool, if it is kept."""
    name = coder.program.constant_weights(pool, weight)
    if name is not None:
        fetch(_kept(pool, name, found, coder), f"8 * {found.size}", coder)


def one(weight: Expr, candidate: str, coder: Coder) -> str:
    """Write the weight of one candidate; what is not above 0 counts as 0."""
    with coder.looking_at(candidate):
        value = coder.unit.value(write(weight, coder).as_float(), "f").text
    return f"({value} if {value} > 0.0 else 0.0)"


def _kept(pool: Pool, name: str, found: PoolCode, coder: Coder) -> str:
    unit = coder.unit
    match pool:
        case Members():
            return unit.word("weights", ("population", pool.population), name)
        case Neighbours():
            sums = unit.word("weights", ("network", pool.network), name)
        case Linked():
            sums = unit.word("weights", ("group", pool.population, pool.link), name)
    return unit.let(f"{sums} + 8 * {found.start}", "i").text
