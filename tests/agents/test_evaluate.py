from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bustle.agents.evaluate import evaluate, evaluate_one
from bustle.agents.lanes import Lanes, population_lanes
from bustle.agents.making import WorldMaker
from bustle.agents.randomness import SAMPLERS, episode_id, purpose_key, uniform01
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import (
    Attr,
    Binary,
    Call,
    Categorical,
    Choose,
    Compare,
    Const,
    Convert,
    Draw,
    Expr,
    Local,
    Logic,
    Mixture,
    NewEpisode,
    Self,
    Unary,
)
from bustle.scenarios.scenario import Scenario
from bustle.scenarios.types import BOOL, EPISODE, INSTANT, MONEY, NUMBER, WHOLE, Agent, Category, Type

SIZE = 200
ME = Self("person", type=Agent("person"))
SCENARIO = """
scenario: test
clock: {start: 2026-01-01, length: 30 days}
parameters: {rise: 1.5, step: 3}
world: {interest: 0.02}
populations:
  town: {size: 7, attributes: {weight: "uniform(low=0, high=2)"}}
  person:
    size: 200
    attributes:
      income: lognormal(median=28, sigma=0.9)
      kids: poisson(mean=1.5)
      rich: income > 40
      friend: {value: none, type: person}
    links: {home: "pick(town, by=weight)"}
"""
WORLD = WorldMaker(Scenario.from_text(SCENARIO).model, 1)
LANES = population_lanes(SIZE)


def number(value: float) -> Const:
    return Const(float(value), type=NUMBER)


def attribute(name: str, type_: Type) -> Attr:
    return Attr(ME, "person", name, type=type_)


def in_python(expr: Expr, agent: int) -> Any:
    """The value for one agent, by Python numbers alone."""

    def value(part: Expr) -> Any:
        return in_python(part, agent)

    match expr:
        case Const():
            return expr.value
        case Attr():
            return WORLD.column(expr.population, expr.name)[agent].item()
        case Unary():
            return not value(expr.operand) if expr.op == "not" else -value(expr.operand)
        case Binary():
            left, right = value(expr.left), value(expr.right)
            return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[expr.op]()
        case Compare():
            left, right = value(expr.left), value(expr.right)
            return {"<": left < right, ">=": left >= right, "==": left == right}[expr.op]
        case Logic():
            if expr.op == "and":
                return value(expr.left) and value(expr.right)
            return value(expr.left) or value(expr.right)
        case Choose():
            return value(expr.yes) if value(expr.condition) else value(expr.no)
        case Call():
            arguments = [value(argument) for argument in expr.arguments]
            known: dict[str, Any] = {"abs": abs, "min": min, "max": max, "exp": math.exp, "log": math.log}
            return known[expr.function](*arguments)
        case Convert():
            return {"to_float": float, "to_money": lambda x: round(x * 100)}[expr.how](value(expr.operand))
        case Draw():
            key = purpose_key(WORLD.seed, expr.purpose)
            return SAMPLERS[expr.form](key, agent, 0, 0, *(value(argument) for argument in expr.arguments))
        case Mixture():
            first, second = (value(weight) for weight in expr.weights)
            u = uniform01(purpose_key(WORLD.seed, expr.purpose), agent, 0, 0)
            return value(expr.components[0 if u * (first + second) < first else 1])
    raise AssertionError(expr)


NUMBERS: st.SearchStrategy[Expr] = st.one_of(
    st.floats(-100, 100).map(number),
    st.just(attribute("income", NUMBER)),
    st.just(Convert("to_float", attribute("kids", WHOLE), type=NUMBER)),
    st.builds(lambda n: Draw("normal", (number(n), number(2)), f"person.x{n}", type=NUMBER), st.integers(0, 5)),
)


def grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    condition = st.builds(
        lambda op, a, b: Compare(op, a, b, type=BOOL), st.sampled_from(["<", ">=", "=="]), inner, inner
    )
    both = st.builds(lambda op, a, b: Logic(op, a, b, type=BOOL), st.sampled_from(["and", "or"]), condition, condition)
    nothing = st.builds(lambda a: Unary("not", a, type=BOOL), condition)
    return st.one_of(
        st.builds(lambda op, a, b: Binary(op, a, b, type=NUMBER), st.sampled_from(["+", "-", "*"]), inner, inner),
        st.builds(lambda a: Unary("-", a, type=NUMBER), inner),
        st.builds(lambda c, a, b: Choose(c, a, b, type=NUMBER), condition | both | nothing, inner, inner),
        st.builds(lambda f, a, b: Call(f, (a, b), type=NUMBER), st.sampled_from(["min", "max"]), inner, inner),
        st.builds(
            lambda a: Call("log", (Binary("+", number(1), Call("abs", (a,), type=NUMBER), type=NUMBER),), type=NUMBER),
            inner,
        ),
        st.builds(
            lambda a, b, n: Mixture((number(0.3), number(0.9)), (a, b), f"person.m{n}", type=NUMBER),
            inner,
            inner,
            st.integers(0, 3),
        ),
    )


@settings(max_examples=150, deadline=None)
@given(expr=st.recursive(NUMBERS, grow, max_leaves=12))
def test_columns_hold_what_python_computes_one_by_one(expr: Expr) -> None:
    column = evaluate(expr, LANES, WORLD).tolist()
    singly = [float(in_python(expr, agent)) for agent in range(0, SIZE, 10)]
    assert [struct.pack("<d", value) for value in column[::10]] == [struct.pack("<d", value) for value in singly]


