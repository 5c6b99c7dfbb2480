"""Attributes that come from the columns of a file: partially synthetic populations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bustle.agents.arithmetic import ArithmeticProblem, whole
from bustle.agents.population import NONE, Array, held_dtype
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, Text, Type

CENTS = 100


def held_from_file(values: Array, type_: Type, from_local: Callable[[int], int]) -> Array:
    """A file's column as a column of ``type_``.

    Numbers of money are in its main unit, durations in the file are seen as microseconds, as the checker types them.

    Args:
        values: A column as `bustle.scenarios.files.read_columns` gives it.
        type_: The attribute's type.
        from_local: Turns naive local microseconds since 1970-01-01 into microseconds since the start.

    Raises:
        ArithmeticProblem: A value does not fit the type.
    """
    match type_:
        case Category() if values.dtype == np.dtype(object):
            codes = {level: code for code, level in enumerate(type_.levels)}
            unknown = next((value for value in values.tolist() if value not in codes), None)
            if unknown is not None:
                raise ArithmeticProblem(f"`{unknown}` is none of {', '.join(type_.levels)}")
            return np.fromiter(map(codes.__getitem__, values.tolist()), np.int32, count=len(values))
        case Text():
            if values.dtype == np.dtype(object):
                return values
            texts = np.empty(len(values), dtype=object)
            texts[:] = [str(value) for value in values.tolist()]
            return texts
        case Instant() if values.dtype == np.int64:
            return np.fromiter(map(from_local, values.tolist()), np.int64, count=len(values))
        case Quantity() if values.dtype.kind in "fi":
            if type_.is_money:
                return whole(values.astype(np.float64) * CENTS)
            return whole(values) if type_.held_whole else values.astype(np.float64)
        case Bool() if values.dtype == np.bool_:
            return values
        case Agent() | Episode() if values.dtype == np.int64:
            return np.where(values < 0, NONE, values)
        case _:
            raise ArithmeticProblem(f"the file's column does not hold {type_}")
    return values.astype(held_dtype(type_))
