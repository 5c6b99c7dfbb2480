"""Many draws at once, by the very functions that draw one.

A loop stands here for each form, written out because Numba keeps compiled code on disk only for plain
functions, not for ones made by a factory. Loops run without Python's lock, so that other threads go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bustle.agents.randomness import samplers
from bustle.machine_code import Kernel, kernel
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


@kernel
def _uniform(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    low: Numbers,
    high: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.uniform(key[i], agent[i], occurrence[i], repetition[i], low[i], high[i])


@kernel
def _integer(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    low: Numbers,
    high: Numbers,
    out: Integers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.integer(key[i], agent[i], occurrence[i], repetition[i], low[i], high[i])


@kernel
def _normal(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, mean: Numbers, sd: Numbers, out: Numbers
) -> None:
    for i in range(out.size):
        out[i] = samplers.normal(key[i], agent[i], occurrence[i], repetition[i], mean[i], sd[i])


@kernel
def _truncated_normal(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    mean: Numbers,
    sd: Numbers,
    low: Numbers,
    high: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.truncated_normal(
            key[i], agent[i], occurrence[i], repetition[i], mean[i], sd[i], low[i], high[i]
        )


@kernel
def _lognormal_median(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    median: Numbers,
    sigma: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.lognormal_median(key[i], agent[i], occurrence[i], repetition[i], median[i], sigma[i])


@kernel
def _lognormal_mean(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    mean: Numbers,
    sigma: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.lognormal_mean(key[i], agent[i], occurrence[i], repetition[i], mean[i], sigma[i])


@kernel
def _exponential(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, mean: Numbers, out: Numbers
) -> None:
    for i in range(out.size):
        out[i] = samplers.exponential(key[i], agent[i], occurrence[i], repetition[i], mean[i])


@kernel
def _exponential_rate(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, rate: Numbers, out: Numbers
) -> None:
    for i in range(out.size):
        out[i] = samplers.exponential_rate(key[i], agent[i], occurrence[i], repetition[i], rate[i])


@kernel
def _gamma_mean(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    mean: Numbers,
    shape: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.gamma_mean(key[i], agent[i], occurrence[i], repetition[i], mean[i], shape[i])


@kernel
def _gamma_scale(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    scale: Numbers,
    shape: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.gamma_scale(key[i], agent[i], occurrence[i], repetition[i], scale[i], shape[i])


@kernel
def _beta(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    alpha: Numbers,
    beta: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.beta(key[i], agent[i], occurrence[i], repetition[i], alpha[i], beta[i])


@kernel
def _weibull(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    scale: Numbers,
    shape: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.weibull(key[i], agent[i], occurrence[i], repetition[i], scale[i], shape[i])


@kernel
def _pareto(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    alpha: Numbers,
    minimum: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.pareto(key[i], agent[i], occurrence[i], repetition[i], alpha[i], minimum[i])


@kernel
def _triangular(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    low: Numbers,
    mode: Numbers,
    high: Numbers,
    out: Numbers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.triangular(key[i], agent[i], occurrence[i], repetition[i], low[i], mode[i], high[i])


@kernel
def _poisson(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, mean: Numbers, out: Integers
) -> None:
    for i in range(out.size):
        out[i] = samplers.poisson(key[i], agent[i], occurrence[i], repetition[i], mean[i])


@kernel
def _binomial(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, n: Numbers, p: Numbers, out: Integers
) -> None:
    for i in range(out.size):
        out[i] = samplers.binomial(key[i], agent[i], occurrence[i], repetition[i], n[i], p[i])


@kernel
def _geometric(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, p: Numbers, out: Integers
) -> None:
    for i in range(out.size):
        out[i] = samplers.geometric(key[i], agent[i], occurrence[i], repetition[i], p[i])


@kernel
def _negative_binomial(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    mean: Numbers,
    dispersion: Numbers,
    out: Integers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.negative_binomial(key[i], agent[i], occurrence[i], repetition[i], mean[i], dispersion[i])


@kernel
def _zipf(
    key: Integers,
    agent: Integers,
    occurrence: Integers,
    repetition: Integers,
    exponent: Numbers,
    n: Numbers,
    out: Integers,
) -> None:
    for i in range(out.size):
        out[i] = samplers.zipf(key[i], agent[i], occurrence[i], repetition[i], exponent[i], n[i])


@kernel
def _bernoulli(
    key: Integers, agent: Integers, occurrence: Integers, repetition: Integers, p: Numbers, out: Integers
) -> None:
    for i in range(out.size):
        out[i] = samplers.bernoulli(key[i], agent[i], occurrence[i], repetition[i], p[i])


_LOOPS = {
    loop.__name__[1:]: loop
    for loop in (
        _uniform,
        _integer,
        _normal,
        _truncated_normal,
        _lognormal_median,
        _lognormal_mean,
        _exponential,
        _exponential_rate,
        _gamma_mean,
        _gamma_scale,
        _beta,
        _weibull,
        _pareto,
        _triangular,
        _poisson,
        _binomial,
        _geometric,
        _negative_binomial,
        _zipf,
        _bernoulli,
    )
}


@cache
def _loop(form: str) -> Callable[..., None]:
    """The loop of ``form``, compiled for arrays of any strides that it may only read."""
    numbers = ["readonly float64[:]"] * len(FORMS[form].parameters)
    result = "float64[::1]" if samplers.gives_float(FORMS[form]) else "int64[::1]"
    return cast(Kernel, _LOOPS[form]).typed(("readonly int64[:]",) * 4 + (*numbers, result))
