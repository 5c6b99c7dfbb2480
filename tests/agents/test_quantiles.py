from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from bustle.agents.quantiles import quantile
from bustle.scenarios.distributions import FORMS

U = np.linspace(0.0005, 0.9995, 400)
THEORY: dict[str, tuple[list[float], Any]] = {
    "uniform": ([2, 5], stats.uniform(2, 3)),
    "integer": ([1, 6], stats.randint(1, 7)),
    "normal": ([3, 2], stats.norm(3, 2)),
    "truncated_normal": ([40, 15, 18, 60], stats.truncnorm(-22 / 15, 20 / 15, loc=40, scale=15)),
    "lognormal_median": ([28, 0.9], stats.lognorm(0.9, scale=28)),
    "lognormal_mean": ([30, 0.9], stats.lognorm(0.9, scale=30 * np.exp(-0.405))),
    "exponential": ([4], stats.expon(scale=4)),
    "exponential_rate": ([4], stats.expon(scale=0.25)),
    "gamma_mean": ([1.2, 2], stats.gamma(2, scale=0.6)),
    "gamma_scale": ([0.6, 0.4], stats.gamma(0.4, scale=0.6)),
    "beta": ([2, 5], stats.beta(2, 5)),
    "weibull": ([3, 1.5], stats.weibull_min(1.5, scale=3)),
    "pareto": ([1.6, 10], stats.pareto(1.6, scale=10)),
    "triangular": ([1, 2, 5], stats.triang(0.25, loc=1, scale=4)),
    "poisson": ([4], stats.poisson(4)),
    "binomial": ([10, 0.3], stats.binom(10, 0.3)),
    "geometric": ([0.2], stats.geom(0.2)),
    "negative_binomial": ([5, 2], stats.nbinom(2, 2 / 7)),
    "zipf": ([1.1, 50], stats.zipfian(1.1, 50)),
    "bernoulli": ([0.3], stats.bernoulli(0.3)),
}


def test_every_form_has_a_quantile() -> None:
    assert set(THEORY) == set(FORMS)


@pytest.mark.parametrize("form", THEORY)
def test_quantiles_are_those_of_the_distribution(form: str) -> None:
    arguments, theory = THEORY[form]
    columns = [np.full(len(U), float(argument)) for argument in arguments]
    assert quantile(form, U, columns) == pytest.approx(theory.ppf(U), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("form", THEORY)
def test_quantiles_rise_and_are_finite_at_the_ends(form: str) -> None:
    ends = np.array([2.0**-53, 1e-9, 0.5, 1 - 1e-9, 1 - 2.0**-53])
    columns = [np.full(len(ends), float(argument)) for argument in THEORY[form][0]]
    values = quantile(form, ends, columns)
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()
