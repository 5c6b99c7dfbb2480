"""Rejection samplers, for distributions whose quantiles are dear.

Attempt after attempt takes the next Philox block of the same draw, so a draw stays a pure function
of its address. ``first`` is the first block to use and ``step`` the distance to the next one, which
lets two samplers share a draw. Less than half of all attempts fail whatever the arguments, so the
chance that 300 blocks in a row do not serve is below 1e-90; then NaN or `INVALID` is given.
Arguments are taken as valid; `bustle.agents.randomness.samplers` looks.
"""

from __future__ import annotations

import math

import numpy as np

from bustle.agents.randomness.philox import BLOCKS, halves, open_unit
from bustle.agents.randomness.quantiles import binomial_quantile, normal_quantile, poisson_quantile
from bustle.machine_code import kernel

INVALID = -(2**63)
"""What a sampler of whole numbers gives for arguments that are not valid."""

_INVALID = np.int64(INVALID)  # Numba would take the Python constant for a uint64

LARGEST = 2.0**53
"""The largest count: beyond it float64 does not hold every whole number."""

_SEARCHED = 10.0
_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@kernel
def gamma_parts(
    key: int, agent: int, occurrence: int, repetition: int, first: int, step: int, shape: float
) -> tuple[float, float]:
    """A standard gamma draw as (g, b), its value being g exp(b).

    Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000), section 6;
    for shapes below 1 by their remark G(shape) = G(shape + 1) U^(1/shape), with log(U) / shape kept apart
    because U^(1/shape) may be too small for a float64.
    """
    boost = 0.0
    if shape < 1.0:
        bits, _ = halves(key, agent, occurrence, repetition, first)
        boost = math.log(open_unit(bits)) / shape
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    for block in range(first + step, BLOCKS, step):
        bits, more_bits = halves(key, agent, occurrence, repetition, block)
        x = normal_quantile(open_unit(bits))
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = open_unit(more_bits)
        square = x * x
        if u < 1.0 - 0.0331 * square * square or math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return d * v, boost
    return math.nan, boost


@kernel
def beta_draw(key: int, agent: int, occurrence: int, repetition: int, alpha: float, beta: float) -> float:
    """A beta draw as X / (X + Y) of two gamma draws (Devroye 1986, IX.4.1), in logs so that tiny shapes work."""
    x, boost_x = gamma_parts(key, agent, occurrence, repetition, 0, 2, alpha)
    y, boost_y = gamma_parts(key, agent, occurrence, repetition, 1, 2, beta)
    return 1.0 / (1.0 + math.exp(math.log(y) + boost_y - math.log(x) - boost_x))


