"""Adoption against Bass's closed form. Each test fails by chance for less than one seed in a thousand."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

import bustle

CONFIDENCE = 1e-3
P, Q = 0.01, 0.12
"""Bass's coefficients a day: the scenario's `advertising` and `talk`."""


def bass(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of adopters after ``t`` days (Bass 1969, equation 9)."""
    gone = np.exp(-(P + Q) * t)
    return (1 - gone) / (1 + Q / P * gone)


def curve(seed: int, **values: int | float | str) -> NDArray[np.float64]:
    """The share of adopters at the start of each of 120 days."""
    with bustle.run("word_of_mouth", seed=seed, set=values) as run:
        return run.table("curve")["share"].to_numpy()


def half_time(shares: NDArray[np.float64]) -> int:
    """The first day at which half have adopted."""
    return int(np.argmax(shares >= 0.5))


def test_without_talk_everybody_adopts_after_an_exponential_time() -> None:
    with bustle.run("word_of_mouth", seed=2, set={"talk": "0 per day"}) as run:
        adoptions = run.events("adoption").collect()
        assert run.table("adoptions")["told_by"].null_count() == adoptions.height
    adopted = stats.expon(scale=1 / P)
    assert stats.binomtest(adoptions.height, 4_000, adopted.cdf(120)).pvalue > CONFIDENCE
    days = ((adoptions["time"] - datetime(2026, 1, 1)) / timedelta(days=1)).to_numpy()
    assert stats.kstest(days, lambda t: adopted.cdf(t) / adopted.cdf(120)).pvalue > CONFIDENCE


def test_with_everything_rewired_and_many_friends_the_curve_is_that_of_bass() -> None:
    """Three seeds: the mean curve strays by one hundredth, the closed form is for infinitely many friends."""
    shares = np.mean([curve(seed, rewired=1, friends=40) for seed in (1, 2, 3)], axis=0)
    assert np.abs(shares - bass(np.arange(120.0))).max() < 0.035


def test_the_more_links_lead_anywhere_the_faster_it_spreads() -> None:
    rare: dict[str, int | str] = {"people": 2_000, "advertising": "0.0003 per day"}
    slow, shipped, fast = (half_time(curve(2, rewired=rewired, **rare)) for rewired in (0.01, 0.1, 1))
    assert slow > shipped > fast
    assert slow > 1.3 * fast


def test_who_is_told_is_told_by_a_friend_who_had_adopted_before() -> None:
    with bustle.run("word_of_mouth", seed=5, scale=0.1) as run:
        adoptions, friendships = run.table("adoptions"), run.table("friendships")
        daily, shares = run.table("daily"), run.table("curve")
    assert adoptions["person"].is_unique().all()
    told = adoptions.filter(pl.col("told_by").is_not_null())
    assert (told["way"].cast(pl.String) == "told").all()
    earlier = adoptions.select(told_by="person", before="time")
    joined = told.join(earlier, on="told_by", how="left")
    assert (joined["before"] < joined["time"]).all()
    pairs = friendships.select(told_by="source", person="target")
    assert told.join(pairs, on=["told_by", "person"], how="anti").is_empty()
    assert daily["adoptions"].sum() == adoptions.height
    assert shares["share"][-1] == (adoptions["time"] < shares["time"][-1]).sum() / 400
