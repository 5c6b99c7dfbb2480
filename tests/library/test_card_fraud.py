"""What the card payments promise. Tests of chance fail for less than one seed in a thousand."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bustle

CONFIDENCE = 1e-3
DAYS = 42
SIZE: dict[str, int] = {"cardholders": 800, "merchants": 600, "thieves": 6}


@pytest.fixture(scope="module")
def runs() -> list[bustle.Run]:
    return [bustle.run("card_fraud", seed=seed, length=f"{DAYS} days", set=SIZE) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def purchases(runs: list[bustle.Run]) -> pl.DataFrame:
    """All purchases, with the seed of their run."""
    return pl.concat(run.table("transactions").with_columns(seed=pl.lit(n)) for n, run in enumerate(runs))


def auc(score: pl.Series, fraud: pl.Series) -> float:
    """The chance that a fraud has the higher score, or the lower if that is likelier (Mann and Whitney 1947)."""
    frauds = int(fraud.sum())
    above = float(stats.rankdata(score)[fraud].sum()) - frauds * (frauds + 1) / 2
    area = above / (frauds * (len(fraud) - frauds))
    return max(area, 1 - area)


# --- how much, and how hard to see ---------------------------------------------


def test_one_to_five_in_a_thousand_purchases_are_fraud(purchases: pl.DataFrame) -> None:
    assert 0.001 < purchases["fraud"].cast(pl.Float64).mean() < 0.005  # type: ignore[operator]


def test_a_cardholder_buys_as_often_as_their_pace_says(runs: list[bustle.Run]) -> None:
    """Given the paces the count of all is Poisson; cards that are blocked for some days take away a percent at most."""
    for run in runs:
        expected = DAYS * float(run.table("cardholders")["pace"].sum())
        honest = run.table("transactions").filter(~pl.col("fraud")).height
        assert 0.99 * expected - 3.3 * expected**0.5 < honest < expected + 3.3 * expected**0.5


@pytest.mark.parametrize("column", ["amount", "hour", "category"])
def test_no_single_column_gives_the_fraud_away(purchases: pl.DataFrame, column: str) -> None:
    """Hour and category are scored by their share of fraud in these very data: no score of them does better."""
    columns = purchases.select("fraud", "amount", "category", hour=pl.col("time").dt.hour())
    score = columns["amount"]
    if column != "amount":
        score = columns.select(pl.col("fraud").cast(pl.Float64).mean().over(column)).to_series()
    assert 0.5 <= auc(score, columns["fraud"]) < 0.75


# --- when and where ------------------------------------------------------------


@pytest.mark.parametrize("part", ["hour", "weekday"])
def test_honest_purchases_follow_the_rhythm_of_the_day_and_the_week(purchases: pl.DataFrame, part: str) -> None:
    rhythm = bustle.Scenario.load("card_fraud").model.rhythms["shopping"]
    hours = pl.DataFrame({"hour": range(24), "weight": rhythm.hours}, schema_overrides={"hour": pl.Int8})
    days = pl.DataFrame({"weekday": range(1, 8), "factor": rhythm.weekdays}, schema_overrides={"weekday": pl.Int8})
    clock = (
        purchases["time"].dt.truncate("1d").unique().to_frame("day").with_columns(weekday=pl.col("day").dt.weekday())
    )
    expected = clock.join(days, on="weekday").join(hours, how="cross")
    weights = expected.group_by(part).agg(weight=(pl.col("weight") * pl.col("factor")).sum())
    assert clock.height == DAYS
    time = pl.col("time").dt.hour() if part == "hour" else pl.col("time").dt.weekday()
    counts = purchases.filter(~pl.col("fraud")).group_by(time.alias(part)).len()
    both = weights.join(counts, on=part)
    assert both.height == weights.height
    shares = both["weight"] / both["weight"].sum()
    assert stats.chisquare(both["len"], shares * both["len"].sum()).pvalue > CONFIDENCE


def test_thieves_keep_other_hours(purchases: pl.DataFrame) -> None:
    night = purchases.group_by("fraud").agg((pl.col("time").dt.hour() < 6).mean()).sort("fraud").to_series(1)
    assert night[1] > 2 * night[0]


def test_people_buy_around_home(runs: list[bustle.Run]) -> None:
    for run in runs:
        people = run.table("cardholders").select(card="id", home_x="x", home_y="y")
        shops = run.table("merchants").select(merchant="id", x="x", y="y")
        bought = run.table("transactions").filter(~pl.col("fraud") & (pl.col("category").cast(pl.String) != "online"))
        places = bought.join(people, on="card").join(shops, on="merchant")
        homes, visited = places.select("home_x", "home_y").to_numpy(), places.select("x", "y").to_numpy()
        near = np.median(np.hypot(*(homes - visited).T))
        far = np.median(np.hypot(*(homes - np.random.default_rng(0).permutation(visited)).T))
        assert near < far / 3


def test_a_few_merchants_have_most_customers(purchases: pl.DataFrame) -> None:
    counts = purchases.group_by("seed", "merchant").len().sort("len", descending=True)["len"].to_numpy()
    assert counts[: len(counts) // 10].sum() > 0.4 * counts.sum()


# --- the bank, the thieves and the labels --------------------------------------


def test_nobody_buys_with_a_blocked_card_until_the_new_one_has_come(runs: list[bustle.Run]) -> None:
    soon = 0
    for run in runs:
        blocked = run.events("card_blocked").select("card", "time", blocked="time").collect()
        bought = run.events("purchase").select("card", "time").collect()
        after = bought.join_asof(blocked, on="time", by="card", check_sortedness=False).drop_nulls()
        assert blocked.height > 10 and after.height > 100
        gaps = after["time"] - after["blocked"]
        assert (gaps >= timedelta(days=5)).all()
        soon += len(gaps.filter(gaps < timedelta(days=6)))
    assert soon > 10


def test_every_fraud_belongs_to_one_theft_and_nothing_else_does(runs: list[bustle.Run]) -> None:
    for run in runs:
        rows = run.table("transactions")
        assert (rows["episode"].is_not_null() == rows["fraud"]).all()
        thefts = rows.filter("fraud").group_by("episode").agg(pl.col("card").n_unique(), pl.col("time").min())
        assert thefts.height > 3
        assert (thefts["card"] == 1).all()


def test_a_theft_ends_when_the_card_is_blocked(runs: list[bustle.Run]) -> None:
    for run in runs:
        blocked = run.events("card_blocked").select("card", "time", blocked="time").collect()
        frauds = run.events("purchase").filter("fraud").select("card", "time", "episode").collect()
        ends = frauds.join_asof(blocked, on="time", by="card", strategy="forward", check_sortedness=False)
        assert (ends.group_by("episode").agg(pl.col("blocked").n_unique())["blocked"] == 1).all()


def test_labels_become_known_after_the_purchase(purchases: pl.DataFrame) -> None:
    days = (purchases["known"] - purchases["time"]).dt.total_microseconds() / 86_400_000_000
    assert days.min() > 0  # type: ignore[operator]
    assert stats.kstest(days, stats.lognorm(0.8, scale=9).cdf).pvalue > CONFIDENCE


def test_fewer_thieves_make_less_fraud_and_leave_the_honest_alone() -> None:
    """Where nobody's card is stolen, honest purchases differ only by cards that were blocked for a theft."""
    tables = []
    for thieves in (0, 6):
        with bustle.run(
            "card_fraud", seed=1, length="20 days", set={**SIZE, "cardholders": 300, "thieves": thieves}
        ) as run:
            tables.append(run.table("transactions"))
            cards = run.events("purchase").filter("fraud").select("card").unique().collect()["card"]
    without, some = tables
    assert not without["fraud"].any() and some["fraud"].any()
    untouched = [t.filter(~pl.col("card").is_in(cards.implode())).drop("known") for t in tables]
    assert untouched[0].equals(untouched[1])
