"""The language's distributions as scipy.stats knows them: for distribution functions and quantiles.

Rhythms take their densities from here, correlated attributes their quantiles, and tests their truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_frozen


def frozen_distribution(form: str, args: Sequence[float]) -> rv_frozen[Any]:
    """The frozen ``scipy.stats`` distribution of ``form`` with ``args`` in the form's order.

    Discrete for forms of whole numbers and ``bernoulli``. KeyError for an unknown form.

    >>> float(frozen_distribution("exponential", [2.0]).mean())
    2.0
    """
    from scipy import stats

    def between(family: Any, low: float, high: float, *shapes: float) -> Any:
        return family(*shapes, loc=low, scale=high - low)

    def lognormal(median: float, sigma: float) -> Any:
        return stats.lognorm(sigma, scale=median)

    table: dict[str, Callable[..., Any]] = {
        "uniform": lambda low, high: between(stats.uniform, low, high),
        "integer": lambda low, high: stats.randint(math.ceil(low), math.floor(high) + 1),
        "normal": lambda mean, sd: stats.norm(mean, sd),
        "truncated_normal": lambda mean, sd, low, high: stats.truncnorm(
            (low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd
        ),
        "lognormal_median": lognormal,
        "lognormal_mean": lambda mean, sigma: lognormal(mean * math.exp(-0.5 * sigma * sigma), sigma),
        "exponential": lambda mean: stats.expon(scale=mean),
        "exponential_rate": lambda rate: stats.expon(scale=1.0 / rate),
        "gamma_mean": lambda mean, shape: stats.gamma(shape, scale=mean / shape),
        "gamma_scale": lambda scale, shape: stats.gamma(shape, scale=scale),
        "beta": lambda alpha, beta: stats.beta(alpha, beta),
        "weibull": lambda scale, shape: stats.weibull_min(shape, scale=scale),
        "pareto": lambda alpha, minimum: stats.pareto(alpha, scale=minimum),
        "triangular": lambda low, mode, high: between(stats.triang, low, high, (mode - low) / (high - low)),
        "poisson": lambda mean: stats.poisson(mean),
        "binomial": lambda n, p: stats.binom(round(n), p),
        "geometric": lambda p: stats.geom(p),
        "negative_binomial": lambda mean, dispersion: stats.nbinom(dispersion, dispersion / (dispersion + mean)),
        "zipf": lambda exponent, n: stats.zipfian(exponent, round(n)),
        "bernoulli": lambda p: stats.bernoulli(p),
    }
    frozen: rv_frozen[Any] = table[form](*args)
    return frozen
