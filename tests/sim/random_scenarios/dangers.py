"""What may end a run with a message, and what the rest of the generator avoids."""

from __future__ import annotations

from tests.sim.random_scenarios.cast import MONEY, NUMBER, WHOLE, Kind, Part
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.literals import constant
from tests.sim.random_scenarios.places import Place


def danger(e: Expressions, place: Place, part: Part) -> str:
    """A statement that may end the run."""
    dice = e.dice
    number = _number(e, place)
    choices = [f"d1 = {number}"] * 6
    for population, people in e.cast.populations.items():
        if population not in place.closed or people.is_stable:
            inside = _number(e, place.looking_at(population))
            choices += [
                f"t0 = pick({population}, where={inside} > 0)",
                f"t0 = pick({population}, by={inside})",
                f"for t0 in pick({population}, count={number}): v0 = t0.id",
                f"d1 = round(mean({constant(dice, MONEY)} for {population} where id < 0))",
                f"d1 = sum({inside} for {population})",
            ]
        if people.states and not place.closed:
            few, state = dice.whole(0, 6), dice.one(people.states)
            choices.append(f"t0 = pick({population}, where=id < {few})\nt0.become({state})")
        if people.states and part.who == population:
            choices += [f"become({dice.one(people.states)})"] * 6
    return dice.one(choices)


def dangerous_trigger(e: Expressions, place: Place, part: Part) -> None:
    """Make the trigger or the condition of a behavior one that may end the run."""
    path = e.path(NUMBER, place) or "1.5"
    factor = e.dice.one((f"log(abs({path}) + 0.3)", f"sqrt(20.0 - abs({path}))", f"exp(1000.0 + {path})"))
    match part.trigger:
        case "rate":
            part.written["rate"] = f"({part.written['rate']}) * {factor}"
        case "every":
            part.written["every"] = f"({part.written['every']}) * (1.0 + abs({factor}))"
    if e.dice.chance(0.5):
        part.written["if"] = f"{_number(e, place)} > -1e9"


def dangerous_column(e: Expressions, place: Place) -> str:
    """A column of a sample that may end the run."""
    population, people = e.dice.one(list(e.cast.populations.items()))
    return e.dice.one(
        (
            f"1 / (count({population}) - {people.size + 1})",
            f"round(mean({constant(e.dice, NUMBER)} for {population} where id % 5 == hour(now)))",
            f"sum(sqrt({e.path(NUMBER, place.looking_at(population)) or 'id - 0.5'}) for {population})",
        )
    )


def _number(e: Expressions, place: Place) -> str:
    """A number that may have no value, could not be held, or cannot be drawn."""
    # The hour keeps the checker from seeing constants, whose problems it tells at once.
    number = f"({e.of(NUMBER, place, 1)} + 0.1 * hour(now))"
    whole = f"({e.of(WHOLE, place, 1)} + 0 * hour(now))"
    choices = [
        f"{number} / (hour(now) - 12)",
        f"{whole} % ({whole} - hour(now))",
        f"{number} // floor({number})",
        f"log({number} - 5.0)",
        f"sqrt({number})",
        f"exp(700.0 + {number})",
        f"{number} ** 0.5",
        f"(1000.0 + {number}) ** 120",
        f"round(4e18 * {number})",
        f"(9_000_000_000_000_000_000 + {whole}) * 2",
        f"number(money(1e16 * {number}) * 10.0)",
        f"(now + 1e12 * {number} * 1 day - now) / 1 hour",
    ]
    for population, people in e.cast.populations.items():
        path = e.path(Kind("agent", population), place)
        names = [a.name for a in people.attributes.values() if not (a.mutable and population in place.closed)]
        names = [name for name in names if people.attributes[name].kind == NUMBER]
        if path is not None and names:
            choices += [f"{path}.{e.dice.one(names)}"] * 2
    if "draw" in place.allow:
        choices += [
            f"normal(mean=0, sd={number})",
            f"uniform(low=2.0, high={number})",
            f"poisson(mean={number})",
            f"lognormal(median={number}, sigma=1)",
            f"mixture({number}, 1, 0 * {whole}, 2)",
        ]
    return e.dice.one(choices)
