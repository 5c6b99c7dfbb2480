"""The epidemic against the theory of the SIR model. Each test fails by chance for less than one seed in a thousand."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import exp

import networkx
import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.optimize import brentq

import bustle

CONFIDENCE = 1e-3
PEOPLE, FIRST_CASES = 1_200, 30
INFECTED_DAYS = 5


def epidemic(seed: int, r0: float) -> bustle.Run:
    """A run whose reproduction number is ``r0``: two meetings a day, few people."""
    chance = r0 / (2 * INFECTED_DAYS)
    values: dict[str, float | str] = {
        "people": PEOPLE,
        "first_cases": FIRST_CASES,
        "contacts": "2 per day",
        "chance": chance,
    }
    return bustle.run("epidemic", seed=seed, set=values)


def final_share(r0: float) -> float:
    """The z of z = 1 - s exp(-R0 z), s the share susceptible at the start (Kermack and McKendrick 1927)."""
    s = 1 - FIRST_CASES / PEOPLE
    return float(brentq(lambda z: 1 - s * exp(-r0 * z) - z, 1e-9, 1))


@pytest.fixture(scope="module")
def runs() -> list[bustle.Run]:
    return [epidemic(seed, 2.0) for seed in range(8)]


def shares(runs: list[bustle.Run]) -> list[float]:
    return [(FIRST_CASES + run.table("infections").height) / PEOPLE for run in runs]


def test_the_final_size_is_that_of_kermack_and_mckendrick(runs: list[bustle.Run]) -> None:
    truth = final_share(2.0)
    assert stats.ttest_1samp(shares(runs), truth).pvalue > CONFIDENCE
    assert np.mean(shares(runs)) == pytest.approx(truth, rel=0.04)


def test_below_the_threshold_it_dies_out() -> None:
    runs = [epidemic(seed, 0.6) for seed in range(6)]
    truth = final_share(0.6)
    assert truth < 0.07
    assert stats.ttest_1samp(shares(runs), truth).pvalue > CONFIDENCE
    assert all(run.table("curve")["infected"][-1] == 0 for run in runs)


def test_people_are_infected_for_exponential_times(runs: list[bustle.Run]) -> None:
    times: list[float] = []
    for run in runs:
        began = run.events("infection").select("person", began="time")
        ended = run.events("recovery").join(began, on="person", how="left")
        infected = pl.col("time") - pl.col("began").fill_null(datetime(2026, 1, 1))
        times += ended.select(infected / timedelta(days=1)).collect().to_series().to_list()
    assert len(times) > 4_000
    assert stats.kstest(times, stats.expon(scale=INFECTED_DAYS).cdf).pvalue > CONFIDENCE


def test_who_infected_whom_is_a_forest_that_grows_from_the_first_cases(runs: list[bustle.Run]) -> None:
    for run in runs:
        edges = run.table("who_infected_whom")
        forest = networkx.DiGraph(edges.select("source", "target").iter_rows())
        assert networkx.is_branching(forest)
        roots = {person for person, degree in forest.in_degree() if degree == 0}
        assert roots <= set(range(FIRST_CASES))
        earlier = edges.select(source="target", before="infected_at")
        assert (edges.join(earlier, on="source").select(pl.col("infected_at") > pl.col("before"))).to_series().all()


def test_the_tables_tell_the_same_story(runs: list[bustle.Run]) -> None:
    for run in runs:
        curve, people = run.table("curve"), run.table("people")
        assert (curve.select(pl.sum_horizontal("susceptible", "infected", "recovered")).to_series() == PEOPLE).all()
        assert curve["susceptible"].is_sorted(descending=True)
        assert curve.row(0)[1:] == (PEOPLE - FIRST_CASES, FIRST_CASES, 0)
        infected = run.table("infections").select(id="person", told="source")
        assert people.join(infected, on="id").select(pl.col("source") == pl.col("told")).to_series().all()
        never = people.filter(pl.col("source").is_null() & (pl.col("id") >= FIRST_CASES))
        assert (never["state"].cast(pl.String) == "susceptible").all()
        assert never.height == curve["susceptible"][-1]
