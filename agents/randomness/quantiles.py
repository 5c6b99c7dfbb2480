"""Inverse transforms: the value below which a share ``u`` of a distribution lies, 0 < u < 1.

Each is monotone in ``u``, and for a fixed ``u`` in its parameters, so that a changed parameter moves
a draw the way one expects. Arguments are taken as valid; `bustle.agents.randomness.samplers` looks.
"""

from __future__ import annotations

import math

from bustle.machine_code import kernel

_ROOT_HALF = math.sqrt(0.5)
_FAR_TAIL = 30.0


@kernel
def normal_quantile(u: float) -> float:
    """The standard normal quantile: PPND16 of Wichura, Algorithm AS 241, Applied Statistics 37 (1988).

    Relative error about 1e-16 for u from 1e-316 to 1 - 1e-16.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        over = 2.5090809287301226727e3
        over = over * r + 3.3430575583588128105e4
        over = over * r + 6.7265770927008700853e4
        over = over * r + 4.5921953931549871457e4
        over = over * r + 1.3731693765509461125e4
        over = over * r + 1.9715909503065514427e3
        over = over * r + 1.3314166789178437745e2
        over = over * r + 3.3871328727963666080e0
        under = 5.2264952788528545610e3
        under = under * r + 2.8729085735721942674e4
        under = under * r + 3.9307895800092710610e4
        under = under * r + 2.1213794301586595867e4
        under = under * r + 5.3941960214247511077e3
        under = under * r + 6.8718700749205790830e2
        under = under * r + 4.2313330701600911252e1
        under = under * r + 1.0
        return q * over / under
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        over = 7.74545014278341407640e-4
        over = over * r + 2.27238449892691845833e-2
        over = over * r + 2.41780725177450611770e-1
        over = over * r + 1.27045825245236838258e0
        over = over * r + 3.64784832476320460504e0
        over = over * r + 5.76949722146069140550e0
        over = over * r + 4.63033784615654529590e0
        over = over * r + 1.42343711074968357734e0
        under = 1.05075007164441684324e-9
        under = under * r + 5.47593808499534494600e-4
        under = under * r + 1.51986665636164571966e-2
        under = under * r + 1.48103976427480074590e-1
        under = under * r + 6.89767334985100004550e-1
        under = under * r + 1.67638483018380384940e0
        under = under * r + 2.05319162663775882187e0
        under = under * r + 1.0
    else:
        r -= 5.0
        over = 2.01033439929228813265e-7
        over = over * r + 2.71155556874348757815e-5
        over = over * r + 1.24266094738807843860e-3
        over = over * r + 2.65321895265761230930e-2
        over = over * r + 2.96560571828504891230e-1
        over = over * r + 1.78482653991729133580e0
        over = over * r + 5.46378491116411436990e0
        over = over * r + 6.65790464350110377720e0
        under = 2.04426310338993978564e-15
        under = under * r + 1.42151175831644588870e-7
        under = under * r + 1.84631831751005468180e-5
        under = under * r + 7.86869131145613259100e-4
        under = under * r + 1.48753612908506148525e-2
        under = under * r + 1.36929880922735805310e-1
        under = under * r + 5.99832206555887937690e-1
        under = under * r + 1.0
    z = over / under
    return -z if q < 0.0 else z


@kernel
def normal_share_below(z: float) -> float:
    """The standard normal distribution function, accurate in the lower tail."""
    return 0.5 * math.erfc(-z * _ROOT_HALF)


@kernel
def _log_mills(z: float) -> float:
    """Minus the log of z times the upper tail's share over the density, for z >= 30.

    Abramowitz and Stegun 26.2.12; the first term left out is below 2e-14.
    """
    s = 1.0 / (z * z)
    return math.log(z) - math.log1p(-s * (1.0 - 3.0 * s * (1.0 - 5.0 * s * (1.0 - 7.0 * s * (1.0 - 9.0 * s)))))


@kernel
def _excess(survival: float, near: float, far: float) -> float:
    """How far beyond ``near`` a standard normal lies that is kept in (near, far), near >= 30.

    ``survival`` is the share of the kept distribution beyond the result. With Q the upper tail,
    log Q(z) = -z^2/2 - g(z) + constant and E = -log(Q(z)/Q(near)), z^2 = near^2 + 2 (E - g(z) + g(near));
    g varies so slowly that repeated substitution gains a factor z^2 > 900 each time.
    """
    g_near = _log_mills(near)
    log_ratio = -math.inf
    if far < math.inf:
        log_ratio = -0.5 * (far - near) * (far + near) - _log_mills(far) + g_near
    e = -math.log1p((1.0 - survival) * math.expm1(log_ratio))
    excess = 0.0
    for _ in range(6):
        shift = 2.0 * (e - _log_mills(near + excess) + g_near)
        excess = shift / (math.sqrt(near * near + shift) + near)
    return excess


@kernel
def _truncated_below_mean(u: float, mean: float, sd: float, low: float, high: float) -> float:
    """The truncated normal quantile where ``low`` is not above the mean."""
    a, b = (low - mean) / sd, (high - mean) / sd
    if b < -_FAR_TAIL:
        return max(low, high - sd * _excess(u, -b, -a))
    below_low = normal_share_below(a)
    kept = normal_share_below(b) - below_low
    below = below_low + u * kept
    if below <= 0.5:
        z = normal_quantile(below)
    else:
        z = -normal_quantile(normal_share_below(-b) + (1.0 - u) * kept)
    return min(max(mean + sd * z, low), high)


@kernel
def truncated_normal_quantile(u: float, mean: float, sd: float, low: float, high: float) -> float:
    """The quantile of a normal kept between ``low`` and ``high``, good however far they are from the mean.

    By the distribution function up to 30 standard deviations, beyond by its asymptotic series; the tail
    above the mean is the mirror image of the one below. ``sd`` 0 gives the point nearest to the mean.
    """
    if sd == 0.0:
        return min(max(mean, low), high)
    if low > mean:
        return -_truncated_below_mean(1.0 - u, -mean, sd, -high, -low)
    return _truncated_below_mean(u, mean, sd, low, high)


@kernel
def triangular_quantile(u: float, low: float, mode: float, high: float) -> float:
    """The quantile of the triangular distribution."""
    width = high - low
    if u * width < mode - low:
        return low + math.sqrt(u * width * (mode - low))
    return high - math.sqrt((1.0 - u) * width * (high - mode))


@kernel
def poisson_quantile(u: float, mean: float) -> int:
    """The Poisson quantile by sequential search from 0 (Devroye 1986, X.3.3), for means below about 30."""
    share = math.exp(-mean)
    below = share
    k = 0
    while u >= below:
        k += 1
        share *= mean / k
        if below + share == below and k > mean:
            break
        below += share
    return k


@kernel
def binomial_quantile(u: float, n: float, p: float) -> int:
    """The binomial quantile by sequential search from 0 (Devroye 1986, X.4.3), for n p below about 30, p < 1."""
    share = math.exp(n * math.log1p(-p))
    odds = p / (1.0 - p)
    below = share
    k = 0
    while u >= below and k < n:
        k += 1
        share *= odds * (n - k + 1.0) / k
        if below + share == below and k > n * p:
            break
        below += share
    return k
