"""One scalar sampler for every form of every distribution of the language.

A sampler is called as ``sampler(key, agent, occurrence, repetition, *arguments)`` with int64 addresses and
float64 arguments in the form's order, from Python or from other kernels. Arguments that the form does not
allow (see `bustle.scenarios.distributions`), or a result that float64 or int64 cannot hold, give NaN from a
sampler of numbers and `INVALID` from one of whole numbers and from ``bernoulli``, which else gives 0 or 1.
Counts that are arguments (``n``) are rounded half to even; standard deviations may be 0.

By inverse transform, hence monotone in every parameter for fixed keys: uniform, integer, normal,
truncated normal, lognormal, exponential, weibull, pareto, triangular, geometric, bernoulli, poisson
up to a mean of 10, and binomial where n min(p, 1 - p) stays below 10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from bustle.agents.randomness.draws import open_uniform01, uniform01, unit_exponential
from bustle.agents.randomness.quantiles import normal_quantile, triangular_quantile, truncated_normal_quantile
from bustle.agents.randomness.rejection import (
    INVALID,
    LARGEST,
    beta_draw,
    binomial_draw,
    gamma_parts,
    poisson_draw,
    zipf_draw,
)
from bustle.machine_code import fix_kinds, kernel
from bustle.scenarios.distributions import FORMS, Form

Sampler = Callable[..., float]

_INVALID = np.int64(INVALID)  # Numba would take the Python constant for a uint64


@kernel
def _finite(x: float) -> float:
    """``x``, or NaN where it is infinite."""
    return x if abs(x) < math.inf else math.nan


@kernel
def uniform(key: int, agent: int, occurrence: int, repetition: int, low: float, high: float) -> float:
    """Evenly in [low, high)."""
    if not low <= high:
        return math.nan
    return _finite(low + uniform01(key, agent, occurrence, repetition) * (high - low))


@kernel
def integer(key: int, agent: int, occurrence: int, repetition: int, low: float, high: float) -> int:
    """A whole number in [low, high], both included."""
    least, most = np.ceil(low), np.floor(high)
    if not (-LARGEST <= least <= most <= LARGEST and most - least < LARGEST):
        return _INVALID  # type: ignore[return-value]
    return int(least + np.floor(uniform01(key, agent, occurrence, repetition) * (most - least + 1.0)))


@kernel
def normal(key: int, agent: int, occurrence: int, repetition: int, mean: float, sd: float) -> float:
    """The normal distribution."""
    if not sd >= 0.0:
        return math.nan
    return _finite(mean + sd * normal_quantile(open_uniform01(key, agent, occurrence, repetition)))


@kernel
def truncated_normal(
    key: int, agent: int, occurrence: int, repetition: int, mean: float, sd: float, low: float, high: float
) -> float:
    """The normal distribution given that it lies in [low, high]; either bound may be infinite."""
    if not (0.0 <= sd < math.inf and low <= high and low < math.inf and high > -math.inf and abs(mean) < math.inf):
        return math.nan
    return truncated_normal_quantile(open_uniform01(key, agent, occurrence, repetition), mean, sd, low, high)


@kernel
def lognormal_median(key: int, agent: int, occurrence: int, repetition: int, median: float, sigma: float) -> float:
    """Exponential of a normal, by its median."""
    if not (median > 0.0 and sigma >= 0.0):
        return math.nan
    return _finite(median * math.exp(sigma * normal_quantile(open_uniform01(key, agent, occurrence, repetition))))


@kernel
def lognormal_mean(key: int, agent: int, occurrence: int, repetition: int, mean: float, sigma: float) -> float:
    """Exponential of a normal, by its mean."""
    if not (mean > 0.0 and sigma >= 0.0):
        return math.nan
    z = normal_quantile(open_uniform01(key, agent, occurrence, repetition))
    return _finite(mean * math.exp(sigma * (z - 0.5 * sigma)))


@kernel
def exponential(key: int, agent: int, occurrence: int, repetition: int, mean: float) -> float:
    """Memoryless, by its mean."""
    if not mean > 0.0:
        return math.nan
    return _finite(mean * unit_exponential(key, agent, occurrence, repetition))


@kernel
def exponential_rate(key: int, agent: int, occurrence: int, repetition: int, rate: float) -> float:
    """Memoryless, by its rate."""
    if not 0.0 < rate < math.inf:
        return math.nan
    return _finite(unit_exponential(key, agent, occurrence, repetition) / rate)


@kernel
def gamma_scale(key: int, agent: int, occurrence: int, repetition: int, scale: float, shape: float) -> float:
    """Gamma, by scale and shape."""
    if not (scale > 0.0 and 0.0 < shape < math.inf):
        return math.nan
    value, boost = gamma_parts(key, agent, occurrence, repetition, 0, 1, shape)
    return _finite(scale * value * math.exp(boost))


@kernel
def gamma_mean(key: int, agent: int, occurrence: int, repetition: int, mean: float, shape: float) -> float:
    """Gamma, by mean and shape."""
    return gamma_scale(key, agent, occurrence, repetition, mean / shape, shape)


@kernel
def beta(key: int, agent: int, occurrence: int, repetition: int, alpha: float, beta: float) -> float:
    """Beta, between 0 and 1."""
    if not (0.0 < alpha < math.inf and 0.0 < beta < math.inf):
        return math.nan
    return beta_draw(key, agent, occurrence, repetition, alpha, beta)


@kernel
def weibull(key: int, agent: int, occurrence: int, repetition: int, scale: float, shape: float) -> float:
    """Weibull, by scale and shape."""
    if not (scale > 0.0 and 0.0 < shape < math.inf):
        return math.nan
    return _finite(scale * unit_exponential(key, agent, occurrence, repetition) ** (1.0 / shape))


@kernel
def pareto(key: int, agent: int, occurrence: int, repetition: int, alpha: float, minimum: float) -> float:
    """The power law above ``minimum`` with P(X > x) = (minimum / x)^alpha."""
    if not (0.0 < alpha < math.inf and minimum > 0.0):
        return math.nan
    return _finite(minimum * math.exp(unit_exponential(key, agent, occurrence, repetition) / alpha))


@kernel
def triangular(key: int, agent: int, occurrence: int, repetition: int, low: float, mode: float, high: float) -> float:
    """Rising from low to mode, falling to high."""
    if not low <= mode <= high:
        return math.nan
    return _finite(triangular_quantile(open_uniform01(key, agent, occurrence, repetition), low, mode, high))


@kernel
def poisson(key: int, agent: int, occurrence: int, repetition: int, mean: float) -> int:
    """A Poisson count, for means up to `LARGEST`."""
    if not 0.0 <= mean <= LARGEST:
        return _INVALID  # type: ignore[return-value]
    return poisson_draw(key, agent, occurrence, repetition, 0, 1, mean)


@kernel
def binomial(key: int, agent: int, occurrence: int, repetition: int, n: float, p: float) -> int:
    """Successes in n trials, for n up to `LARGEST`."""
    if not (0.0 <= n <= LARGEST and 0.0 <= p <= 1.0):
        return _INVALID  # type: ignore[return-value]
    if n <= 0.5:
        return 0  # no trials, so nothing to draw
    return binomial_draw(key, agent, occurrence, repetition, np.rint(n), p)


@kernel
def geometric(key: int, agent: int, occurrence: int, repetition: int, p: float) -> int:
    """Trials up to and including the first success; p of 1 gives 1."""
    if not 0.0 < p <= 1.0:
        return _INVALID  # type: ignore[return-value]
    failures = np.floor(unit_exponential(key, agent, occurrence, repetition) / -math.log1p(-p))
    return int(failures) + 1 if failures < 2.0 * LARGEST else _INVALID  # type: ignore[return-value]


@kernel
def negative_binomial(key: int, agent: int, occurrence: int, repetition: int, mean: float, dispersion: float) -> int:
    """A Poisson count whose mean is a gamma draw of shape ``dispersion``; each takes half of the blocks."""
    if not (0.0 <= mean <= LARGEST and 0.0 < dispersion < math.inf):
        return _INVALID  # type: ignore[return-value]
    value, boost = gamma_parts(key, agent, occurrence, repetition, 0, 2, dispersion)
    drawn = mean / dispersion * value * math.exp(boost)
    return poisson_draw(key, agent, occurrence, repetition, 1, 2, drawn) if drawn <= LARGEST else _INVALID  # type: ignore[return-value]


@kernel
def zipf(key: int, agent: int, occurrence: int, repetition: int, exponent: float, n: float) -> int:
    """A rank from 1 to n, for n up to `LARGEST`."""
    if not (0.0 <= exponent < math.inf and 1.0 <= n <= LARGEST):
        return _INVALID  # type: ignore[return-value]
    return zipf_draw(key, agent, occurrence, repetition, exponent, np.rint(n))


@kernel
def bernoulli(key: int, agent: int, occurrence: int, repetition: int, p: float) -> int:
    """1 with probability p, else 0."""
    if not 0.0 <= p <= 1.0:
        return _INVALID  # type: ignore[return-value]
    return 1 if uniform01(key, agent, occurrence, repetition) < p else 0


def gives_float(form: Form) -> bool:
    """True where the sampler of ``form`` gives float64, false where it gives int64."""
    return form.result in ("same", "number")


class _Samplers(Mapping[str, Sampler]):
    """Samplers by form, each compiled (or loaded from disk) when it is first asked for."""

    def __init__(self, *functions: Sampler) -> None:
        self._functions: dict[str, Sampler] = {function.__name__: function for function in functions}
        self._ready: dict[str, Sampler] = {}

    def __getitem__(self, name: str) -> Sampler:
        if name not in self._ready:
            numbers = ["float64"] * len(FORMS[name].parameters)
            self._ready[name] = fix_kinds(self._functions[name], *["int64"] * 4, *numbers)
        return self._ready[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)


SAMPLERS: Mapping[str, Sampler] = _Samplers(
    uniform,
    integer,
    normal,
    truncated_normal,
    lognormal_median,
    lognormal_mean,
    exponential,
    exponential_rate,
    gamma_mean,
    gamma_scale,
    beta,
    weibull,
    pareto,
    triangular,
    poisson,
    binomial,
    geometric,
    negative_binomial,
    zipf,
    bernoulli,
)
"""The scalar sampler of every form by its name."""
