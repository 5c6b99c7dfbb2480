from __future__ import annotations

import numpy as np
from scipy import stats

from bustle.agents.randomness.normal_distribution import normal_cdf


def test_it_gives_every_bit_that_scipy_gives() -> None:
    rng = np.random.default_rng(1)
    ends = [0.0, 1.0, -1.0, np.sqrt(2), -np.sqrt(2), 8 * np.sqrt(2), -8 * np.sqrt(2), -37.0, -38.6, 40.0]
    z = np.concatenate([rng.normal(size=20_000) * 2, rng.uniform(-40, 40, 5_000), ends])
    assert [normal_cdf(x, 0.0, 1.0) for x in z.tolist()] == stats.norm.cdf(z).tolist()
    x = rng.normal(5.0, 30.0, 5_000)
    assert [normal_cdf(value, 5.0, 12.5) for value in x.tolist()] == stats.norm(5.0, 12.5).cdf(x).tolist()
