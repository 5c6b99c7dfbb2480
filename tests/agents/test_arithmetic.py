from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustle.agents.arithmetic import BINARY, FUNCTIONS, ArithmeticProblem, whole

FLOATS = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=40)
PAIRS = st.lists(
    st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12).filter(lambda x: x != 0)), min_size=1, max_size=40
)
INTEGERS = st.lists(
    st.tuples(st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31).filter(bool)), min_size=1, max_size=40
)
PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def bits(values: Any) -> list[Any]:
    return [struct.pack("<d", value) if isinstance(value, float) else value for value in values]


@pytest.mark.parametrize("op", PYTHON)
@given(pairs=PAIRS)
def test_floats_are_combined_as_python_does_to_the_last_bit(op: str, pairs: list[tuple[float, float]]) -> None:
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    assert bits(BINARY[op](left, right).tolist()) == bits(PYTHON[op](a, b) for a, b in pairs)


@pytest.mark.parametrize("op", PYTHON)
@given(pairs=INTEGERS)
def test_whole_numbers_are_combined_as_python_does(op: str, pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    assert bits(BINARY[op](left, right).tolist()) == bits(PYTHON[op](a, b) for a, b in pairs)


@given(pairs=st.lists(st.tuples(st.floats(1e-6, 1e6), st.floats(-20, 20)), min_size=1, max_size=40))
def test_powers_are_those_of_the_c_library(pairs: list[tuple[float, float]]) -> None:
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    assert bits(BINARY["**"](left, right).tolist()) == bits(a**b for a, b in pairs)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt"])
def test_transcendental_functions_are_those_of_the_c_library(name: str) -> None:
    values = np.exp(np.linspace(-5, 5, 20_001))
    assert bits(FUNCTIONS[name](values).tolist()) == bits(map(getattr(math, name), values.tolist()))


@given(values=FLOATS)
def test_rounding_is_half_to_even_as_in_python(values: list[float]) -> None:
    values = [*values, *(round(value) + 0.5 for value in values)]
    assert whole(np.array(values)).tolist() == [round(value) for value in values]
    assert FUNCTIONS["floor"](np.array(values)).tolist() == [math.floor(value) for value in values]
    assert FUNCTIONS["ceil"](np.array(values)).tolist() == [math.ceil(value) for value in values]


@given(triples=st.lists(st.tuples(*[st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, math.nan, math.inf])] * 3), min_size=1))
def test_extremes_take_the_first_of_equals_as_in_python(triples: list[tuple[float, float, float]]) -> None:
    columns = [np.array(column) for column in zip(*triples, strict=True)]
    assert bits(FUNCTIONS["min"](*columns).tolist()) == bits(map(min, triples))
    assert bits(FUNCTIONS["max"](*columns).tolist()) == bits(map(max, triples))
    assert bits(FUNCTIONS["clip"](*columns).tolist()) == bits(min(max(x, low), high) for x, low, high in triples)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: BINARY["/"](np.array([1.0, 3.0]), np.array([2.0, 0.0])), "division of 3.0 by zero"),
        (lambda: BINARY["//"](np.array([7]), np.array([0])), "division of 7 by zero"),
        (lambda: BINARY["%"](np.array([7]), np.array([0])), "division of 7 by zero"),
        (lambda: BINARY["**"](np.array([2.0, -8.0]), np.array([1.0, 0.5])), r"-8.0 \*\* 0.5 is not a number"),
        (lambda: BINARY["**"](np.array([0.0]), np.array([-1.0])), r"0.0 \*\* -1.0 is not a number"),
        (lambda: BINARY["*"](np.array([2**40]), np.array([2**40])), "does not fit a whole number"),
        (lambda: whole(np.array([1.0, math.nan])), "nan cannot be rounded"),
        (lambda: whole(np.array([1e19])), "1e.19 cannot be rounded"),
        (lambda: FUNCTIONS["log"](np.array([1.0, 0.0])), r"log\(0.0\): the argument must be above 0"),
        (lambda: FUNCTIONS["exp"](np.array([1000.0])), r"exp\(1000.0\): the result is too large"),
        (lambda: FUNCTIONS["sqrt"](np.array([-1.0])), r"sqrt\(-1.0\): the argument must not be below 0"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_the_value(compute: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArithmeticProblem, match=message):
        compute()
