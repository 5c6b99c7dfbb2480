"""Statements that may end the run with a message: what the rest of the generator avoids."""

from __future__ import annotations

from tests.sim.random_scenarios.cast import MONEY, NUMBER, WHOLE, Kind, Part
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.literals import constant
from tests.sim.random_scenarios.places import Place


def danger(e: Expressions, place: Place, part: Part) -> str:
    """One such statement, on one line."""
    dice = e.dice
    # The hour keeps the checker from seeing constants, whose problems it tells at once.
    number = f"({e.of(NUMBER, place, 1)} + 0.1 * hour(now))"
    whole = f"({e.of(WHOLE, place, 1)} + 0 * hour(now))"
    choices = [
        f"d1 = {number} / (hour(now) - 12)",
        f"d1 = {whole} % ({whole} - hour(now))",
        f"d1 = {number} // floor({number})",
        f"d1 = log({number} - 5.0)",
        f"d1 = sqrt({number})",
        f"d1 = exp(700.0 + {number})",
        f"d1 = {number} ** 0.5",
        f"d1 = (1000.0 + {number}) ** 120",
        f"d1 = round(4e18 * {number})",
        f"d1 = (9_000_000_000_000_000_000 + {whole}) * 2",
        f"d1 = money(1e16 * {number}) * 10.0",
        f"d1 = normal(mean=0, sd={number})",
        f"d1 = uniform(low=2.0, high={number})",
        f"d1 = poisson(mean={number})",
        f"d1 = lognormal(median={number}, sigma=1)",
        f"d1 = mixture({number}, 1, 0 * {whole}, 2)",
    ]
    for population, people in e.cast.populations.items():
        kind = Kind("agent", population)
        path = e.path(kind, place)
        names = [a.name for a in people.attributes.values() if not (a.mutable and population in place.closed)]
        if path is not None and names:
            choices += [f"d1 = {path}.{dice.one(names)}"] * 2
        if people.states and not place.closed:
            few, state = dice.whole(0, 6), dice.one(people.states)
            choices.append(f"t0 = pick({population}, where=id < {few})\nt0.become({state})")
        if people.states and part.who == population:
            choices += [f"become({dice.one(people.states)})"] * 3
        if population not in place.closed or people.is_stable:
            choices.append(f"d1 = round(mean({constant(dice, MONEY)} for {population} where id < 0))")
    return dice.one(choices)
