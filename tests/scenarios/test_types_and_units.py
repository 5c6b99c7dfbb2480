from __future__ import annotations

from typing import Any

import pytest

from bustle.scenarios.model import Const, Convert
from bustle.scenarios.types import DURATION, MONEY, NUMBER, RATE, WHOLE, Quantity
from tests.scenarios.small import HEAD, TOWN, model_of, problem_of_rule, problems_of, rule, value_of

DAY = 86_400_000_000

KINDS = {
    "3": "whole number",
    "3.0": "number",
    "-3": "whole number",
    "5 percent": "number",
    "visits": "whole number",
    "visits + 1": "whole number",
    "visits * 2": "whole number",
    "visits / 2": "number",
    "visits // 2": "whole number",
    "visits % 2": "whole number",
    "visits ** 2": "number",
    "income // 2": "whole number",
    "visits + 0.5": "number",
    "3 days": "duration",
    "3 days + 4 hours": "duration",
    "3 * wait": "duration",
    "wait / 2": "duration",
    "wait / 1 hour": "number",
    "wait // 1 hour": "whole number",
    "wait % 1 hour": "duration",
    "3 per day": "rate",
    "visits per day": "rate",
    "1 / wait": "rate",
    "pace * wait": "number",
    "pace + 1 per hour": "rate",
    "fee": "money",
    "fee + 2": "money",
    "2 + fee": "money",
    "fee * 1.5": "money",
    "fee / 2": "money",
    "fee / budget": "number",
    "fee per day": "money per time",
    "(fee per day) * wait": "money",
    "money(2.5)": "money",
    "money(fee)": "money",
    "number(fee)": "number",
    "number(2)": "number",
    "now": "instant",
    "now + 3 days": "instant",
    "3 days + now": "instant",
    "now - 3 days": "instant",
    "now - start": "duration",
    "end": "instant",
    "never": "instant",
    "2026-01-05": "instant",
    "2026-01-05 12:30": "instant",
    "12:30": "duration",
    "hour(now)": "whole number",
    "weekday(now)": "whole number",
    "time_of_day(now)": "duration",
    "true": "bool",
    "not open": "bool",
    "visits > 3": "bool",
    "fee > 3": "bool",
    "3 < fee": "bool",
    "wait > 1 day": "bool",
    "now > 2026-01-05": "bool",
    "open and visits > 3": "bool",
    "home == work": "bool",
    "home == none": "bool",
    "none != trip": "bool",
    "home.kind == food": "bool",
    "food == home.kind": "bool",
    "home.kind != 'food'": "bool",
    "state == inside": "bool",
    "home.kind": "category (food, books)",
    "state": "state of person (out, inside)",
    "self": "person (an agent)",
    "home": "shop (an agent)",
    "pick(near)": "shop (an agent)",
    "pick(home.person)": None,
    "trip": "episode",
    "episode()": "episode",
    "id": "whole number",
    "1 if open else 2": "whole number",
    "1 if open else 2.5": "number",
    "fee if open else 2": "money",
    "home if open else none": "shop (an agent)",
    "max(1, visits)": "whole number",
    "max(1, income)": "number",
    "min(fee, 3)": "money",
    "clip(wait, 1 hour, 1 day)": "duration",
    "max(now, start)": "instant",
    "round(2.5)": "whole number",
    "floor(income)": "whole number",
    "abs(-fee)": "money",
    "exp(1)": "number",
    "distance(self, home)": "number",
    "count(person)": "whole number",
    "count(person where visits > 3)": "whole number",
    "count(near)": "whole number",
    "sum(visits for person)": "whole number",
    "mean(visits for person)": "number",
    "sum(budget for person)": "money",
    "mean(budget for person)": "number",
    "mean(state == inside for friends)": "number",
    "max(income for person where state == out)": "number",
    "uniform(low=0, high=1)": "number",
    "uniform(low=fee, high=10)": None,
    "uniform(low=fee, high=2 * fee)": "money",
    "exponential(mean=wait)": "duration",
    "exponential(rate=pace)": "duration",
    "exponential(mean=pace)": "rate",
    "gamma(mean=1.2, shape=2) per day": "rate",
    "poisson(mean=3)": "whole number",
    "integer(low=1, high=6)": "whole number",
    "bernoulli(p=share)": "bool",
    "categorical(a=1, b=2)": "category (a, b)",
    "mixture(0.5, 1, 0.5, 2)": "whole number",
    "mixture(0.5, 1, 0.5, 2.5)": "number",
    "mixture(0.5, 1 day, 0.5, exponential(mean=2 days))": "duration",
}


@pytest.mark.parametrize("expression", [expression for expression, kind in KINDS.items() if kind])
def test_an_expression_has_the_unit_of_its_parts(expression: str) -> None:
    assert str(value_of(expression).type) == KINDS[expression]


@pytest.mark.parametrize("expression", [expression for expression, kind in KINDS.items() if not kind])
def test_an_expression_that_mixes_kinds_is_refused(expression: str) -> None:
    assert problem_of_rule(f"value = {expression}").span.line == TOWN.count("\n") + 1


