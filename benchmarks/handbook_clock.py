"""How many purchases ``handbook_fraud`` makes with many seeds, without running it.

A customer's purchases are a Poisson process: their number is how many unit exponential gaps fit
into pace x operational time. The gaps are keyed draws, so they can be made all at once; what
comes out is, to the purchase, what a run of that seed gives (every customer has a terminal in reach).
Hundreds of seeds then show whether the counts spread as the model says.

    python -m benchmarks.handbook_clock --first 21 --seeds 300
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from scipy.stats import kstest

from bustle import Scenario
from bustle.agents.randomness import purpose_key, sample_many
from bustle.agents.rhythms import operational_time
from bustle.scenarios.calendar import DAY, Calendar


def purchases(seed: int, customers: int, operational: float) -> tuple[int, float]:
    """Purchases that all customers make with ``seed``, and how many their paces lead to expect.

    Args:
        seed: the run's seed.
        customers: how many there are.
        operational: operational microseconds of the run.
    """
    agents = np.arange(customers, dtype=np.int64)
    zeros = np.zeros(customers, dtype=np.int64)
    paces = sample_many("uniform", purpose_key(seed, "customer.pace"), agents, zeros, zeros, [0.0, 4 / DAY])
    expected = paces * operational
    most = float(expected.max())
    gaps = math.ceil(most + 10 * math.sqrt(most) + 20)
    drawn = sample_many(
        "exponential",
        purpose_key(seed, "buy.clock"),
        np.repeat(agents, gaps),
        np.tile(np.arange(gaps, dtype=np.int64), customers),
        np.zeros(customers * gaps, dtype=np.int64),
        [1.0],
    )
    reached = np.cumsum(drawn.reshape(customers, gaps), axis=1)
    return int((reached < expected[:, None]).sum()), float(expected.sum())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds, at least 2")
    arguments = parser.parse_args()

    model = Scenario.load("handbook_fraud").model
    operational = operational_time(list(model.rhythms.values()), Calendar(model.clock), model.clock.length).total
    customers = int(model.values["customers"])
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    counts, expected = np.array([purchases(seed, customers, operational) for seed in seeds]).T
    scores = (counts - expected) / np.sqrt(expected)
    print(f"seeds {seeds[0]} to {seeds[-1]}: mean {counts.mean():,.0f}, sd {counts.std(ddof=1):,.0f}")
    print(
        f"given the paces, a Poisson count: z of the sum {scores.mean() * math.sqrt(len(seeds)):+.2f},"
        f" sd of z {scores.std(ddof=1):.2f}, Kolmogorov-Smirnov p {kstest(scores, 'norm').pvalue:.2f}"
    )


if __name__ == "__main__":
    main()
