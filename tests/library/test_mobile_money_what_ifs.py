"""Paired runs of mobile_money with one seed: each parameter changes what its name says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl
import pytest

import bustle

SCALE = 0.04
CRIMINALS = 800
ORDER = ["time", "type", "amount", "payer"]
"""What a customer does, without from whom or how much the other side has."""


class Run(NamedTuple):
    """Tables of a run, with categories as texts."""

    bookings: pl.DataFrame
    incidents: pl.DataFrame
    accounts: pl.DataFrame


def made(scale: float = SCALE, **values: Any) -> Run:
    texts = pl.selectors.categorical().cast(pl.String)
    values = {"criminals": CRIMINALS, **values}
    with bustle.run("mobile_money", seed=2, scale=scale, set=values) as run:
        return Run(*(run.table(name).with_columns(texts) for name in ("bookings", "incidents", "accounts")))


@pytest.fixture(scope="module")
def base() -> Iterator[Run]:
    yield made()


@pytest.fixture(scope="module")
def innocent() -> Iterator[Run]:
    yield made(criminals=0)


def changed(one: pl.DataFrame, other: pl.DataFrame) -> set[str]:
    """The columns in which two tables of the same rows differ."""
    assert one.height == other.height
    return {name for name in one.columns if not one[name].equals(other[name])}


# --- what is only told differently ----------------------------------------------


def test_the_operator_s_limit_changes_what_is_flagged_and_nothing_else(base: Run) -> None:
    twin = made(flag_above=1_000_000)
    assert changed(base.bookings, twin.bookings) == {"flagged"}
    assert twin.bookings["flagged"].sum() < base.bookings["flagged"].sum()
    transfers = twin.bookings.filter(pl.col("type") == "TRANSFER")
    assert (transfers["flagged"] == (transfers["amount"] > 1_000_000)).all()


def test_the_time_for_complaints_changes_when_silence_counts_as_honest(base: Run) -> None:
    twin = made(complaint_time="10 days")
    assert changed(base.bookings, twin.bookings) == {"known"}
    assert changed(base.bookings.filter("observed"), twin.bookings.filter("observed")) == set()


# --- crime ----------------------------------------------------------------------


def test_without_criminals_there_is_no_fraud_and_whom_no_money_reached_lives_the_same_month(
    base: Run, innocent: Run
) -> None:
    assert not innocent.bookings["fraud"].any()
    assert innocent.incidents.is_empty()
    customers = set(base.accounts.filter(pl.col("kind") == "customer")["id"])
    untouched = customers - reached(base, innocent)
    assert len(untouched) > 0.5 * len(customers)
    own = pl.col("payer").is_in(list(untouched))
    lives = [run.bookings.filter(own).select(ORDER) for run in (base, innocent)]
    assert lives[0].height > 1000
    assert lives[0].equals(lives[1])


def reached(base: Run, innocent: Run) -> set[int]:
    """Who may live differently with criminals about: those they deal with, and whom these send money to, in either run.

    Employers pay what they pay, whatever they receive.
    """
    found = set(base.incidents["victim"]) | set(base.bookings.filter("fraud", type="TRANSFER")["payee"])
    sent = pl.concat([base.bookings, innocent.bookings]).filter(pl.col("type") == "TRANSFER").select("payer", "payee")
    employers = set(base.accounts.filter(pl.col("kind") == "employer")["id"])
    while True:
        more = set(sent.filter(pl.col("payer").is_in(list(found - employers)))["payee"]) - found
        if not more:
            return found
        found |= more


@pytest.mark.parametrize(
    ("parameter", "typologies"),
    [("takeover_gap", {"takeover"}), ("scam_gap", {"scam"}), ("collusion_gap", {"skim", "placement"})],
)
def test_a_gap_changes_the_number_of_its_own_cases(base: Run, parameter: str, typologies: set[str]) -> None:
    shorter: dict[str, Any] = {parameter: "6 days"}
    twin = made(**shorter)
    of_them = pl.col("typology").is_in(typologies)
    assert twin.incidents.filter(of_them).height > 1.5 * base.incidents.filter(of_them).height
    when = ["typology", "offender", "opened"]
    others = base.incidents.filter(~of_them).select(when)
    assert others.join(twin.incidents, on=when).height >= 0.98 * others.height


def test_more_criminals_leave_those_who_were_there_at_their_work(base: Run) -> None:
    twin = made(criminals=2 * CRIMINALS)
    assert twin.incidents["offender"].n_unique() > 1.8 * base.incidents["offender"].n_unique()
    when = ["typology", "offender", "opened"]
    assert base.incidents.join(twin.incidents, on=when).height >= 0.97 * base.incidents.height


@pytest.mark.parametrize(
    ("parameter", "typologies"),
    [
        ("takeover_reported", {"takeover"}),
        ("scam_reported", {"scam"}),
        ("collusion_reported", {"skim", "placement"}),
    ],
)
def test_reporting_decides_what_is_observed_of_its_own_typology(
    base: Run, parameter: str, typologies: set[str]
) -> None:
    silent = made(**{parameter: 0})
    of_them = pl.col("typology").is_in(typologies)
    assert silent.bookings.filter(of_them)["fraud"].all()
    assert not silent.bookings.filter(of_them)["observed"].any()
    when = ["typology", "offender", "opened"]
    assert base.incidents.join(silent.incidents, on=when).height >= 0.98 * base.incidents.height
    others = base.incidents.filter(~of_them).join(silent.incidents, on=[*when, "reported"], nulls_equal=True)
    assert others.height >= 0.98 * base.incidents.filter(~of_them).height


@pytest.mark.parametrize(("parameter", "typology"), [("takeover_take", "takeover"), ("scam_take", "scam")])
def test_what_is_taken_grows_with_its_parameter(parameter: str, typology: str) -> None:
    shares = []
    for take in (0.1, 0.6):
        run = made(disguise=0, **{parameter: take})
        stolen = run.bookings.filter(pl.col("typology") == typology).join(run.incidents, on="episode")
        stolen = stolen.filter(pl.col("payer") == pl.col("victim"))
        shares.append((stolen["amount"] / stolen["payer_before"]).median())
    assert shares[0] == pytest.approx(0.1, abs=0.02)
    assert shares[1] == pytest.approx(0.6, abs=0.12)


# --- honest life ----------------------------------------------------------------


def test_popularity_changes_which_merchants_are_paid_and_not_by_whom(innocent: Run) -> None:
    twin = made(criminals=0, zipf=0.2)
    assert changed(innocent.bookings, twin.bookings) == {"payee", "payee_before", "payee_after"}
    top = [
        run.bookings.filter(pl.col("type") == "PAYMENT")["payee"].value_counts()["count"].max()
        for run in (innocent, twin)
    ]
    assert top[1] < 0.5 * top[0]  # type: ignore[operator]


def test_the_mean_payment_is_what_is_paid_on_average(innocent: Run) -> None:
    """A tenth less or more: who has little left pays little, and traders pay as much as others."""
    for mean, run in ((12_807, innocent), (6_000, made(criminals=0, payment_mean=6_000))):
        paid = run.bookings.filter(pl.col("type") == "PAYMENT")["amount"]
        assert paid.mean() == pytest.approx(mean, rel=0.1)
    incomes = [r.bookings.filter(pl.col("story") == "income").select(ORDER) for r in (innocent, run)]
    assert incomes[0].equals(incomes[1])


def test_shares_of_traders_and_of_the_salaried_are_those_of_the_parameters() -> None:
    accounts = made(criminals=0, scale=0.1, traders=0.05, salaried=0.3).accounts
    customers = accounts.filter(pl.col("kind") == "customer")
    assert customers["trader"].mean() == pytest.approx(0.05, abs=3.3 * (0.05 * 0.95 / customers.height) ** 0.5)
    others = customers.filter(~pl.col("trader"))
    assert (others["wage"] > 0).mean() == pytest.approx(0.3, abs=3.3 * (0.3 * 0.7 / others.height) ** 0.5)
    assert (customers.filter("trader")["wage"] == 0).all()


def test_larger_spells_hold_more_of_what_is_done(innocent: Run) -> None:
    twin = made(criminals=0, spell_size=4)
    everyday = [run.bookings.filter(pl.col("story") == "everyday").height for run in (innocent, twin)]
    assert everyday[1] > 1.4 * everyday[0]
    wages = [run.accounts["wage"] for run in (innocent, twin)]
    assert wages[0].equals(wages[1])


@pytest.mark.parametrize(
    ("parameter", "share", "kind"),
    [("merchant_share", 0.1, "merchant"), ("agent_share", 0.05, "agent"), ("employer_share", 0.02, "employer")],
)
def test_kinds_of_accounts_have_the_shares_of_the_parameters(parameter: str, share: float, kind: str) -> None:
    accounts = made(criminals=0, scale=0.01, accounts=200_000, **{parameter: share}).accounts
    assert (accounts["kind"] == kind).sum() == share * 2000
    assert accounts.height == 2000
