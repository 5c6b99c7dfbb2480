"""Picks, exactly by the rule that every engine follows (see `bustle.agents.picking`).

A pick that everybody fits is one try. Else it is one loop with three phases, so that the test of a candidate is written
once: tries at places that uniform numbers point at; after `TRIES` rejected ones a walk over the pool that counts (or
weighs) the eligible; and a second walk to the one that a last number chooses. Where agents are counted by the state
that decides, the counts stand in for the walks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bustle.agents.picking import TRIES
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Pick
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write
from bustle.sim.compiled.operators import whole
from bustle.sim.compiled.pools import PoolCode, eligible, everybody_fits, pool_code
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
    found = unit.let("-1", "i").text
    possible = f"{pool.size} > 0"
    if weights is not None:
        possible += f" and 0.0 < {weights.total} and {weights.total} < math.inf"
    search = _Search(expr, pool, weights, repetition, taken, found, coder)
    with unit.block(f"if {possible}:"):
        if taken is None and everybody_fits(expr.pool, expr.where, coder):
            unit.line(f"{found} = {search.tried()}")
        elif taken is None and (state := coder.program.state_alone(expr)) is not None:
            search.tries(lambda: search.among_counted(state))
        else:
            search.walk()
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """The parts of a search.

    Attributes:
        expr: the pick.
        pool: where it looks.
        weights: of the candidates.
        repetition: the name that counts the numbers drawn.
        taken: the name of the set of those who may not be found again.
        found: the name of the result.
        coder: writes expressions.
    """

    expr: Pick
    pool: PoolCode
    weights: WeightCode | None
    repetition: str
    taken: str | None
    found: str
    coder: Coder

    @property
    def _uniform(self) -> str:
        coder = self.coder
        return f"uniform01({coder.key(self.expr.purpose)}, {coder.identity}, {coder.occurrence}, {self.repetition})"

    def _try_place(self, place: str) -> None:
        """Write a try: the place in the pool, before any filter, that the next number points at."""
        unit, weights, size = self.coder.unit, self.weights, self.pool.size
        if weights is None:
            unit.line(f"{place} = whole({self._uniform} * {size})")
        else:
            reached = f"{self._uniform} * {weights.total}"
            unit.line(f"{place} = {weights.place(size, reached)}")
        unit.line(f"{self.repetition} += 1")

    def tried(self) -> str:
        """Write a single try; gives the text of the agent there."""
        place = self.coder.unit.let("0", "i").text
        self._try_place(place)
        return self.pool.at(place)

    def _skip_unless_fitting(self, candidate: str) -> None:
        unit = self.coder.unit
        if self.taken is not None:
            with unit.block(f"if set_has({self.taken}, {candidate}) != 0:"):
                unit.line("continue")
        fits = eligible(self.expr.pool, self.expr.where, candidate, self.coder)
        if fits is not None:
            with unit.block(f"if not {fits}:"):
                unit.line("continue")

    def tries(self, otherwise: Callable[[], None]) -> None:
        """Write the tries, and what is done when all have been rejected."""
        unit = self.coder.unit
        i, place = unit.let("0", "i").text, unit.let("0", "i").text
        with unit.block("while True:"):
            with unit.block(f"if {i} == {TRIES}:"):
                otherwise()
                unit.line("break")
            unit.line(f"{i} += 1")
            self._try_place(place)
            candidate = unit.let(self.pool.at(place), "i", "c").text
            self._skip_unless_fitting(candidate)
            unit.line(f"{self.found} = {candidate}")
            unit.line("break")

    def among_counted(self, state: int) -> None:
        """Write the choice among those in a state, who are counted and need not be walked over."""
        unit = self.coder.unit
        population = self.coder.population(self.expr.pool.population)
        there = unit.let(f"in_state({population}, {state})", "i").text
        with unit.block(f"if {there} > 0:"):
            unit.line(f"{self.found} = nth_in_state({population}, {state}, whole({self._uniform} * float({there})))")
            unit.line(f"{self.repetition} += 1")

    def walk(self) -> None:
        """Write the whole search, all three phases in one loop."""
        unit, weights, found, size = self.coder.unit, self.weights, self.found, self.pool.size
        phase, i, left, place = (unit.let("0", "i").text for _ in range(4))
        sum_, reach, total = (unit.let("0.0", "f").text for _ in range(3))
        with unit.block("while True:"):
            with unit.block(f"if {phase} == 0:"):
                with unit.block(f"if {i} == {TRIES}:"):
                    unit.line(f"{phase} = 1")
                    unit.line(f"{i} = 0")
                    unit.line("continue")
                self._try_place(place)
            with unit.block("else:"):
                with unit.block(f"if {i} == {size}:"):
                    nobody = f"{left} == 0" if weights is None else f"not (0.0 < {sum_} and {sum_} < math.inf)"
                    with unit.block(f"if {phase} == 2 or {nobody}:"):
                        unit.line("break")
                    unit.line(f"{total} = {'float(' + left + ')' if weights is None else sum_}")
                    unit.line(f"{reach} = {self._uniform} * {total}")
                    unit.line(f"{self.repetition} += 1")
                    unit.line(f"{phase} = 2")
                    unit.line(f"{i} = 0")
                    unit.line(f"{left} = 0")
                    unit.line(f"{sum_} = 0.0")
                    unit.line("continue")
                unit.line(f"{place} = {i}")
            unit.line(f"{i} += 1")
            candidate = unit.let(self.pool.at(place), "i", "c").text
            self._skip_unless_fitting(candidate)
            with unit.block(f"if {phase} == 0:"):
                unit.line(f"{found} = {candidate}")
                unit.line("break")
            if weights is None:
                last = f"{left} == whole({reach})"
                after = f"{left} += 1"
            else:
                unit.line(f"{sum_} = {sum_} + {one(weights.weight, candidate, self.coder)}")
                last = f"({sum_} > {reach} or {sum_} >= {total})"
                after = ""
            with unit.block(f"if {phase} == 2 and {last}:"):
                unit.line(f"{found} = {candidate}")
                unit.line("break")
            if after:
                unit.line(after)
