"""Inverse distribution functions of every form, for attributes that are correlated.

A correlated attribute is drawn by inverting its distribution at a probability that comes from a Gaussian
copula, so its distribution is the one the scenario names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bustle.agents.population import Array
from bustle.agents.randomness.quantiles import truncated_normal_quantile
from bustle.machine_code import kernel


def quantile(form: str, probability: Array, arguments: list[Array]) -> Array:
    """The value (float64) below which ``probability`` of the distribution lies, lane by lane.

    Args:
        form: A name of `bustle.scenarios.distributions.FORMS`.
        probability: float64, above 0 and below 1.
        arguments: The form's arguments, float64, within its bounds.
    """
    return np.asarray(_QUANTILES[form](probability, *arguments), dtype=np.float64)


# scipy takes a quarter of a second to import, and most scenarios correlate nothing: it is imported where it is used.


def _standard_normal(u: Array) -> Array:
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def _standard_gamma(u: Array, shape: Array) -> Array:
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, u))


def _uniform(u: Array, low: Array, high: Array) -> Array:
    return np.asarray(low + (high - low) * u)


def _integer(u: Array, low: Array, high: Array) -> Array:
    least, most = np.ceil(low), np.floor(high)
    return np.asarray(np.minimum(np.floor(least + (most - least + 1) * u), most))


def _normal(u: Array, mean: Array, sd: Array) -> Array:
    return np.asarray(mean + sd * _standard_normal(u))


def _truncated_normal(u: Array, mean: Array, sd: Array, low: Array, high: Array) -> Array:
    result = np.empty(len(u))
    _fill_truncated_normal(u, mean, sd, low, high, result)
    return result


@kernel
def _fill_truncated_normal(u: Array, mean: Array, sd: Array, low: Array, high: Array, result: Array) -> None:
    for i in range(len(u)):
        result[i] = truncated_normal_quantile(u[i], mean[i], sd[i], low[i], high[i])


def _lognormal_median(u: Array, median: Array, sigma: Array) -> Array:
    return np.asarray(median * np.exp(sigma * _standard_normal(u)))


def _lognormal_mean(u: Array, mean: Array, sigma: Array) -> Array:
    return mean * np.exp(sigma * _standard_normal(u) - sigma * sigma / 2)


def _exponential(u: Array, mean: Array) -> Array:
    return -mean * np.log1p(-u)


def _exponential_rate(u: Array, rate: Array) -> Array:
    return -np.log1p(-u) / rate


def _gamma_mean(u: Array, mean: Array, shape: Array) -> Array:
    return _standard_gamma(u, shape) * (mean / shape)


def _gamma_scale(u: Array, scale: Array, shape: Array) -> Array:
    return _standard_gamma(u, shape) * scale


def _beta(u: Array, alpha: Array, beta: Array) -> Array:
    from scipy.special import betaincinv

    return np.asarray(betaincinv(alpha, beta, u))


def _weibull(u: Array, scale: Array, shape: Array) -> Array:
    return scale * (-np.log1p(-u)) ** (1 / shape)


def _pareto(u: Array, alpha: Array, minimum: Array) -> Array:
    return minimum * np.exp(-np.log1p(-u) / alpha)


def _triangular(u: Array, low: Array, mode: Array, high: Array) -> Array:
    width = high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1 - u) * width * (high - mode))
    return np.asarray(np.where(u * width < mode - low, rising, falling))


def _poisson(u: Array, mean: Array) -> Array:
    from scipy import stats  # takes a second to import, and counts are rarely correlated

    return np.maximum(stats.poisson.ppf(u, mean), 0)


def _binomial(u: Array, n: Array, p: Array) -> Array:
    from scipy import stats

    return np.maximum(stats.binom.ppf(u, np.rint(n), p), 0)


def _geometric(u: Array, p: Array) -> Array:
    from scipy import stats

    return np.maximum(stats.geom.ppf(u, p), 1)


def _negative_binomial(u: Array, mean: Array, dispersion: Array) -> Array:
    from scipy import stats

    return np.maximum(stats.nbinom.ppf(u, dispersion, dispersion / (dispersion + mean)), 0)


def _zipf(u: Array, exponent: Array, n: Array) -> Array:
    result = np.empty(len(u))
    pairs, which = np.unique(np.stack([exponent, np.rint(n)]), axis=1, return_inverse=True)
    for index in range(pairs.shape[1]):
        ranks = np.arange(1, int(pairs[1, index]) + 1, dtype=np.float64)
        cumulative = np.cumsum(ranks ** -pairs[0, index])
        lanes = which == index
        places = np.searchsorted(cumulative, u[lanes] * cumulative[-1], side="right")
        result[lanes] = np.minimum(places, len(ranks) - 1) + 1
    return result


def _bernoulli(u: Array, p: Array) -> Array:
    return u > 1 - p


_QUANTILES: dict[str, Callable[..., Array]] = {
    "uniform": _uniform,
    "integer": _integer,
    "normal": _normal,
    "truncated_normal": _truncated_normal,
    "lognormal_median": _lognormal_median,
    "lognormal_mean": _lognormal_mean,
    "exponential": _exponential,
    "exponential_rate": _exponential_rate,
    "gamma_mean": _gamma_mean,
    "gamma_scale": _gamma_scale,
    "beta": _beta,
    "weibull": _weibull,
    "pareto": _pareto,
    "triangular": _triangular,
    "poisson": _poisson,
    "binomial": _binomial,
    "geometric": _geometric,
    "negative_binomial": _negative_binomial,
    "zipf": _zipf,
    "bernoulli": _bernoulli,
}
