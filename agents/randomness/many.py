"""Many draws at once, by the very functions that draw one.

Loops run without Python's lock, so that other threads go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bustle.agents.randomness import samplers
from bustle.agents.randomness.samplers import SAMPLERS, Sampler
from bustle.machine_code import Kernel
from bustle.scenarios.distributions import FORMS

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


def sample_many(
    form: str,
    key: npt.ArrayLike,
    agents: npt.ArrayLike,
    occurrence: npt.ArrayLike = 0,
    repetition: npt.ArrayLike = 0,
    args: Sequence[npt.ArrayLike] = (),
) -> Numbers | Integers:
    """Draws from ``form`` for many addresses, equal bit for bit to its scalar sampler's.

    ``key``, ``agents`` (identities), ``occurrence``, ``repetition`` and each of ``args`` are arrays of one length or
    scalars for all. Gives float64[n], or int64[n] for forms of whole numbers and ``bernoulli`` (0 or 1), with
    NaN or `INVALID` where arguments are not valid. KeyError for an unknown form, TypeError for the wrong
    number of arguments.
    """
    if len(args) != len(FORMS[form].parameters):
        raise TypeError(f"{form} takes {len(FORMS[form].parameters)} arguments, not {len(args)}")
    columns: list[npt.NDArray[Any]] = [np.asarray(a, np.int64) for a in (key, agents, occurrence, repetition)]
    columns += [np.asarray(a, np.float64) for a in args]
    (size,) = np.broadcast_shapes((1,), *(column.shape for column in columns))
    out: Numbers | Integers = np.empty(size, np.float64)
    if not samplers.gives_float(FORMS[form]):
        out = np.empty(size, np.int64)
    _loop(form)(*(np.broadcast_to(column, size) for column in columns), out)
    return out


def _of_one(draw: Sampler) -> Callable[..., None]:
    def loop(
        key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, a: Numbers, out: Numbers | Integers
    ) -> None:
        for i in range(out.size):
            out[i] = draw(key[i], agent[i], occurrence[i], repetition[i], a[i])

    return loop


def _of_two(draw: Sampler) -> Callable[..., None]:
    def loop(
        key: Integers,
        agent: Integers,
        occurrence: Integers,
        repetition: Integers,
        a: Numbers,
        b: Numbers,
        out: Numbers | Integers,
    ) -> None:
        for i in range(out.size):
            out[i] = draw(key[i], agent[i], occurrence[i], repetition[i], a[i], b[i])

    return loop


def _of_three(draw: Sampler) -> Callable[..., None]:
    def loop(
        key: Integers,
        agent: Integers,
        occurrence: Integers,
        repetition: Integers,
        a: Numbers,
        b: Numbers,
        c: Numbers,
        out: Numbers | Integers,
    ) -> None:
        for i in range(out.size):
            out[i] = draw(key[i], agent[i], occurrence[i], repetition[i], a[i], b[i], c[i])

    return loop


def _of_four(draw: Sampler) -> Callable[..., None]:
    def loop(
        key: Integers,
        agent: Integers,
        occurrence: Integers,
        repetition: Integers,
        a: Numbers,
        b: Numbers,
        c: Numbers,
        d: Numbers,
        out: Numbers | Integers,
    ) -> None:
        for i in range(out.size):
            out[i] = draw(key[i], agent[i], occurrence[i], repetition[i], a[i], b[i], c[i], d[i])

    return loop


_LOOPS = {1: _of_one, 2: _of_two, 3: _of_three, 4: _of_four}
"""What makes the loop of a form, by the number of its parameters."""


@cache
def _loop(form: str) -> Callable[..., None]:
    """The loop of ``form``, compiled for arrays of any strides that it may only read."""
    parameters = len(FORMS[form].parameters)
    loop = _LOOPS[parameters](SAMPLERS[form])
    loop.__name__ = loop.__qualname__ = f"many_{form}"  # tells it from the loops of other forms, on disk and for LLVM
    result = "float64[::1]" if samplers.gives_float(FORMS[form]) else "int64[::1]"
    return Kernel(loop).typed(("readonly int64[:]",) * 4 + ("readonly float64[:]",) * parameters + (result,))
