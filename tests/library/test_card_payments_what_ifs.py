"""Paired runs of card_payments: each parameter does what its name says, and only that.

Parameters of fraud and of the bank leave alone what cards without fraud and block pay, to the microsecond; those of
people leave alone what does not follow from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import polars as pl
import pytest

import bustle

LENGTH = "40 days"
SIZE: dict[str, Any] = {
    "cardholders": 300,
    "merchants": 300,
    "fraudsters": 4,
    "fraud_rate": 0.06,
    "drift_at": "200 days",
}

Measure = Callable[[bustle.Run], float]


def share(where: pl.Expr, among: pl.Expr | None = None) -> Measure:
    """The share of payments, among those that fit ``among``, that fit ``where``."""

    def measure(run: bustle.Run) -> float:
        payments = run.table("transactions")
        chosen = payments if among is None else payments.filter(among)
        return chosen.filter(where).height / max(chosen.height, 1)

    return measure


def median(value: pl.Expr, among: pl.Expr, table: str = "transactions") -> Measure:
    """The median of ``value`` over the rows that fit ``among``."""

    def measure(run: bustle.Run) -> float:
        return float(run.table(table).filter(among).select(value.cast(pl.Float64).median()).item() or 0)

    return measure


def rows(table: str, where: pl.Expr | None = None) -> Measure:
    """The number of rows of a table that fit ``where``."""
    return lambda run: float((run.table(table) if where is None else run.table(table).filter(where)).height)


def case_length(typology: str) -> Measure:
    """The mean number of payments of a case."""

    def measure(run: bustle.Run) -> float:
        frauds = run.table("transactions").filter(pl.col("typology") == typology)
        return frauds.height / max(frauds["episode"].n_unique(), 1)

    return measure


def gap(run: bustle.Run) -> float:
    """The median time between two payments of a case with stolen details, in seconds."""
    frauds = run.table("transactions").filter(pl.col("typology") == "details")
    return float(frauds.select(pl.col("time").diff().over("episode").dt.total_seconds().median()).item())


def at_known_shops(run: bustle.Run) -> float:
    """The share of frauds with stolen details at merchants where the cardholder buys too."""
    payments = run.table("transactions").with_columns(pl.col("card", "merchant").cast(pl.Int64))
    known = payments.filter(~pl.col("fraud")).select("card", "merchant").unique()
    frauds = payments.filter(pl.col("typology") == "details")
    return frauds.join(known, on=["card", "merchant"], how="semi").height / max(frauds.height, 1)


def top_share(run: bustle.Run) -> float:
    """The share of payments that the three busiest merchants have."""
    counts = run.table("transactions")["merchant"].value_counts()["count"].sort(descending=True)
    return float(counts[:3].sum()) / float(counts.sum())


def fraud_concentration(run: bustle.Run) -> float:
    """How unequal merchants are in looking at who pays."""
    return float(run.table("merchants")["lax"].log().std())  # type: ignore[arg-type]


def variation_of_days(run: bustle.Run) -> float:
    """How unevenly a cardholder's payments lie over the days: mean variance over mean of the counts, honest ones."""
    honest = run.table("transactions").filter(pl.col("occasion") == "ordinary", ~pl.col("fraud"))
    days = honest.group_by("card", pl.col("time").dt.date().alias("day")).len()
    per_card = days.group_by("card").agg(total=pl.col("len").sum(), squares=(pl.col("len") ** 2).sum())
    return float(
        per_card.select(((pl.col("squares") / 40 - (pl.col("total") / 40) ** 2) / (pl.col("total") / 40)).mean()).item()
    )


def after_payday(run: bustle.Run) -> float:
    """The share of payments on the first days of April, of those whose income comes on the first."""
    mine = run.table("cardholders").filter(pl.col("payday") == "first").select(card=pl.col("id").cast(pl.Int64))
    payments = run.table("transactions").with_columns(pl.col("card").cast(pl.Int64)).join(mine, on="card", how="semi")
    first_days = pl.col("time").dt.day().is_between(1, 5) & (pl.col("time").dt.month() == 4)
    return payments.filter(first_days).height / payments.height


