"""Picks, exactly by the rule that every engine follows (see `bustle.agents.picking`).

A pick is one loop with three phases, so that the test of a candidate is written once: tries at places that uniform
numbers point at; after `TRIES` rejected ones a walk over the pool that counts (or weighs) the eligible; and a second
walk to the one that a last number chooses.
"""

from __future__ import annotations

from bustle.agents.picking import TRIES
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Pick
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write
from bustle.sim.compiled.operators import whole
from bustle.sim.compiled.pools import PoolCode, eligible, pool_code
from bustle.sim.compiled.unit import Value, constant
from bustle.sim.compiled.weights import WeightCode, one, weight_code
from bustle.sim.repetitions import MOST_REPETITIONS, too_many


def pick_one(expr: Pick, coder: Coder) -> Value:
    """One agent, -1 where there is none."""
    if expr.count is not None:
        raise RunError("a set of agents cannot be kept in one value", expr.span)
    pool = pool_code(expr.pool, coder)
    weights = None if expr.weight is None else weight_code(expr.pool, expr.weight, pool, coder)
    repetition = _begin(expr, coder)
    found = _search(expr, pool, weights, repetition, None, coder)
    _end(expr, repetition, coder)
    return Value(found, "i")


def pick_several(expr: Pick, coder: Coder) -> tuple[str, str]:
    """Write a pick with ``count``; gives the names of a list (an address) and of its length."""
    assert expr.count is not None
    unit = coder.unit
    wanted = whole(write(expr.count, coder), coder, expr.span).text
    pool = pool_code(expr.pool, coder)
    chosen, number = unit.let("0", "i").text, unit.let("0", "i").text
    with unit.block(f"if {wanted} > 0 and {pool.size} > 0:"):
        most = wanted if expr.replacement else unit.let(f"min({wanted}, {pool.size})", "i").text
        weights = None if expr.weight is None else weight_code(expr.pool, expr.weight, pool, coder)
        unit.line(f"{chosen} = reserve({unit.context}, {most})")
        taken = None if expr.replacement else unit.let(f"new_set({unit.context}, {most})", "i").text
        repetition = _begin(expr, coder)
        with unit.block(f"while {number} < {wanted}:"):
            found = _search(expr, pool, weights, repetition, taken, coder)
            unit.fail_if(f"{repetition} > {MOST_REPETITIONS}", constant(too_many(expr.span)))
            with unit.block(f"if {found} < 0:"):
                unit.line("break")
            unit.line(f"put_i64({chosen}, {number}, {found})")
            unit.line(f"{number} += 1")
            if taken is not None:
                unit.line(f"set_add({taken}, {found})")
        _end(expr, repetition, coder, checked=True)
    return chosen, number


def _begin(expr: Pick, coder: Coder) -> str:
    """The name that counts the numbers drawn with the pick's purpose."""
    return coder.unit.let(coder.counts.get(expr.purpose, "0"), "i", "r").text


def _end(expr: Pick, repetition: str, coder: Coder, *, checked: bool = False) -> None:
    if not checked:
        coder.unit.fail_if(f"{repetition} > {MOST_REPETITIONS}", constant(too_many(expr.span)))
    if expr.purpose in coder.counts:
        coder.unit.line(f"{coder.counts[expr.purpose]} = {repetition}")


def _search(
    expr: Pick, pool: PoolCode, weights: WeightCode | None, repetition: str, taken: str | None, coder: Coder
) -> str:
    """Write one search; gives the name of the agent found, -1 for none."""
    unit = coder.unit
    uniform = f"uniform01({coder.key(expr.purpose)}, {coder.identity}, {coder.occurrence}, {repetition})"
    found = unit.let("-1", "i").text
    possible = f"{pool.size} > 0"
    if weights is not None:
        possible += f" and 0.0 < {weights.total} and {weights.total} < math.inf"
    with unit.block(f"if {possible}:"):
        phase, i, left, sum_ = (unit.let(text, kind).text for text, kind in _FIRST)
        place, reach, total = (unit.let(text, kind).text for text, kind in _REACHED)
        with unit.block("while True:"):
            with unit.block(f"if {phase} == 0:"):
                with unit.block(f"if {i} == {TRIES}:"):
                    unit.line(f"{phase} = 1")
                    unit.line(f"{i} = 0")
                    unit.line("continue")
                if weights is None:
                    unit.line(f"{place} = whole({uniform} * {pool.size})")
                else:
                    reached = f"{uniform} * {weights.total}"
                    unit.line(f"{place} = weighted_place({weights.sums}, {pool.size}, {reached}, {weights.total})")
                unit.line(f"{repetition} += 1")
            with unit.block("else:"):
                with unit.block(f"if {i} == {pool.size}:"):
                    nobody = f"{left} == 0" if weights is None else f"not (0.0 < {sum_} and {sum_} < math.inf)"
                    with unit.block(f"if {phase} == 2 or {nobody}:"):
                        unit.line("break")
                    unit.line(f"{total} = {'float(' + left + ')' if weights is None else sum_}")
                    unit.line(f"{reach} = {uniform} * {total}")
                    unit.line(f"{repetition} += 1")
                    unit.line(f"{phase} = 2")
                    unit.line(f"{i} = 0")
                    unit.line(f"{left} = 0")
                    unit.line(f"{sum_} = 0.0")
                    unit.line("continue")
                unit.line(f"{place} = {i}")
            unit.line(f"{i} += 1")
            candidate = unit.let(pool.at(place), "i", "c").text
            if taken is not None:
                with unit.block(f"if set_has({taken}, {candidate}) != 0:"):
                    unit.line("continue")
            fits = eligible(expr.pool, expr.where, candidate, coder)
            if fits is not None:
                with unit.block(f"if not {fits}:"):
                    unit.line("continue")
            with unit.block(f"if {phase} == 0:"):
                unit.line(f"{found} = {candidate}")
                unit.line("break")
            if weights is None:
                with unit.block(f"if {phase} == 2 and {left} == whole({reach}):"):
                    unit.line(f"{found} = {candidate}")
                    unit.line("break")
                unit.line(f"{left} += 1")
            else:
                unit.line(f"{sum_} = {sum_} + {one(weights.weight, candidate, coder)}")
                with unit.block(f"if {phase} == 2 and ({sum_} > {reach} or {sum_} >= {total}):"):
                    unit.line(f"{found} = {candidate}")
                    unit.line("break")
    return found


_FIRST = (("0", "i"), ("0", "i"), ("0", "i"), ("0.0", "f"))
_REACHED = (("0", "i"), ("0.0", "f"), ("0.0", "f"))
