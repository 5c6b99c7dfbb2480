"""The normal distribution function, bit for bit as ``scipy.stats`` gives it, without the half second of its import.

The rational approximations of Moshier's Cephes library (1989, ``ndtr.c``), after Cody, "Rational Chebyshev
approximations for the error function" (Mathematics of Computation 23, 1969).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_ROOT_HALF = math.sqrt(0.5)
_UNDERFLOW = -709.782712893383996843

_P = (
    *(2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1),
    *(1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3),
    5.57535335369399327526e2,
)
_Q = (
    *(1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2),
    *(1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2),
)
_R = (
    *(5.64189583547755073984e-1, 1.27536670759978104416e0, 5.01905042251180477414e0, 6.16021097993053585195e0),
    *(7.40974269950448939160e0, 2.97886665372100240670e0),
)
_S = (
    *(1.0, 2.26052863220117276590e0, 9.39603524938001434673e0, 1.20489539808096656605e1, 1.70814450747565897222e1),
    *(9.60896809063285878198e0, 3.36907645100081516050e0),
)
_T = (
    *(9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3),
    5.55923013010394962768e4,
)
_U = (
    *(1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4),
    4.92673942608635921086e4,
)


def normal_cdf(x: float, mean: float, sd: float) -> float:
    """The share of a normal distribution below ``x``; ``sd`` is above 0.

    >>> normal_cdf(1.0, 1.0, 2.0)
    0.5
    """
    z = (x - mean) / sd * _ROOT_HALF
    size = abs(z)
    if size < 1.0:
        square = z * z
        return 0.5 + 0.5 * (z * _polynomial(square, _T) / _polynomial(square, _U))
    tail = 0.5 * _erfc(size)
    return 1.0 - tail if z > 0 else tail


def _erfc(z: float) -> float:
    """The complementary error function for z >= 1."""
    if -z * z < _UNDERFLOW:
        return 0.0
    over, under = (_P, _Q) if z < 8.0 else (_R, _S)
    return math.exp(-z * z) * _polynomial(z, over) / _polynomial(z, under)


def _polynomial(x: float, coefficients: Sequence[float]) -> float:
    """By Horner's rule, the highest power's coefficient first."""
    result = coefficients[0]
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result
