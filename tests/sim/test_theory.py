"""Runs against what theory knows. Every test fails by chance less than once in a thousand seeds; the seed is fixed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import simpy
from scipy import stats

from bustle.sim.python_agents import PythonAgent, seconds

Simulate = Callable[..., Any]

CONFIDENCE = 1e-3
HOUR = 3_600_000_000
DAY = 24 * HOUR


def counts_of(run: Any, event: str, agents: int) -> Any:
    return np.bincount(run.column(event, "agent"), minlength=agents)


def p_value_of_counts(counts: Any, at_least: Callable[[int], float]) -> float:
    """Chi-square of counts by agent against P(count >= n), classes with fewer than 8 expected pooled."""
    size = len(counts)
    observed, expected, below = [], [], 0
    for n in range(1, 200):
        if size * (at_least(below) - at_least(n)) < 8 or size * at_least(n) < 8:
            continue
        observed.append(np.count_nonzero((counts >= below) & (counts < n)))
        expected.append(size * (at_least(below) - at_least(n)))
        below = n
    observed.append(np.count_nonzero(counts >= below))
    expected.append(size * at_least(below))
    return float(stats.chisquare(observed, expected).pvalue)


def test_a_rate_gives_poisson_counts(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 2000}}
events: {tick: {}}
behaviors: {go: {who: a, rate: 1.3 per day, do: emit tick()}}
""",
        length="3 days",
    )
    counts = counts_of(run, "tick", 2000)
    assert p_value_of_counts(counts, lambda n: stats.poisson.sf(n - 1, 3.9)) > CONFIDENCE


def test_a_changing_rate_gives_poisson_counts_of_its_integral(simulate: Simulate) -> None:
    """A what-if doubles the rate half way; a rhythm shapes it, which over whole days changes no mean."""
    run = simulate(
        """
parameters: {pace: {value: 1 per day}}
populations: {a: {size: 2000}}
rhythms: {light: {hours: [0,0,0,0,0,0,1,2,3,4,5,5,5,5,5,5,5,4,3,2,1,1,0,0]}}
events: {tick: {}}
behaviors: {go: {who: a, rate: pace, rhythm: light, do: emit tick()}}
interventions: {faster: {at: 2 days, set: {pace: 2 per day}}}
""",
        length="4 days",
    )
    counts = counts_of(run, "tick", 2000)
    assert p_value_of_counts(counts, lambda n: stats.poisson.sf(n - 1, 6.0)) > CONFIDENCE
    hours = np.array(run.column("tick", "time")) % DAY // HOUR
    weights = np.array([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 4, 3, 2, 1, 1, 0, 0])
    observed = np.bincount(hours, minlength=24)
    assert observed[weights == 0].sum() == 0
    shares = weights[weights > 0] / weights.sum()
    assert stats.chisquare(observed[weights > 0], shares * observed.sum()).pvalue > CONFIDENCE


def test_gamma_gaps_give_renewal_counts(simulate: Simulate) -> None:
    """n gaps of shape k sum to a gamma of shape n k, so P(count >= n) is its distribution function (Cox 1962)."""
    run = simulate(
        """
populations: {a: {size: 2000}}
events: {tick: {}}
behaviors: {go: {who: a, every: "gamma(mean=1 day, shape=2.5)", do: emit tick()}}
""",
        length="4 days",
    )
    counts = counts_of(run, "tick", 2000)
    assert p_value_of_counts(counts, lambda n: stats.gamma.cdf(4, 2.5 * n, scale=1 / 2.5) if n else 1.0) > CONFIDENCE


def test_states_of_a_markov_chain_take_their_stationary_shares(simulate: Simulate) -> None:
    """Three states with exponential stays: the stationary shares solve p Q = 0."""
    run = simulate(
        """
populations: {a: {size: 1500, states: {one: [two], two: [one, three], three: [one]}}}
behaviors:
  leave_one: {who: a, while: one, rate: 2 per day, do: become(two)}
  go_back: {who: a, while: two, rate: 1 per day, do: become(one)}
  go_on: {who: a, while: two, every: exponential(mean=12 hours), do: become(three)}
  leave_three: {who: a, while: three, every: exponential(rate=4 per day), do: become(one)}
""",
        length="6 days",
    )
    generator = np.array([[-2.0, 2.0, 0.0], [1.0, -3.0, 2.0], [4.0, 0.0, -4.0]])
    system = np.vstack([generator.T, np.ones(3)])
    shares = np.linalg.lstsq(system, np.array([0, 0, 0, 1.0]), rcond=None)[0]
    observed = np.bincount(run.agents("a")["state"], minlength=3)
    assert stats.chisquare(observed, 1500 * shares).pvalue > CONFIDENCE


def test_waits_in_a_simpy_queue_are_those_of_an_m_m_1_queue(simulate: Simulate) -> None:
    """The mean wait is rho / (mu - lambda); a share 1 - rho is served at once (Kleinrock 1975, section 3.2)."""

    class Desk(PythonAgent):
        def process(self) -> Any:
            self.clerk = simpy.Resource(self.env, capacity=1)
            while True:
                yield self.after(self.draw("gap", "exponential", mean=seconds(100)))
                self.env.process(self.serve())

        def serve(self) -> Any:
            arrived = self.env.now
            service = self.draw("service", "exponential", mean=seconds(60))
            with self.clerk.request() as turn:
                yield turn
                self.emit("served", waited=self.env.now - arrived)
                yield self.after(service)

    desks = 24
    run = simulate(
        f"populations: {{desk: {{size: {desks}, class: m.py:Desk}}}}\nevents: {{served: {{waited: duration}}}}\n",
        classes={"desk": Desk},
        length="1 day",
    )
    rows = [row for row in run.rows("served") if row["time"] > 2 * HOUR]
    rho, mean_wait = 0.6, 0.6 / (1 / 60 - 1 / 100)
    waits = [np.mean([r["waited"] / 1e6 for r in rows if r["agent"] == n]) for n in range(desks)]
    shares = [np.mean([r["waited"] == 0 for r in rows if r["agent"] == n]) for n in range(desks)]
    for means, truth in ((waits, mean_wait), (shares, 1 - rho)):
        deviation = (np.mean(means) - truth) / (np.std(means, ddof=1) / math.sqrt(desks))
        assert 2 * stats.t.sf(abs(deviation), desks - 1) > CONFIDENCE
        assert np.mean(means) == np.clip(np.mean(means), 0.9 * truth, 1.1 * truth)
