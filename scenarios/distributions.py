"""The distributions of the language: their parameters, units and what they give.

This table is what the checker, the samplers, the documentation and their tests
share. A distribution may have several forms (``lognormal`` by median or by mean);
a form is one way to write its parameters and has one scalar sampler of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dimension = Literal["same", "per", "plain"]
Result = Literal["same", "number", "whole", "bool"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a form. ``same`` carries the unit of the result, ``per`` its inverse, ``plain`` none.

    ``minimum`` and ``maximum`` bound it, exclusive where ``open``.
    """

    name: str
    dimension: Dimension = "plain"
    minimum: float | None = None
    maximum: float | None = None
    open: bool = False
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a distribution. ``name`` is also the name of its scalar sampler."""

    name: str
    distribution: str
    parameters: tuple[Parameter, ...]
    result: Result
    about: str
    example: str


_LOW, _HIGH = Parameter("low", "same"), Parameter("high", "same")
_MEAN = Parameter("mean", "same")
_SD = Parameter("sd", "same", minimum=0)
_SIGMA = Parameter("sigma", minimum=0)
_SHAPE = Parameter("shape", minimum=0, open=True)
_POSITIVE_MEAN = Parameter("mean", "same", minimum=0, open=True)
_P = Parameter("p", minimum=0, maximum=1)

_FORMS = (
    Form("uniform", "uniform", (_LOW, _HIGH), "same", "evenly between low and high", "uniform(low=0, high=100)"),
    Form(
        "integer",
        "integer",
        (Parameter("low"), Parameter("high")),
        "whole",
        "a whole number from low to high, both included",
        "integer(low=1, high=6)",
    ),
    Form("normal", "normal", (_MEAN, _SD), "same", "the normal distribution", "normal(mean=12 hours, sd=2 hours)"),
    Form(
        "truncated_normal",
        "truncated_normal",
        (_MEAN, _SD, Parameter("low", "same"), Parameter("high", "same")),
        "same",
        "a normal distribution kept between low and high",
        "truncated_normal(mean=40, sd=15, low=18, high=95)",
    ),
    Form(
        "lognormal_median",
        "lognormal",
        (Parameter("median", "same", minimum=0, open=True), _SIGMA),
        "same",
        "exp of a normal; median, and sigma of the logarithm",
        "lognormal(median=28, sigma=0.9)",
    ),
    Form(
        "lognormal_mean",
        "lognormal",
        (_POSITIVE_MEAN, _SIGMA),
        "same",
        "exp of a normal; mean, and sigma of the logarithm",
        "lognormal(mean=30, sigma=0.9)",
    ),
    Form(
        "exponential", "exponential", (_POSITIVE_MEAN,), "same", "memoryless, by its mean", "exponential(mean=6 days)"
    ),
    Form(
        "exponential_rate",
        "exponential",
        (Parameter("rate", "per", minimum=0, open=True),),
        "same",
        "memoryless, by its rate",
        "exponential(rate=2 per day)",
    ),
    Form(
        "gamma_mean", "gamma", (_POSITIVE_MEAN, _SHAPE), "same", "gamma, by mean and shape", "gamma(mean=1.2, shape=2)"
    ),
    Form(
        "gamma_scale",
        "gamma",
        (Parameter("scale", "same", minimum=0, open=True), _SHAPE),
        "same",
        "gamma, by scale and shape",
        "gamma(scale=0.6, shape=2)",
    ),
    Form(
        "beta",
        "beta",
        (Parameter("alpha", minimum=0, open=True), Parameter("beta", minimum=0, open=True)),
        "number",
        "between 0 and 1",
        "beta(alpha=2, beta=5)",
    ),
    Form(
        "weibull",
        "weibull",
        (Parameter("scale", "same", minimum=0, open=True), _SHAPE),
        "same",
        "Weibull, by scale and shape",
        "weibull(scale=3 days, shape=1.5)",
    ),
    Form(
        "pareto",
        "pareto",
        (Parameter("alpha", minimum=0, open=True), Parameter("minimum", "same", minimum=0, open=True, default=1.0)),
        "same",
        "power law above its minimum; P(X > x) = (minimum/x)^alpha",
        "pareto(alpha=1.6, minimum=10)",
    ),
    Form(
        "triangular",
        "triangular",
        (_LOW, Parameter("mode", "same"), _HIGH),
        "same",
        "rising from low to mode, falling to high",
        "triangular(low=1, mode=2, high=5)",
    ),
    Form("poisson", "poisson", (Parameter("mean", minimum=0),), "whole", "a count, by its mean", "poisson(mean=4)"),
    Form(
        "binomial",
        "binomial",
        (Parameter("n", minimum=0), _P),
        "whole",
        "successes in n trials",
        "binomial(n=10, p=0.3)",
    ),
    Form(
        "geometric",
        "geometric",
        (Parameter("p", minimum=0, maximum=1, open=True),),
        "whole",
        "trials up to and including the first success (1, 2, ...)",
        "geometric(p=0.2)",
    ),
    Form(
        "negative_binomial",
        "negative_binomial",
        (Parameter("mean", minimum=0), Parameter("dispersion", minimum=0, open=True)),
        "whole",
        "a count with variance mean + mean^2 / dispersion",
        "negative_binomial(mean=5, dispersion=2)",
    ),
    Form(
        "zipf",
        "zipf",
        (Parameter("exponent", minimum=0), Parameter("n", minimum=1)),
        "whole",
        "a rank from 1 to n with probability proportional to rank^-exponent",
        "zipf(exponent=1.1, n=1000)",
    ),
    Form("bernoulli", "bernoulli", (_P,), "bool", "true with probability p", "bernoulli(p=0.3)"),
)

FORMS: dict[str, Form] = {form.name: form for form in _FORMS}
"""Every form by name."""

DISTRIBUTIONS: dict[str, tuple[Form, ...]] = {}
"""The forms of each distribution, by the name a scenario writes."""
for _form in _FORMS:
    DISTRIBUTIONS[_form.distribution] = (*DISTRIBUTIONS.get(_form.distribution, ()), _form)
