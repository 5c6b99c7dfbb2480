"""How much is paid: first digits, and how heavy the tail is."""

from __future__ import annotations

import numpy as np

from bustle.outputs.audit.arrays import Floats

_ROUNDING = 1e-9
"""So that .3 / .1, which is 2.9999999999999996, has the first digit 3."""


def first_digits(amounts: Floats) -> Floats:
    """The share of each first digit 1 to 9 among ``amounts``, all above 0; of shape (9,)."""
    mantissa = amounts / 10.0 ** np.floor(np.log10(amounts)) + _ROUNDING
    digits = np.where(mantissa >= 10, 1, np.floor(mantissa)).astype(np.int64)
    shares: Floats = np.bincount(digits, minlength=10)[1:10] / amounts.size
    return shares


def benford_deviation(amounts: Floats) -> float:
    """The mean absolute deviation of the first digits of ``amounts``, all above 0, from ``log10(1 + 1 / digit)``.

    Source: Nigrini, Benford's Law (Wiley, 2012): up to .006 conforms closely, up to .012 acceptably, up to .015
    marginally.
    """
    expected = np.log10(1 + 1 / np.arange(1, 10))
    return float(np.abs(first_digits(amounts) - expected).mean())


def tail_exponent(amounts: Floats) -> float:
    """The exponent of the power law that the largest tenth of ``amounts`` (above 0) follows best.

    Of a power law P(X > x) ~ x^-a it is a; thinner tails have larger values.

    Source: Hill, Annals of Statistics 3, 1163 (1975).
    """
    ordered = np.sort(amounts)
    largest = max(1, ordered.size // 10)
    tail, threshold = ordered[-largest:], ordered[-largest - 1]
    excess = float(np.log(tail / threshold).mean())
    return 1 / excess if excess > 0 else float("inf")
