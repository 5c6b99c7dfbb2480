"""What money_laundering promises of its ledger and its labels. Chance fails a test for one seed in a thousand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bustle
from tests.library.test_money_laundering_patterns import SETTINGS

CONFIDENCE = 1e-3
SMALL: dict[str, Any] = {"scale": 0.25, "length": "70 days"}


def made(**settings: Any) -> bustle.Run:
    return bustle.run("money_laundering", **settings)


@pytest.fixture(scope="module")
def run() -> bustle.Run:
    return made(seed=2, set=SETTINGS, **SMALL)


@pytest.fixture(scope="module")
def payments(run: bustle.Run) -> pl.DataFrame:
    return run.table("transactions")


@pytest.fixture(scope="module")
def schemes(run: bustle.Run) -> pl.DataFrame:
    return run.table("plans").filter("laundering")


def cents(column: str) -> pl.Expr:
    return (pl.col(column) * 100).round().cast(pl.Int64)


# --- the ledger ----------------------------------------------------------------


def test_every_row_is_whole_and_nobody_pays_themselves_or_what_is_not_there(payments: pl.DataFrame) -> None:
    inputs = payments.drop("pattern", "episode", "plan", "stage", "step", "payer_role", "payee_role")
    assert inputs.drop("detected", "reported", "known").null_count().transpose().sum().item() == 0
    assert (payments["payer"] != payments["payee"]).all()
    assert (payments["amount_paid"] > 0).all() and (payments["amount_received"] >= 0).all()
    assert (payments["payer_after"] >= 0).all()
    assert payments["time"].is_sorted()


def test_a_payment_moves_its_amount_from_one_balance_to_another(payments: pl.DataFrame) -> None:
    wrong = payments.filter(
        (cents("payer_before") - cents("amount_paid") != cents("payer_after"))
        | (cents("payee_before") + cents("amount_received") != cents("payee_after"))
        | (~pl.col("converted") & (cents("amount_paid") != cents("amount_received")))
    )
    assert payments.height > 100_000 and wrong.height == 0


def test_each_currency_is_conserved_to_the_cent(run: bustle.Run, payments: pl.DataFrame) -> None:
    """What all accounts of a currency have gained is what its dealer has sold."""
    legs = pl.concat(
        payments.select(
            pl.col(side).alias("id"),
            row=pl.int_range(pl.len()),
            before=cents(f"{side}_before"),
            after=cents(f"{side}_after"),
        )
        for side in ("payer", "payee")
    ).sort("row")
    known = legs.group_by("id").agg(first=pl.col("before").first(), last=pl.col("after").last())
    accounts = run.table("accounts").join(known, on="id", how="inner").with_columns(end=cents("balance"))
    assert (accounts["last"] == accounts["end"]).all()
    gained = accounts.group_by("currency").agg(gained=(pl.col("last") - pl.col("first")).sum())
    both = run.table("currencies").select(currency="name", sold=-cents("position")).join(gained, on="currency")
    assert both.height == 6 and (both["sold"] == both["gained"]).all() and (both["sold"] != 0).all()


def test_money_is_converted_at_the_rates_of_the_day(run: bustle.Run, payments: pl.DataFrame) -> None:
    margin = float(bustle.Scenario.load("money_laundering").model.values["fx_margin"])
    rates = run.table("rates").sort("time")
    converted = payments.filter("converted").select("time", "^.*_(paid|received)$")
    for side in ("paid", "received"):
        of_side = rates.select("time", pl.col("currency").alias(f"currency_{side}"), pl.col("rate").alias(side))
        converted = converted.join_asof(of_side, on="time", by=f"currency_{side}")
    expected = converted["amount_paid"] * (converted["paid"] / converted["received"] * (1 - margin))
    assert converted.height > 5_000
    assert ((expected - converted["amount_received"]).abs() <= 0.005 + 1e-9 * expected).all()


# --- the labels ----------------------------------------------------------------


def test_labels_belong_together(payments: pl.DataFrame, schemes: pl.DataFrame) -> None:
    crime = payments.filter("laundering")
    assert crime.height > 1_000
    assert (
        crime.select("episode", "pattern", "stage", "step", "payer_role", "payee_role").null_count().sum_horizontal()[0]
        == 0
    )
    assert set(crime["stage"].cast(pl.String)) == {"placement", "layering", "integration"}
    assert set(crime["plan"]) <= set(schemes["id"])
    assert crime.select("episode", "plan").n_unique() == crime["episode"].n_unique() == crime["plan"].n_unique()
    honest = payments.filter(~pl.col("laundering"))
    assert honest["episode"].null_count() == honest.height
    assert set(honest["stage"].drop_nulls().cast(pl.String)) == {"honest"}
    assert (honest["known"] > honest["time"]).all()


def test_a_scheme_is_noticed_then_reported_then_known(payments: pl.DataFrame, schemes: pl.DataFrame) -> None:
    noticed = schemes.filter(pl.col("detected").is_not_null())
    share = float(bustle.Scenario.load("money_laundering").model.values["detection"])
    assert stats.binomtest(noticed.height, schemes.height, share).pvalue > CONFIDENCE
    assert (noticed["begun"] < noticed["detected"]).all() and (noticed["detected"] < noticed["reported"]).all()
    crime = payments.filter("laundering")
    assert (crime["known"].is_null() == crime["reported"].is_null()).all()
    told = crime.filter(pl.col("known").is_not_null())
    assert (told["known"] == told.select(pl.max_horizontal("time", "reported")).to_series()).all()


def test_accounts_of_schemes_have_a_life_of_their_own(payments: pl.DataFrame) -> None:
    for side in ("payer", "payee"):
        each = payments.group_by(side).agg(rows=pl.len(), share=pl.col("laundering").cast(pl.Float64).mean())
        busy = each.filter(pl.col("rows") >= 5)
        assert (busy["share"] < 1).all()
        assert np.median(busy.filter(pl.col("share") > 0)["share"].to_numpy()) < 0.4


def test_laundering_does_not_outlive_other_payments(run: bustle.Run, payments: pl.DataFrame) -> None:
    """The last tenth of the time has as many payments as others, and as much laundering among them."""
    end = payments["time"].dt.timestamp().to_numpy() > 0.9 * 70 * 86_400e6 + payments["time"].dt.timestamp()[0]
    assert 0.09 < end.mean() < 0.11
    crime = payments["laundering"].to_numpy()
    assert 0.3 < crime[end].mean() / crime[~end].mean() < 2


# --- both engines -----------------------------------------------


def test_both_engines_give_the_same_bytes(tmp_path: Path) -> None:
    hurried = {"schemes": "6/1 day", "step_time": "2 hours", "look_alikes": "1/30 days"}
    runs = [
        made(seed=4, scale=0.015, length="6 days", set=hurried, engine=engine, out=tmp_path / engine)
        for engine in ("reference", "compiled")
    ]
    one, other = (run.manifest["files"] for run in runs)
    assert one == other
    assert runs[0].table("transactions")["laundering"].sum() > 100