HELD: dict[str, Any] = {
    "3": 3,
    "3.0": 3.0,
    "5 percent": 0.05,
    "3 days": 3.0 * DAY,
    "1.5 hours": 1.5 * 3_600e6,
    "2 per day": 2 / DAY,
    "money(2.5)": 250,
    "money(0.005)": 0,
    "money(0.015)": 2,
    "-money(0.125)": -12,
    "money(1) * 0.335": 34,
    "money(1) / 3": 33,
    "7 // 2": 3,
    "-7 // 2": -4,
    "-7 % 3": 2,
    "7 / 2": 3.5,
    "2 ** 10": 1024.0,
    "1_000 + 1": 1001,
    "start": 0,
    "end": 30 * DAY,
    "never": 2**62,
    "2026-01-02": DAY,
    "2025-12-31 12:00": -DAY // 2,
    "12:30": 12.5 * 3_600e6,
    "1 week": 7.0 * DAY,
    "true": True,
    "1 minute + 1 second": 61e6,
    "3 millisecond": 3_000.0,
    "3 microseconds": 3.0,
    "1e3": 1_000.0,
    ".5": 0.5,
}


@pytest.mark.parametrize("expression", HELD)
def test_a_constant_is_held_as_the_types_say(expression: str) -> None:
    value = value_of(expression)
    assert isinstance(value, Const)
    assert value.value == HELD[expression]
    assert type(value.value) is type(HELD[expression])


def test_levels_are_held_by_their_place() -> None:
    comparison = value_of("home.kind == books")
    assert comparison.right.value == 1  # type: ignore[union-attr]
    assert value_of("state != inside").right.value == 1  # type: ignore[union-attr]


def test_what_is_stored_is_brought_to_the_form_of_its_place() -> None:
    body = rule("home.x = visits", "budget = income", "till += 2", "heat = 1").body[-4:]
    values = [statement.value for statement in body]  # type: ignore[union-attr]
    assert [value.type for value in values] == [NUMBER, MONEY, MONEY, NUMBER]
    assert isinstance(values[0], Convert)
    assert values[0].how == "to_float"
    assert isinstance(values[1], Convert)
    assert values[1].how == "to_money"
    assert values[2].right.value == 200  # type: ignore[union-attr]
    assert values[3].value == 1.0  # type: ignore[union-attr]


def test_a_draw_of_money_is_a_number_turned_into_cents() -> None:
    drawn = value_of("uniform(low=fee, high=budget)")
    assert isinstance(drawn, Convert)
    assert (drawn.how, drawn.type) == ("to_money", MONEY)
    assert drawn.operand.type == NUMBER
    assert all(argument.type == NUMBER for argument in drawn.operand.arguments)  # type: ignore[union-attr]


def test_names_of_units_are_ordinary_names_elsewhere() -> None:
    assert value_of("3 days").type == DURATION
    (problem,) = problems_of(f"{HEAD}parameters: {{days: 3}}")
    assert "cannot be the name" in problem.message


def test_parameters_have_the_type_of_their_value() -> None:
    model = model_of(
        f"{HEAD}parameters:\n  a: 3\n  b: 0.5\n  c: 4 hours\n  d: 2 per day\n  e: {{value: 3, unit: money}}\n"
        "  f: {value: x, choices: [x, y]}\n  g: true\n  h: 2026-01-05\n  i: '\"text\"'\n"
        "  j: 20 percent\n  k: 1 / 3 days\n"
    )
    assert [str(parameter.type) for parameter in model.parameters.values()] == [
        "whole number",
        "number",
        "duration",
        "rate",
        "money",
        "category (x, y)",
        "bool",
        "instant",
        "text",
        "number",
        "rate",
    ]
    assert model.values["e"] == 300
    assert model.values["f"] == 0
    assert model.values["h"] == 4 * DAY
    assert model.values["i"] == "text"
    assert model.parameters["d"].type == RATE


def test_bounds_are_held_as_the_value_is() -> None:
    parameters = model_of(
        f"{HEAD}parameters: {{a: {{value: 2 hours, min: 1 hour, max: 1 day}}, b: {{value: 3, max: 4.5}}, "
        "c: {value: 3, unit: money, min: 1}}"
    ).parameters
    assert (parameters["a"].minimum, parameters["a"].maximum) == (3_600e6, 86_400e6)
    assert (parameters["b"].minimum, parameters["b"].maximum, parameters["b"].type) == (None, 4.5, WHOLE)
    assert parameters["c"].minimum == 100


def test_a_power_of_time_has_a_type_but_no_place_to_be_stored() -> None:
    assert value_of("wait * wait").type == Quantity(time=2)
    assert "`till` must be money" in problem_of_rule("till = wait * wait").message


@pytest.mark.parametrize(
    ("drawn", "hint"),
    [
        ("a=1, b=1", "it lacks `c`"),
        ("a=1, b=1, c=1, d=1", "`d` cannot be here"),
        ("a=1, b=1, d=1", "it lacks `c`, and `d` cannot be here"),
        ("b=1, a=1, c=1", "both have these levels, but in another order"),
    ],
)
def test_of_two_categories_the_hint_says_what_sets_them_apart(drawn: str, hint: str) -> None:
    (problem,) = problems_of(
        f"{HEAD}events: {{seen: {{kind: 'category(a, b, c)'}}}}\n"
        "behaviors:\n  go:\n    who: world\n    every: 1 day\n"
        f"    do: |\n      kind = categorical({drawn})\n      emit seen(kind=kind)\n"
    )
    assert problem.hint == hint
