"""Attributes that come from the columns of a file: partially synthetic populations."""

from __future__ import annotations

import numpy as np

from bustle.agents.arithmetic import CENTS, ArithmeticProblem, whole
from bustle.agents.population import Array
from bustle.scenarios.types import Bool, Category, Quantity, Text, Type


def held_from_file(values: Array, type_: Type) -> Array:
    """A file's column as a column of ``type_``. Money stands in the file in its main unit.

    Args:
        values: A column as `bustle.scenarios.files.read_columns` gives it.
        type_: The attribute's type.

    Raises:
        ArithmeticProblem: A value does not fit the type.
    """
    texts = values.dtype == np.dtype(object)
    match type_:
        case Category() if texts:
            return codes(values, type_.levels)
        case Text() if texts:
            return values
        case Bool() if values.dtype == np.bool_:
            return values
        case Quantity() if values.dtype.kind in "fi":
            if type_.is_money:
                return whole(values.astype(np.float64) * CENTS)
            return whole(values) if type_.held_whole else values.astype(np.float64)
    raise ArithmeticProblem(f"its values cannot be held as {type_}")


def codes(texts: Array, levels: tuple[str, ...]) -> Array:
    """Category codes (int32) of texts.

    Raises:
        ArithmeticProblem: A text is none of the levels.
    """
    known = {level: code for code, level in enumerate(levels)}
    unknown = next((text for text in texts.tolist() if text not in known), None)
    if unknown is not None:
        raise ArithmeticProblem(f"`{unknown}` is none of {', '.join(levels)}")
    return np.fromiter(map(known.__getitem__, texts.tolist()), np.int32, count=len(texts))