@kernel
def _stirling_error(n: float) -> float:
    """The log of n! less Stirling's formula.

    Loader, "Fast and accurate computation of binomial probabilities" (2000), section 2.
    """
    if n < 16.0:
        return math.lgamma(n + 1.0) - (n + 0.5) * math.log(n) + n - _HALF_LOG_TWO_PI
    s = 1.0 / (n * n)
    return (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / n


@kernel
def _deviance(x: float, mean: float) -> float:
    """The value of x log(x / mean) + mean - x without cancellation (Loader 2000, section 4)."""
    gap = x - mean
    if abs(gap) >= 0.1 * (x + mean):
        return x * math.log(x / mean) - gap
    v = gap / (x + mean)
    total = gap * v
    term = 2.0 * x * v
    square = v * v
    for j in range(1, 100):
        term *= square
        longer = total + term / (2 * j + 1)
        if longer == total:
            break
        total = longer
    return total


@kernel
def log_poisson_share(k: float, mean: float) -> float:
    """The log of the Poisson probability of ``k`` (Loader 2000, equation 8)."""
    if k == 0.0:
        return -mean
    return -_stirling_error(k) - _deviance(k, mean) - _HALF_LOG_TWO_PI - 0.5 * math.log(k)


@kernel
def log_binomial_share(k: float, n: float, p: float) -> float:
    """The log of the binomial probability of ``k`` (Loader 2000, equation 6), 0 < p < 1."""
    if k == 0.0:
        return n * math.log1p(-p)
    if k == n:
        return n * math.log(p)
    rest = n - k
    return (
        _stirling_error(n)
        - _stirling_error(k)
        - _stirling_error(rest)
        - _deviance(k, n * p)
        - _deviance(rest, n * (1.0 - p))
        - _HALF_LOG_TWO_PI
        - 0.5 * math.log(k * (rest / n))
    )


@kernel
def poisson_draw(key: int, agent: int, occurrence: int, repetition: int, first: int, step: int, mean: float) -> int:
    """A Poisson draw: by quantile up to a mean of 10, above by PTRS.

    Hoermann, "The transformed rejection method for generating Poisson random variables", Insurance:
    Mathematics and Economics 12 (1993), algorithm PTRS, with Loader's form of the probabilities.
    """
    if mean < _SEARCHED:
        bits, _ = halves(key, agent, occurrence, repetition, first)
        return poisson_quantile(open_unit(bits), mean)
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    for block in range(first, BLOCKS, step):
        bits, more_bits = halves(key, agent, occurrence, repetition, block)
        u, v = open_unit(bits) - 0.5, open_unit(more_bits)
        room = 0.5 - abs(u)
        k = np.floor((2.0 * a / room + b) * u + mean + 0.43)
        if room >= 0.07 and v <= squeeze:
            return int(k)
        if k < 0.0 or k > 2.0 * LARGEST or (room < 0.013 and v > room):
            continue
        if math.log(v * inverse_alpha / (a / (room * room) + b)) <= log_poisson_share(k, mean):
            return int(k)
    return _INVALID  # type: ignore[return-value]


@kernel
def binomial_draw(key: int, agent: int, occurrence: int, repetition: int, n: float, p: float) -> int:
    """A binomial draw: by quantile where n min(p, 1 - p) is below 10, else by BTRS; p above 1/2 by reflection.

    Hoermann, "The generation of binomial random variates", Journal of Statistical Computation and
    Simulation 46 (1993), algorithm BTRS, with Loader's form of the probabilities.
    """
    q = min(p, 1.0 - p)
    if n * q < _SEARCHED:
        bits, _ = halves(key, agent, occurrence, repetition, 0)
        u = open_unit(bits)
        return int(n) - binomial_quantile(1.0 - u, n, q) if p > 0.5 else binomial_quantile(u, n, q)
    spread = math.sqrt(n * q * (1.0 - q))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * q
    alpha = (2.83 + 5.1 / b) * spread
    squeeze = 0.92 - 4.2 / b
    log_top = log_binomial_share(np.floor((n + 1.0) * q), n, q)
    for block in range(BLOCKS):
        bits, more_bits = halves(key, agent, occurrence, repetition, block)
        u, v = open_unit(bits) - 0.5, open_unit(more_bits)
        room = 0.5 - abs(u)
        k = np.floor((2.0 * a / room + b) * u + n * q + 0.5)
        if k < 0.0 or k > n:
            continue
        if (room >= 0.07 and v <= squeeze) or (
            math.log(v * alpha / (a / (room * room) + b)) <= log_binomial_share(k, n, q) - log_top
        ):
            return int(n - k) if p > 0.5 else int(k)
    return _INVALID  # type: ignore[return-value]


@kernel
def _power_integral(x: float, exponent: float) -> float:
    """The integral of t^-exponent from 1 to x, steady as the exponent passes 1."""
    log_x = math.log(x)
    t = (1.0 - exponent) * log_x
    return log_x * (math.expm1(t) / t if t != 0.0 else 1.0)


@kernel
def _inverse_power_integral(y: float, exponent: float) -> float:
    """The x at which `_power_integral` is ``y``."""
    t = max(y * (1.0 - exponent), -1.0)
    return math.exp(y * (math.log1p(t) / t if t != 0.0 else 1.0))


@kernel
def zipf_draw(key: int, agent: int, occurrence: int, repetition: int, exponent: float, n: float) -> int:
    """A rank from 1 to n with probability proportional to rank^-exponent, in constant time for any exponent >= 0.

    Hoermann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
    distributions", ACM TOMACS 6 (1996), algorithm of section 3 with its shortcut ``s``.
    """
    top = _power_integral(1.5, exponent) - 1.0
    bottom = _power_integral(n + 0.5, exponent)
    shortcut = 2.0 - _inverse_power_integral(_power_integral(2.5, exponent) - 2.0**-exponent, exponent)
    for block in range(BLOCKS):
        bits, _ = halves(key, agent, occurrence, repetition, block)
        y = bottom + open_unit(bits) * (top - bottom)
        x = _inverse_power_integral(y, exponent)
        k = min(max(np.floor(x + 0.5), 1.0), n)
        if k - x <= shortcut or y >= _power_integral(k + 0.5, exponent) - k**-exponent:
            return int(k)
    return _INVALID  # type: ignore[return-value]