def test_money_is_rounded_to_cents_at_once() -> None:
    price = Const(333, type=MONEY)
    half = Binary("*", price, number(0.5), type=MONEY)
    assert evaluate_one(half, WORLD) == 166  # 166.5, half to even
    assert evaluate_one(Convert("to_money", number(0.125), type=MONEY), WORLD) == 12
    assert evaluate_one(Convert("to_number", price, type=NUMBER), WORLD) == 3.33


def test_an_instant_plus_a_duration_is_rounded_to_microseconds() -> None:
    assert evaluate_one(Binary("+", Const(7, type=INSTANT), number(2.5), type=INSTANT), WORLD) == 10


def test_only_the_branch_that_is_taken_can_fail() -> None:
    kids = attribute("kids", WHOLE)
    share = Binary("/", number(1), Convert("to_float", kids, type=NUMBER), type=NUMBER)
    some = Compare(">=", kids, Const(1, type=WHOLE), type=BOOL)
    values = evaluate(Choose(some, share, number(0), type=NUMBER), LANES, WORLD)
    assert values.max() <= 1
    big = Compare(">=", share, number(0.5), type=BOOL)
    assert evaluate(Logic("and", some, big, type=BOOL), LANES, WORLD).any()
    none = Unary("not", some, type=BOOL)
    assert evaluate(Logic("or", none, big, type=BOOL), LANES, WORLD).any()
    with pytest.raises(RunError, match=r"division of 1\.0 by zero"):
        evaluate(share, LANES, WORLD)


def test_an_error_points_at_the_innermost_expression() -> None:
    span = Span("a.yaml", 3, 7)
    inner = Binary("/", number(1), number(0), type=NUMBER, span=span)
    with pytest.raises(RunError) as caught:
        evaluate(Binary("+", inner, number(1), type=NUMBER, span=Span("a.yaml", 3, 1)), LANES, WORLD)
    assert caught.value.span == span


def test_reading_an_attribute_of_none_is_refused() -> None:
    friend = attribute("friend", Agent("person"))
    with pytest.raises(RunError, match="`income` is read of none, where a person is needed"):
        evaluate(Attr(friend, "person", "income", type=NUMBER), LANES, WORLD)


def test_linked_attributes_are_read_through_the_link() -> None:
    home = attribute("home", Agent("town"))
    weights = evaluate(Attr(home, "town", "weight", type=NUMBER), LANES, WORLD)
    assert (weights == WORLD.column("town", "weight")[WORLD.column("person", "home")]).all()


def test_a_bad_argument_of_a_draw_is_named_with_its_value() -> None:
    with pytest.raises(RunError, match="gamma needs `shape` to be above 0, but it is -1"):
        evaluate(Draw("gamma_mean", (number(1), number(-1)), "person.x", type=NUMBER), LANES, WORLD)
    with pytest.raises(RunError, match="binomial needs `p` to be at least 0 and at most 1, but it is 2"):
        evaluate(Draw("binomial", (number(5), number(2)), "person.x", type=WHOLE), LANES, WORLD)
    with pytest.raises(RunError, match="uniform cannot be drawn with low=2, high=1"):
        evaluate(Draw("uniform", (number(2), number(1)), "person.x", type=NUMBER), LANES, WORLD)


def test_a_category_is_where_the_running_sum_holds_the_uniform() -> None:
    type_ = Category(("a", "b", "c", "d"))
    weights = (0.2, 0.0, 0.7, 0.1)
    drawn = evaluate(Categorical(tuple(map(number, weights)), "person.group", type=type_), LANES, WORLD)
    key = purpose_key(1, "person.group")
    sums = np.cumsum(weights)
    expected = [int(np.searchsorted(sums, uniform01(key, i, 0, 0) * sums[-1], side="right")) for i in range(SIZE)]
    assert drawn.tolist() == expected
    with pytest.raises(RunError, match="no weight is above 0"):
        evaluate(Categorical((number(0), number(-1)), "person.group", type=type_), LANES, WORLD)


def test_episodes_are_the_keyed_identifiers() -> None:
    drawn = evaluate(NewEpisode("person.case", type=EPISODE), LANES, WORLD)
    assert drawn[17] == episode_id(purpose_key(1, "person.case"), 17, 0, 0)
    assert len(set(drawn.tolist())) == SIZE


def test_each_lane_may_have_its_own_firing() -> None:
    gap = Draw("exponential", (number(2),), "shop.clock", type=NUMBER)
    firings = np.arange(SIZE, dtype=np.int64)
    lanes = Lanes(SIZE, agents=LANES.agents, identities=LANES.identities, occurrence=firings)
    key = purpose_key(1, "shop.clock")
    assert evaluate(gap, lanes, WORLD)[5] == SAMPLERS["exponential"](key, 5, 5, 0, 2.0)


def test_what_exists_only_during_a_run_is_refused() -> None:
    with pytest.raises(RunError, match="a local has no value before the run starts"):
        evaluate(Local("x", 0, type=NUMBER), LANES, WORLD)
    with pytest.raises(RunError, match="there is no acting agent here"):
        evaluate(ME, Lanes(size=1), WORLD)