def block_lag(run: bustle.Run) -> float:
    """Median seconds from a fraud that raised an alert to the block."""
    alerts = run.table("transactions").filter(
        pl.col("detected").is_not_null(), pl.col("detected") != pl.col("reported")
    )
    return float(alerts.select((pl.col("detected") - pl.col("time")).dt.total_seconds().median()).item() or 0)


FRAUD, HONEST = pl.col("fraud"), ~pl.col("fraud")
APPROVED = pl.col("response") == "approved"
ANSWER = {name: pl.col("response") == name for name in ("no_funds", "over_limit", "wrong_pin", "suspected", "blocked")}
ENTRY = {name: pl.col("entry") == name for name in ("chip", "contactless", "stripe", "online")}
DELAY = (pl.col("reported") - pl.col("time")).dt.total_seconds()


class Change(NamedTuple):
    """A parameter, another value, what must move, and whether honest wishes to pay stay exactly as they are."""

    parameter: str
    value: Any
    measure: Measure
    moves: Literal["up", "down", "to zero", "not"]
    leaves_life_alone: bool = True
    base: dict[str, Any] = {}  # noqa: RUF012 - a constant of the table


CHANGES = [
    Change("fraud_rate", 0.12, share(FRAUD), "up"),
    Change("fraudsters", 12, lambda run: run.table("transactions")["fraudster"].n_unique(), "up"),
    Change("difficulty", 0, median(pl.col("amount"), pl.col("typology") == "details"), "up"),
    Change("disguise", 0, at_known_shops, "down"),
    Change("greed", 40, median(pl.col("amount"), pl.col("typology") == "details"), "up", base={"difficulty": 0.5}),
    Change("haste", "6 hours", gap, "up"),
    Change("patience", 30, gap, "up"),
    *(
        Change(f"{name}_share", 0, share(pl.col("typology") == name), "to zero")
        for name in ("testing", "skimming", "takeover", "stolen", "details", "scam", "collusion", "first_party")
    ),
    *(
        Change(f"{name}_length", 15, case_length(name), "up")
        for name in ("testing", "skimming", "takeover", "stolen", "details", "scam", "collusion")
    ),
    Change("first_party_length", 6, case_length("first_party"), "up", base={"dishonest": 0.2}),
    Change("day_limit", 0.03, share(ANSWER["over_limit"]), "up"),
    Change("pin_free", 1, share(ENTRY["contactless"], HONEST), "down"),
    Change("taps", 0, share(ENTRY["contactless"]), "to zero"),
    Change("mistyped_pin", 0, share(ANSWER["wrong_pin"], HONEST), "to zero"),
    Change("guessed_pin", 0, share(ANSWER["wrong_pin"], pl.col("typology") == "stolen"), "to zero"),
    Change("odd_factor", 30, share(ANSWER["suspected"]), "down"),
    Change("refusal", 0, share(ANSWER["suspected"]), "to zero"),
    Change("alert_after", 2, rows("blocks", pl.col("reason") == "alert"), "up"),
    Change("block_delay", "4 days", block_lag, "up", base={"alert_after": 2}),
    Change("reissue_time", "30 days", share(ANSWER["blocked"]), "up"),
    Change("reporting", 0, rows("disputes", pl.col("reason") == "fraud"), "to zero"),
    Change("report_time", "12 days", median(DELAY, FRAUD), "up"),
    Change("booking_time", "9 days", median((pl.col("known") - pl.col("detected")).dt.total_seconds(), FRAUD), "up"),
    Change("maturity", "90 days", median((pl.col("known") - pl.col("time")).dt.total_seconds(), HONEST), "up"),
    Change("refunds", 0, rows("refunds"), "to zero"),
    Change("refund_abuse", 0, rows("refunds", pl.col("abuse")), "to zero", base={"refunds": 0.2, "dishonest": 0.2}),
    Change("lost_parcels", 0, rows("disputes", pl.col("reason") == "not_received"), "to zero"),
    Change("overdraft", 0, share(ANSWER["no_funds"]), "up"),
    Change("bills_share", 0.9, share(ANSWER["no_funds"]), "up"),
    Change("keeps_ledger", False, rows("ledger"), "to zero"),
    Change("chip_readers", 1, share(ENTRY["stripe"], HONEST), "to zero"),
    Change("laxness", 0, fraud_concentration, "to zero"),
    Change("shift_workers", 0.5, share(pl.col("time").dt.hour().is_between(0, 4), HONEST), "up", False),
    Change("cardholders", 600, rows("cardholders"), "up", False),
    Change("merchants", 600, rows("merchants"), "up", False),
    Change("zipf", 0, top_share, "down", False),
    Change("purchases_a_day", "2.4 per day", rows("transactions", HONEST), "up", False),
    Change("web_share", 0.8, share(ENTRY["online"], HONEST), "up", False),
    Change("dishonest", 0.5, rows("cardholders", pl.col("is_dishonest")), "up", False),
    Change("quiet_level", 1, variation_of_days, "down", False),
    Change("active_time", "3 days", rows("transactions", HONEST), "not", False),
    Change("quiet_time", "10 days", variation_of_days, "up", False),
    Change("payday_effect", 3, after_payday, "up", False),
    Change("payday_time", "1 hour", after_payday, "down", False, {"payday_effect": 3}),
    Change("regular_share", 0.9, share(ENTRY["online"], HONEST), "not", False),
    Change("spread", 0, median(pl.col("amount"), HONEST), "not", False),
    Change("large_ones", 0, lambda run: float(run.table("transactions")["amount"].quantile(0.995) or 0), "down", False),
    Change("hard_negatives", 0, share(pl.col("occasion") != "ordinary"), "to zero", False),
    *(
        Change(name, 0, share(pl.col("occasion") == occasion), "to zero", False, {"hard_negatives": 5})
        for name, occasion in (
            ("journeys", "travel"),
            ("new_flats", "new_flat"),
            ("weddings", "wedding"),
            ("night_shifts", "night_shift"),
        )
    ),
    Change("drift_at", "5 days", share(pl.col("typology") == "scam"), "up"),
]


