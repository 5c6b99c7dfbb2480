"""Every sampler against scipy.stats, tails included; coupling; and what is not valid."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import special, stats

from bustle.agents.randomness import INVALID, SAMPLERS, purpose_key, sample_many
from bustle.agents.randomness.quantiles import normal_quantile, truncated_normal_quantile
from bustle.agents.randomness.samplers import gives_float
from bustle.agents.randomness.theory import frozen_distribution
from bustle.machine_code import for_scalars
from bustle.scenarios.distributions import FORMS

N = 200_000
DOUBT = 1e-4
"""Tests with fixed keys: a right sampler fails one of some 200 tests with a chance of 2 percent, seen once, here."""

CONTINUOUS: list[tuple[str, Sequence[float]]] = [
    ("uniform", (0, 1)),
    ("uniform", (-7.5, 1e6)),
    ("normal", (0, 1)),
    ("normal", (4.32e10, 2e10)),
    ("truncated_normal", (40, 15, 18, 95)),
    ("truncated_normal", (0, 1, -math.inf, 0.5)),
    ("truncated_normal", (0, 1, 4, math.inf)),
    ("truncated_normal", (10, 2, -5, -4)),
    ("truncated_normal", (0, 1, 33, math.inf)),
    ("truncated_normal", (0, 1, -40.05, -40)),
    ("lognormal_median", (28, 0.9)),
    ("lognormal_median", (5, 2.5)),
    ("lognormal_mean", (30, 0.9)),
    ("exponential", (6,)),
    ("exponential_rate", (2e-11,)),
    ("gamma_mean", (1.2, 2)),
    ("gamma_mean", (3, 0.3)),
    ("gamma_scale", (0.6, 1)),
    ("gamma_scale", (2, 0.05)),
    ("gamma_scale", (1, 400)),
    ("beta", (2, 5)),
    ("beta", (0.5, 0.5)),
    ("beta", (0.02, 5)),
    ("beta", (300, 2)),
    ("weibull", (3, 1.5)),
    ("weibull", (3, 0.4)),
    ("pareto", (1.6, 10)),
    ("pareto", (0.7, 1)),
    ("triangular", (1, 2, 5)),
    ("triangular", (0, 0, 1)),
    ("triangular", (-3, 4, 4)),
]
DISCRETE: list[tuple[str, Sequence[float]]] = [
    ("integer", (1, 6)),
    ("integer", (-0.5, 100.5)),
    ("poisson", (0.1,)),
    ("poisson", (4,)),
    ("poisson", (9.99,)),
    ("poisson", (10,)),
    ("poisson", (37.5,)),
    ("poisson", (2000,)),
    ("binomial", (10, 0.3)),
    ("binomial", (12, 0.8)),
    ("binomial", (1_000_000, 3e-6)),
    ("binomial", (20, 0.5)),
    ("binomial", (100, 0.85)),
    ("binomial", (1_000_000, 0.4)),
    ("geometric", (0.2,)),
    ("geometric", (0.97,)),
    ("geometric", (0.001,)),
    ("negative_binomial", (5, 2)),
    ("negative_binomial", (0.5, 0.1)),
    ("negative_binomial", (60, 30)),
    ("zipf", (1.1, 1000)),
    ("zipf", (1, 50)),
    ("zipf", (0, 20)),
    ("zipf", (0.4, 300)),
    ("zipf", (3, 1_000_000)),
    ("zipf", (1.5, 1)),
    ("bernoulli", (0.3,)),
    ("bernoulli", (1e-4,)),
]


def drawn(form: str, args: Sequence[float]) -> np.ndarray:
    return sample_many(form, purpose_key(20, f"{form}{args}"), np.arange(N), args=args)


def assert_share(count: int, share: float) -> None:
    """The count is one a binomial of ``N`` trials may give."""
    assert stats.binomtest(count, N, min(share, 1.0)).pvalue > DOUBT


def test_every_form_is_tested() -> None:
    assert {form for form, _ in CONTINUOUS + DISCRETE} == set(FORMS) == set(SAMPLERS)


@pytest.mark.parametrize(("form", "args"), CONTINUOUS)
def test_numbers_follow_their_distribution_and_both_its_tails(form: str, args: Sequence[float]) -> None:
    x, theory = drawn(form, args), frozen_distribution(form, args)
    below, above = theory.cdf(x), theory.sf(x)
    assert x.dtype == np.float64
    assert stats.kstest(below, "uniform").pvalue > DOUBT
    for tail in (below, above):
        beyond = tail[tail < 0.001] / 0.001
        assert_share(beyond.size, 0.001)
        assert stats.kstest(beyond, "uniform").pvalue > DOUBT


@pytest.mark.parametrize(("form", "args"), DISCRETE)
def test_counts_follow_their_distribution_and_its_tail(form: str, args: Sequence[float]) -> None:
    x, theory = drawn(form, args), frozen_distribution(form, args)
    assert x.dtype == np.int64
    low, high = theory.support()
    assert x.min() >= low
    assert x.max() <= high
    edges = np.unique(theory.ppf(np.linspace(0, 1, 200)[1:-1]))
    edges = np.concatenate(([-np.inf], edges, [np.inf]))
    expected = np.diff(theory.cdf(edges)) * N
    observed = np.histogram(x, np.nextafter(edges, np.inf))[0]
    kept = expected > 5
    if kept.sum() > 1:
        cells = [np.append(counts[kept], counts[~kept].sum()) for counts in (observed, expected)]
        if cells[1][-1] < 1:
            cells = [counts[:-1] for counts in cells]
        assert stats.chisquare(cells[0], cells[1] * (cells[0].sum() / cells[1].sum())).pvalue > DOUBT
    for share in (0.99, 0.999, 0.99999):
        at = theory.ppf(share)
        assert_share(int((x > at).sum()), float(theory.sf(at)))
        at = theory.ppf(1 - share)
        assert_share(int((x <= at).sum()), float(theory.cdf(at)))


@pytest.mark.parametrize(
    ("form", "args", "mean", "sd"),
    [
        ("poisson", (1e14,), 1e14, 1e7),
        ("binomial", (4e14, 0.5), 2e14, 1e7),
        ("gamma_scale", (1, 1e14), 1e14, 1e7),
        ("negative_binomial", (1e12, 1e12), 1e12, math.sqrt(2e12)),
    ],
)
def test_huge_counts_keep_their_spread(form: str, args: Sequence[float], mean: float, sd: float) -> None:
    assert stats.kstest((drawn(form, args) - mean) / sd, "norm").pvalue > DOUBT


def test_a_zipf_over_a_billion_ranks_has_the_right_head() -> None:
    x = drawn("zipf", (1.2, 1e9))
    total = special.zeta(1.2, 1) - special.zeta(1.2, 1e9 + 1)
    for rank in range(1, 20):
        assert_share(int((x == rank).sum()), rank**-1.2 / total)
    assert_share(int((x > 1e6).sum()), (special.zeta(1.2, 1e6 + 1) - special.zeta(1.2, 1e9 + 1)) / total)


def test_the_normal_quantile_is_exact_far_into_both_tails() -> None:
    for u in np.concatenate((np.logspace(-300, -1, 200), np.linspace(0.05, 0.95, 99), 1 - np.logspace(-15, -1, 50))):
        assert normal_quantile(u) == pytest.approx(special.ndtri(u), rel=2e-14, abs=1e-16)


@pytest.mark.parametrize("bound", [3.0, 12.0, 29.9, 30.1, 36.0, 200.0, 3e5])
@pytest.mark.parametrize("u", [1e-12, 0.02, 0.5, 0.9, 1 - 1e-9])
def test_truncated_normals_are_exact_however_far_the_bound(bound: float, u: float) -> None:
    z = truncated_normal_quantile(u, 0.0, 1.0, bound, math.inf)
    log_survival = special.log_ndtr(-z) - special.log_ndtr(-bound)
    noise = 1e-15 * bound * bound + 1e-12  # of the logs that are compared
    assert log_survival == pytest.approx(math.log1p(-u), rel=1e-9, abs=noise)
    assert truncated_normal_quantile(1 - u, 0.0, 1.0, -math.inf, -bound) == pytest.approx(-z, rel=1e-12)


def test_truncated_normals_pass_smoothly_from_one_method_to_the_other() -> None:
    for u in (0.01, 0.5, 0.99):
        near, far = (truncated_normal_quantile(u, 0.0, 1.0, 30 + d, 31.0) - d for d in (-1e-12, 1e-12))
        assert near == pytest.approx(far, abs=1e-10)


MONOTONE: list[tuple[str, int, bool, Sequence[Sequence[float]]]] = [
    ("uniform", 0, True, [(low, 5) for low in np.linspace(0, 5, 40)]),
    ("uniform", 1, True, [(0, high) for high in np.linspace(0, 5, 40)]),
    ("integer", 1, True, [(1, high) for high in range(1, 40)]),
    ("normal", 0, True, [(mean, 2) for mean in np.linspace(-1, 1, 40)]),
    ("truncated_normal", 0, True, [(mean, 2, 0, 9) for mean in np.linspace(-80, 80, 200)]),
    ("truncated_normal", 2, True, [(0, 1, low, 50) for low in np.linspace(-40, 50, 200)]),
    ("truncated_normal", 3, True, [(0, 1, -50, high) for high in np.linspace(-50, 40, 200)]),
    ("lognormal_median", 0, True, [(median, 1) for median in np.linspace(1, 9, 40)]),
    ("lognormal_mean", 0, True, [(mean, 1) for mean in np.linspace(1, 9, 40)]),
    ("exponential", 0, True, [(mean,) for mean in np.linspace(1, 9, 40)]),
    ("exponential_rate", 0, False, [(rate,) for rate in np.linspace(1, 9, 40)]),
    ("gamma_mean", 0, True, [(mean, 2) for mean in np.linspace(1, 9, 40)]),
    ("gamma_scale", 0, True, [(scale, 0.5) for scale in np.linspace(1, 9, 40)]),
    ("weibull", 0, True, [(scale, 0.5) for scale in np.linspace(1, 9, 40)]),
    ("pareto", 0, False, [(alpha, 1) for alpha in np.linspace(0.5, 3, 40)]),
    ("pareto", 1, True, [(2, minimum) for minimum in np.linspace(0.5, 3, 40)]),
    ("triangular", 1, True, [(0, mode, 9) for mode in np.linspace(0, 9, 40)]),
    ("poisson", 0, True, [(mean,) for mean in np.linspace(0, 9.99, 100)]),
    ("binomial", 0, True, [(n, 0.3) for n in range(33)]),
    ("binomial", 1, True, [(19, p) for p in np.linspace(0, 1, 100)]),
    ("geometric", 0, False, [(p,) for p in np.linspace(0.001, 1, 100)]),
    ("bernoulli", 0, True, [(p,) for p in np.linspace(0, 1, 100)]),
]


@pytest.mark.parametrize(("form", "parameter", "rising", "settings"), MONOTONE)
def test_a_changed_parameter_moves_every_draw_one_way(
    form: str, parameter: int, rising: bool, settings: Sequence[Sequence[float]]
) -> None:
    agents = np.arange(2000)
    rows = np.array([sample_many(form, 77, agents, args=args) for args in settings])
    steps = np.diff(rows, axis=0) if rising else -np.diff(rows, axis=0)
    assert steps.min() >= -1e-12 * np.abs(rows).max()
    assert (rows[-1] != rows[0]).any()


NAN, INF = math.nan, math.inf
NOT_VALID: list[tuple[str, Sequence[float]]] = [
    ("uniform", (2, 1)),
    ("uniform", (0, INF)),
    ("integer", (2, 1)),
    ("integer", (1.2, 1.8)),
    ("integer", (0, 1e300)),
    ("normal", (0, -1)),
    ("normal", (INF, 1)),
    ("truncated_normal", (0, 1, 2, 1)),
    ("truncated_normal", (0, -1, 0, 1)),
    ("truncated_normal", (0, 1, INF, INF)),
    ("lognormal_median", (0, 1)),
    ("lognormal_median", (1, -1)),
    ("lognormal_mean", (-1, 1)),
    ("exponential", (0,)),
    ("exponential_rate", (0,)),
    ("exponential_rate", (INF,)),
    ("gamma_mean", (0, 1)),
    ("gamma_mean", (-1, -1)),
    ("gamma_mean", (1, 0)),
    ("gamma_scale", (1, -2)),
    ("beta", (0, 1)),
    ("beta", (1, INF)),
    ("weibull", (1, 0)),
    ("pareto", (0, 1)),
    ("pareto", (1, 0)),
    ("pareto", (1e-6, 1)),
    ("triangular", (0, 2, 1)),
    ("poisson", (-1,)),
    ("poisson", (1e17,)),
    ("binomial", (-1, 0.5)),
    ("binomial", (3, 1.01)),
    ("geometric", (0,)),
    ("geometric", (1.5,)),
    ("geometric", (1e-300,)),
    ("negative_binomial", (-1, 1)),
    ("negative_binomial", (1, 0)),
    ("zipf", (-1, 10)),
    ("zipf", (1, 0)),
    ("bernoulli", (-0.1,)),
    ("bernoulli", (1.1,)),
]


def invalid(form: str, value: float) -> bool:
    return math.isnan(value) if gives_float(FORMS[form]) else value == INVALID


@pytest.mark.parametrize(("form", "args"), NOT_VALID)
def test_arguments_that_are_not_valid_can_be_told_from_the_result(form: str, args: Sequence[float]) -> None:
    assert invalid(form, SAMPLERS[form](purpose_key(1, "tests"), 8, 0, 0, *args))


@pytest.mark.parametrize("form", FORMS)
def test_nan_is_valid_nowhere(form: str) -> None:
    usual = next(args for name, args in CONTINUOUS + DISCRETE if name == form)
    for position in range(len(usual)):
        args = [*usual[:position], NAN, *usual[position + 1 :]]
        assert invalid(form, SAMPLERS[form](1, 2, 3, 0, *args))


@pytest.mark.parametrize(
    ("form", "args", "value"),
    [
        ("uniform", (3, 3), 3.0),
        ("integer", (4, 4), 4),
        ("normal", (3, 0), 3.0),
        ("truncated_normal", (3, 0, 5, 9), 5.0),
        ("truncated_normal", (3, 1, 5, 5), 5.0),
        ("lognormal_median", (3, 0), 3.0),
        ("lognormal_mean", (3, 0), 3.0),
        ("triangular", (2, 2, 2), 2.0),
        ("poisson", (0,), 0),
        ("binomial", (0, 0.5), 0),
        ("binomial", (9, 0), 0),
        ("binomial", (9, 1), 9),
        ("binomial", (1e6, 1), 1_000_000),
        ("geometric", (1,), 1),
        ("negative_binomial", (0, 3), 0),
        ("zipf", (2, 1), 1),
        ("bernoulli", (0,), 0),
        ("bernoulli", (1,), 1),
    ],
)
def test_degenerate_arguments_give_the_only_possible_value(form: str, args: Sequence[float], value: float) -> None:
    assert [SAMPLERS[form](5, agent, 0, 0, *args) for agent in range(50)] == [value] * 50


@pytest.mark.parametrize(("form", "args"), [*CONTINUOUS, *DISCRETE])
def test_a_sampler_gives_the_same_however_it_is_called(form: str, args: Sequence[float]) -> None:
    one, many = for_scalars(SAMPLERS[form]), sample_many(form, 7, np.arange(50), 2, 1, args).tolist()
    assert [one(7, agent, 2, 1, *args) for agent in range(50)] == many
    assert [SAMPLERS[form](7, agent, 2, 1, *args) for agent in range(50)] == many
