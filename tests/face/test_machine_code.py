"""Kernels as Python calls them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bustle.machine_code import Kernel, fix_kinds, for_scalars, kernel, kind_of


@kernel
def total(values: Any, factor: Any, add: bool) -> Any:
    result = 0
    for i in range(len(values)):
        result += values[i] * factor
    return result + 1 if add else result


@kernel
def product(left: Any, right: Any, result: Any) -> None:
    for i in range(left.shape[0]):
        for j in range(left.shape[1]):
            result[i, j] = left[i, j] * right[i, j]


@kernel
def is_larger(a: Any, b: Any) -> Any:
    return a > b


@kernel
def halved(a: Any) -> Any:
    return a / 2


@kernel
def both(a: Any, b: Any) -> Any:
    return a + b, a / b


@kernel
def nothing() -> Any:
    return 0


@kernel
def squares(count: Any) -> Any:
    room = np.empty(count, np.int64)
    for i in range(count):
        room[i] = i * i
    return room.sum()


@kernel
def refusing(a: Any) -> Any:
    if a < 0:
        raise ValueError("below 0")
    return a


VALUES = np.arange(10)


@pytest.mark.parametrize(
    "values", [VALUES, VALUES[::2], VALUES[::-1], VALUES[3:3], VALUES.astype(np.int32), VALUES.astype(float)]
)
@pytest.mark.parametrize("factor", [3, -1.5, np.int64(2), np.float64(0.5)])
@pytest.mark.parametrize("add", [True, np.bool_(False)])
def test_numbers_and_arrays_of_any_kind_are_taken(values: Any, factor: Any, add: Any) -> None:
    assert total(values, factor, add) == pytest.approx(sum(values.tolist()) * factor + bool(add))


def test_arrays_that_may_only_be_read_are_taken_where_nothing_is_written() -> None:
    fixed = np.broadcast_to(np.int64(7), 5)
    assert total(fixed, 1, False) == 35
    grid = np.arange(6).reshape(2, 3)
    fixed_grid = grid.copy()
    fixed_grid.flags.writeable = False
    result = np.zeros_like(grid)
    product(fixed_grid, grid.T.copy().T, result)
    assert (result == grid * grid).all()
    with pytest.raises(Exception, match="Cannot modify readonly array"):
        product(grid, grid, fixed_grid)


def test_results_are_numbers_of_python() -> None:
    assert is_larger(2, 1.5) is True and is_larger(1, 2) is False
    assert type(nothing()) is int and nothing() == 0
    assert type(total(VALUES, 1, False)) is int and type(halved(3)) is float
    assert product(np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1))) is None


def test_fixed_kinds_convert_numbers() -> None:
    function = fix_kinds(Kernel(halved.__wrapped__), "float64")  # type: ignore[attr-defined]
    assert function(3) == 1.5 and function(np.int64(5)) == 2.5
    assert for_scalars(function)(3) == 1.5


def test_several_values_and_arrays_of_its_own_are_left_to_numba() -> None:
    assert both(3, 2) == (5, 1.5)
    assert squares(5) == 30


def test_an_error_is_told() -> None:
    assert refusing(1) == 1
    with pytest.raises(RuntimeError, match=r"refusing.* has failed"):
        refusing(-1)


@pytest.mark.parametrize("argument", ["text", None, [1], 1j, 2**63, np.zeros(()), np.zeros(2, ">i8")])
def test_other_arguments_are_refused(argument: object) -> None:
    with pytest.raises(TypeError, match="a kernel takes numbers of 64 bits"):
        kind_of(argument)
