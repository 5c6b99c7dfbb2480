"""Draws: every form of every distribution, around numbers, durations, rates and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bustle.scenarios.distributions import DISTRIBUTIONS, FORMS, Form, Parameter
from tests.sim.random_scenarios.cast import DURATION, MONEY, NUMBER, RATE, Kind
from tests.sim.random_scenarios.literals import constant
from tests.sim.random_scenarios.places import Place

if TYPE_CHECKING:
    from tests.sim.random_scenarios.expressions import Expressions

_RESULTS = {"whole": "whole", "number": "number", "bool": "bool"}
_INVERSE = {NUMBER: NUMBER, DURATION: RATE, RATE: DURATION}

_PLAIN = {
    "sigma": ("0.3", "0.8", "1", "0"),
    "shape": ("0.6", "1", "2.5", "4"),
    "alpha": ("1.6", "2.5", "4"),
    "beta": ("0.8", "2", "5"),
    "mean": ("0.7", "2", "3.5"),
    "n": ("1", "4", "9"),
    "p": ("0.1", "0.3", "25 percent", "0.9"),
    "dispersion": ("0.7", "2"),
    "exponent": ("0.5", "1.1", "2"),
    "low": ("0", "1", "-2"),
    "high": ("2", "4", "6"),
}
"""Constants for parameters without a unit, by name."""

_KEPT = {
    "p": ("0.05", "1.0"),
    "n": ("1", "12"),
    "low": ("-3", "1"),
    "high": ("2", "8"),
    "alpha": ("1.5", "5"),
    "sigma": ("0.0", "1.0"),
}
"""Between what an expression for such a parameter is kept; what is not here, between 0.3 and 5."""

_SPREAD = {
    NUMBER: ("0.5", "1.5", "4.0"),
    DURATION: ("20 minutes", "3 hours", "20 hours"),
    RATE: ("0.5 per day", "2 per day", "6 per day"),
    MONEY: ("money(0.5)", "money(7.25)", "money(30)"),
}
"""Three constants of a kind, from low to high."""


def forms_of(kind: Kind) -> list[Form]:
    """The forms of distributions that can give a value of this kind."""
    return [
        form
        for form in FORMS.values()
        if _RESULTS.get(form.result, kind.name if kind in _SPREAD else "") == kind.name
        and not (kind == MONEY and any(parameter.dimension == "per" for parameter in form.parameters))
        and not (form.name == "pareto" and kind not in (NUMBER, MONEY, DURATION, RATE))
    ]


def draw(e: Expressions, kind: Kind, place: Place, depth: int) -> str:
    """A draw that gives a value of this kind."""
    form = e.dice.one(forms_of(kind))
    unit = kind if form.result == "same" else NUMBER
    rising = dict(zip(("low", "mode", "high"), _SPREAD[unit], strict=True))
    given: list[tuple[str, str]] = []
    for parameter in form.parameters:
        if parameter.default is not None and unit == NUMBER and e.dice.chance(0.5):
            continue
        given.append((parameter.name, _argument(e, parameter, unit, rising, place, depth)))
    first = DISTRIBUTIONS[form.distribution][0]
    if form is first and e.dice.chance(0.2):
        return f"{form.distribution}({', '.join(value for _, value in given)})"
    return f"{form.distribution}({', '.join(f'{name}={value}' for name, value in given)})"


def _argument(
    e: Expressions, parameter: Parameter, unit: Kind, rising: dict[str, str], place: Place, depth: int
) -> str:
    name, is_constant = parameter.name, depth <= 0 or e.dice.chance(0.5)
    if parameter.dimension == "plain":
        if is_constant:
            return e.dice.one(_PLAIN[name])
        low, high = _KEPT.get(name, ("0.3", "5.0"))
        return e.small(NUMBER, place, low, high, depth - 1)
    if parameter.dimension == "per":
        inverse = _INVERSE[unit]
        _, middle, high = _SPREAD[inverse]
        return e.dice.one((middle, high)) if is_constant else e.small(inverse, place, middle, high, depth - 1)
    low, middle, high = _SPREAD[unit]
    match name:
        case "low" | "mode" | "high" if is_constant or name == "mode":
            return rising[name]
        case "low":
            return e.small(unit, place, f"0 * {low}", low, depth - 1)
        case "high":
            return e.small(unit, place, high, f"3 * {high}", depth - 1)
    if is_constant:
        return e.dice.one((low, middle, high))
    return e.small(unit, place, low, high, depth - 1)


def mixture(e: Expressions, kind: Kind, place: Place, depth: int) -> str:
    """A mixture of two or three expressions of this kind."""
    parts = [f"{_weight(e, place)}, {e.of(kind, place, depth)}" for _ in range(e.dice.whole(2, 3))]
    return f"mixture({', '.join(parts)})"


def categorical(e: Expressions, kind: Kind, place: Place, depth: int) -> str:
    """A draw of some of the levels, where this kind is expected."""
    levels = e.dice.some(e.dice.shuffled(kind.levels), 1, len(kind.levels))
    return f"categorical({', '.join(f'{level}={_weight(e, place)}' for level in levels)})"


def _weight(e: Expressions, place: Place) -> str:
    if e.dice.chance(0.7):
        return e.dice.one(("1", "0.5", "3", "0.9", "2.25"))
    return f"(0.2 + abs({e.path(NUMBER, place) or constant(e.dice, NUMBER)}))"
