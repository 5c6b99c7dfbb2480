"""What card_payments promises about a single run. Tests of chance fail for less than one seed in a thousand."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bustle

CONFIDENCE = 1e-3
DAYS = 90
SETTLED = 60
"""Schemes that begin in the first 60 days are over at the end: the longest takes some weeks."""

SIZE: dict[str, int | float | str] = {
    "cardholders": 1500,
    "merchants": 600,
    "fraudsters": 10,
    "fraud_rate": 0.02,
    "drift_at": "200 days",
}
SHARES = ("testing", "skimming", "takeover", "stolen", "details", "scam", "collusion", "first_party")


@pytest.fixture(scope="module")
def run() -> bustle.Run:
    return bustle.run("card_payments", seed=1, length=f"{DAYS} days", set=SIZE)


@pytest.fixture(scope="module")
def payments(run: bustle.Run) -> pl.DataFrame:
    return run.table("transactions")


@pytest.fixture(scope="module")
def schemes(payments: pl.DataFrame) -> pl.DataFrame:
    """One row for each fraud case that began early enough to be over: typology, first time, number of payments."""
    first = payments["time"].min()
    assert first is not None
    return (
        payments.filter(pl.col("fraud"))
        .group_by("episode")
        .agg(pl.col("typology").first(), pl.col("time").min(), pl.len().alias("payments"))
        .filter(pl.col("time") < first + timedelta(days=SETTLED))  # type: ignore[operator]
    )


def parameter(run: bustle.Run, name: str) -> float:
    """The value of a parameter of the run."""
    return float(run.manifest["parameters"][name]["value"])


# --- how much fraud, of which kind ------------------------------------------------


@pytest.mark.parametrize("typology", SHARES)
def test_each_typology_has_the_cases_payments_and_share_that_its_parameters_say(
    run: bustle.Run, schemes: pl.DataFrame, typology: str
) -> None:
    """Cases are Poisson; the payments of a case are 1 + Poisson, so the sum of them is compound Poisson."""
    length = parameter(run, f"{typology}_length")
    share = parameter(run, f"{typology}_share") / sum(parameter(run, f"{name}_share") for name in SHARES)
    honest_rate = parameter(run, "cardholders") * parameter(run, "purchases_a_day") * SETTLED
    if typology == "first_party":  # each dishonest cardholder begins by themselves, and there are few of them
        dishonest = float(run.table("cardholders")["is_dishonest"].sum())
        honest_rate *= dishonest / (parameter(run, "cardholders") * parameter(run, "dishonest"))
    expected = parameter(run, "fraud_rate") * share * honest_rate / length
    mine = schemes.filter(pl.col("typology") == typology)
    low, high = stats.poisson.interval(1 - CONFIDENCE, expected)
    # A scheme that begins in the last hours of the period may make its first payment after it, and the other way round.
    assert 0.98 * low - 2 <= mine.height <= 1.02 * high + 2
    payments = float(mine["payments"].sum())
    second_moment = length**2 + (length - 1)
    deviation = stats.norm.isf(CONFIDENCE / 2) * math.sqrt(mine.height * (second_moment - length**2))
    assert abs(payments - mine.height * length) < deviation + 1


def test_the_share_of_fraud_is_the_rate_that_was_asked_for(run: bustle.Run, schemes: pl.DataFrame) -> None:
    """Of payments wanted: closed shops and blocked cards move it by a few percent."""
    frauds = float(schemes["payments"].sum())
    everything = parameter(run, "cardholders") * parameter(run, "purchases_a_day") * SETTLED
    spread = math.sqrt(float((schemes["payments"].cast(pl.Float64) ** 2).sum()))
    assert (
        abs(frauds - parameter(run, "fraud_rate") * everything)
        < stats.norm.isf(CONFIDENCE / 2) * spread + 0.03 * frauds
    )


def test_undisguised_fraud_asks_for_as_much_as_greed_says() -> None:
    """At difficulty 0 nothing is disguised: the logarithm of amount over what is usual is normal around log(greed)."""
    settings = SIZE | {"difficulty": 0, "greed": 5.0}
    run = bustle.run("card_payments", seed=2, length="30 days", set=settings)
    ratio = (
        run.table("transactions")
        .filter(pl.col("typology").is_in(["details", "skimming"]))
        .with_columns(pl.col("card", "merchant").cast(pl.Int64))
        .join(run.table("cardholders").select(card=pl.col("id").cast(pl.Int64), basket="basket"), on="card")
        .join(run.table("merchants").select(merchant=pl.col("id").cast(pl.Int64), price="price"), on="merchant")
        .select((pl.col("amount") / (pl.col("basket") * pl.col("price"))).log())
        .to_series()
    )
    assert len(ratio) > 300
    error = 0.7 / math.sqrt(len(ratio))
    assert abs(float(ratio.to_numpy().mean()) - math.log(5)) < stats.norm.isf(CONFIDENCE / 2) * error + 0.01  # cents


# --- labels ---------------------------------------------------------------------


def test_labels_come_in_order_and_what_nobody_noticed_is_not_observed(payments: pl.DataFrame) -> None:
    assert payments.select((pl.col("fraud") == (pl.col("typology") != "honest")).all()).item()
    honest = payments.filter(~pl.col("fraud"))
    assert honest.select(pl.col("reported", "detected", "episode").is_null().all()).row(0) == (True, True, True)
    assert payments.select((pl.col("observed") == (pl.col("fraud") & pl.col("detected").is_not_null())).all()).item()
    assert payments.filter(pl.col("detected") <= pl.col("time")).is_empty()
    assert payments.filter(pl.col("detected") > pl.col("reported")).is_empty()
    assert payments.filter(pl.col("known") <= pl.col("time")).is_empty()
    assert payments.filter(pl.col("known") < pl.col("detected")).is_empty()
    frauds = payments.filter(pl.col("fraud"))
    assert 0.1 < 1 - frauds["observed"].cast(pl.Float64).mean() < 0.5  # type: ignore[operator]


def test_the_role_says_who_brought_a_payment_about(payments: pl.DataFrame) -> None:
    pairs = payments.select(pl.col("typology", "role").cast(pl.String)).unique().rows()
    special = {"honest": "honest", "scam": "victim", "collusion": "accomplice", "first_party": "denier"}
    assert dict(pairs) == {name: special.get(name, "thief") for name in ("honest", *SHARES)} and len(pairs) == 9


def test_approved_frauds_are_reported_in_the_share_that_was_asked_for(run: bustle.Run, payments: pl.DataFrame) -> None:
    frauds = payments.filter(pl.col("fraud") & (pl.col("response") == "approved"))
    reported = int(frauds["reported"].is_not_null().sum())
    assert stats.binomtest(reported, frauds.height, parameter(run, "reporting")).pvalue > CONFIDENCE


def test_all_honest_occasions_and_all_answers_of_the_bank_occur(payments: pl.DataFrame) -> None:
    assert set(payments["occasion"].unique().to_list()) == {"ordinary", "travel", "new_flat", "wedding", "night_shift"}
    assert payments.filter(pl.col("fraud") & (pl.col("occasion") != "ordinary")).is_empty()
    answers = set(payments["response"].unique().to_list())
    assert {"approved", "no_funds", "wrong_pin", "suspected", "blocked"} <= answers
    for answer in ("wrong_pin", "suspected", "blocked"):  # the bank is wrong about honest people too
        assert payments.filter((pl.col("response") == answer) & ~pl.col("fraud")).height > 0


# --- the ledger -----------------------------------------------------------------


def test_every_posting_takes_the_balance_on_from_the_one_before_to_the_cent(
    run: bustle.Run, payments: pl.DataFrame
) -> None:
    ledger = run.table("ledger").with_columns(
        (pl.col("amount", "old_balance", "new_balance") * 100).round().cast(pl.Int64)
    )
    assert (ledger["old_balance"] + ledger["amount"] == ledger["new_balance"]).all()
    previous = ledger.with_columns(previous=pl.col("new_balance").shift().over("card")).drop_nulls("previous")
    assert previous.height > 100_000 and (previous["previous"] == previous["old_balance"]).all()
    approved = payments.filter(pl.col("response") == "approved")
    purchases = ledger.filter(pl.col("kind") == "purchase")
    assert purchases.select("time", "card").equals(approved.select("time", "card"))
    assert (-purchases["amount"] == (approved["amount"] * 100).round().cast(pl.Int64)).all()


# --- ordinary life ----------------------------------------------------------------


def test_people_buy_as_often_as_their_pace_says_whatever_their_mood(run: bustle.Run, payments: pl.DataFrame) -> None:
    """Moods, paydays, months and journeys change when people buy: over three months hardly how much."""
    pace = run.table("cardholders")["pace"].to_numpy()
    mine = payments.filter(pl.col("occasion") == "ordinary")["card"].cast(pl.Int64)
    counts = np.bincount(mine.to_numpy(), minlength=len(pace))
    slope = float((counts * pace).sum() / (pace**2).sum()) / DAYS
    assert 0.9 < slope < 1.1


def test_income_comes_once_a_month_on_the_payday(run: bustle.Run) -> None:
    salaries = (
        run.table("ledger")
        .filter(pl.col("kind") == "salary")
        .with_columns(pl.col("card").cast(pl.Int64), day=pl.col("time").dt.day(), month=pl.col("time").dt.month())
        .join(run.table("cardholders").select(card=pl.col("id").cast(pl.Int64), payday="payday"), on="card")
    )
    days = {row[0]: set(row[1]) for row in salaries.group_by("payday").agg(pl.col("day").unique()).iter_rows()}
    assert days["first"] == {1} and days["middle"] == {15} and days["last"] <= {28, 30, 31}
    assert salaries.group_by("card", "month").len()["len"].max() == 1


def test_shops_on_site_sell_only_while_they_are_open(run: bustle.Run) -> None:
    hours = (
        run.table("transactions")
        .filter((pl.col("category") == "grocery") & (pl.col("entry") != "online") & ~pl.col("fraud"))
        .select(pl.col("time").dt.hour())
        .to_series()
    )
    assert hours.min() >= 6  # type: ignore[operator]
    assert hours.max() <= 22  # type: ignore[operator]