def small(**settings: Any) -> bustle.Run:
    return bustle.run("card_payments", seed=4, length=LENGTH, set=SIZE | settings)


@pytest.fixture(scope="module")
def runs() -> dict[str, bustle.Run]:
    """Runs by their settings, so that the common base is made once."""
    return {}


def run_of(runs: dict[str, bustle.Run], settings: dict[str, Any]) -> bustle.Run:
    key = repr(settings)
    if key not in runs:
        runs[key] = small(**settings)
    return runs[key]


def untouched(*pair: bustle.Run) -> list[pl.DataFrame]:
    """What cards asked for that no fraud touched and no block stopped in either run."""
    touched: set[int] = set()
    for run in pair:
        payments = run.table("transactions")
        touched |= set(payments.filter(FRAUD)["card"].cast(pl.Int64).to_list())
        touched |= set(run.table("blocks")["card"].cast(pl.Int64).to_list())
    wishes = []
    for run in pair:
        payments = run.table("transactions").with_columns(pl.col("card", "merchant").cast(pl.Int64))
        wishes.append(payments.filter(~pl.col("card").is_in(touched)).select("time", "card", "merchant", "amount"))
    return wishes


def test_every_parameter_is_tried_here() -> None:
    tried = {change.parameter for change in CHANGES}
    assert tried == set(bustle.Scenario.load("card_payments").model.parameters)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.parameter)
def test_a_parameter_does_what_its_name_says_and_only_that(runs: dict[str, bustle.Run], change: Change) -> None:
    base = run_of(runs, change.base)
    other = small(**change.base, **{change.parameter: change.value})
    before, after = change.measure(base), change.measure(other)
    if change.moves == "up":
        assert after > 1.1 * before and after > 0
    elif change.moves == "down":
        assert after < before / 1.1
    elif change.moves == "to zero":
        assert before > 0 and after == 0
    else:
        assert abs(after - before) < 0.1 * before
    if change.leaves_life_alone:
        mine, theirs = untouched(base, other)
        assert mine.height > 300 and mine.equals(theirs)
