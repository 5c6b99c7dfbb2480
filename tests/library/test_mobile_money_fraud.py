"""What mobile_money promises of its fraud: cases as the parameters say, hidden in ordinary life, labelled throughout.

Tests of chance fail for less than one seed in a thousand. More criminals than shipped make many cases in a small run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bustle

SD = 3.3
"""Standard deviations that a normal number exceeds once in a thousand times, both sides together."""
CRIMINALS, SCALE = 600, 0.2
SEEDS = (1, 2, 3)
WEEKDAYS = np.array([1, 0.95, 0.95, 1, 1.2, 1.15, 0.85])
DAYS = float((WEEKDAYS / WEEKDAYS.mean())[(3 + np.arange(31)) % 7].sum())
"""Length of the run for a clock with the rhythm of the week: January 2026 starts on a Thursday."""

GAPS = {"takeover": 14, "scam": 12, "skim": 2 * 25, "placement": 2 * 25}
"""Mean days between cases of a criminal; half the cases with an agent are of either kind."""


def tables(run: bustle.Run) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bookings and incidents, with categories as texts."""
    texts = pl.selectors.categorical().cast(pl.String)
    return run.table("bookings").with_columns(texts), run.table("incidents").with_columns(texts)


def made(seed: int = 1, scale: float = SCALE, **values: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    with bustle.run("mobile_money", seed=seed, scale=scale, set={"criminals": CRIMINALS, **values}) as run:
        return tables(run)


@pytest.fixture(scope="module")
def many() -> Iterator[list[bustle.Run]]:
    runs = [bustle.run("mobile_money", seed=s, scale=SCALE, set={"criminals": CRIMINALS}) for s in SEEDS]
    yield runs
    for run in runs:
        run.close()


@pytest.fixture(scope="module")
def bookings(many: list[bustle.Run]) -> pl.DataFrame:
    return pl.concat(tables(run)[0].with_columns(seed=pl.lit(n)) for n, run in enumerate(many))


@pytest.fixture(scope="module")
def incidents(many: list[bustle.Run]) -> pl.DataFrame:
    return pl.concat(tables(run)[1].with_columns(seed=pl.lit(n)) for n, run in enumerate(many))


@pytest.fixture(scope="module")
def undisguised() -> tuple[pl.DataFrame, pl.DataFrame]:
    return made(disguise=0)


# --- how many, how much ---------------------------------------------------------


@pytest.mark.parametrize("typology", GAPS)
def test_cases_are_as_many_as_criminals_and_gaps_say(incidents: pl.DataFrame, typology: str) -> None:
    """A Poisson number, less the few that find nobody to rob in the first hours."""
    expected = len(SEEDS) * CRIMINALS * SCALE * DAYS / GAPS[typology]
    seen = incidents.filter(pl.col("typology") == typology).height
    assert 0.98 * expected - SD * expected**0.5 < seen < expected + SD * expected**0.5


def test_fraud_is_near_the_published_share_with_as_many_criminals_as_shipped(
    bookings: pl.DataFrame, incidents: pl.DataFrame
) -> None:
    """PaySim's public set has 0.129 %; bookings per case have a standard error of some 2 % here."""
    cases = 34 * DAYS * sum(1 / gap for gap in GAPS.values())
    rows = int(bookings["fraud"].sum()) / incidents.height * cases
    honest = bookings.filter(~pl.col("fraud")).height / len(SEEDS) / SCALE
    assert rows / honest == pytest.approx(0.00129, rel=0.15)
    assert rows > 500


@pytest.mark.parametrize(("typology", "share"), [("takeover", 0.6), ("scam", 0.4), ("skim", 0.2)])
def test_an_undisguised_criminal_takes_the_share_of_the_balance_that_the_parameter_says(
    undisguised: tuple[pl.DataFrame, pl.DataFrame], typology: str, share: float
) -> None:
    rows, cases = undisguised
    stolen = rows.filter(pl.col("typology") == typology).join(cases, on="episode")
    stolen = stolen.filter(pl.col("payer") == pl.col("victim"))
    taken = stolen["amount"] / stolen["payer_before"]
    assert len(taken) > 100
    assert abs(float(taken.mean()) - share) < SD * float(taken.std()) / len(taken) ** 0.5  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typologies", "share"), [(("takeover",), 0.9), (("scam",), 0.5), (("skim", "placement"), 0.3)]
)
def test_victims_report_as_often_as_the_parameters_say(
    incidents: pl.DataFrame, typologies: tuple[str, ...], share: float
) -> None:
    reported = incidents.filter(pl.col("typology").is_in(typologies))["reported"].is_not_null()
    assert stats.binomtest(int(reported.sum()), len(reported), share).pvalue > 1e-3


# --- who does what --------------------------------------------------------------


def test_every_role_is_played_by_whom_it_belongs_to(bookings: pl.DataFrame, incidents: pl.DataFrame) -> None:
    fraud = bookings.filter("fraud").join(incidents, on=["seed", "episode"])
    by_victim = pl.col("payer") == pl.col("victim")
    assert fraud.filter(pl.col("role") == "theft").select(
        by_victim.all(), (pl.col("payee") == pl.col("mule")).all(), (pl.col("type") == "TRANSFER").all()
    ).row(0) == (True, True, True)
    assert fraud.filter(pl.col("role") == "placement").select(by_victim.all(), (pl.col("type") == "CASH_IN").all()).row(
        0
    ) == (True, True)
    assert set(fraud.filter(pl.col("typology") == "skim")["role"]) == {"cash_out"}
    assert set(fraud.filter(pl.col("typology") == "scam", by_victim)["type"]) == {"CASH_OUT", "PAYMENT", "TRANSFER"}
    assert set(fraud.filter(pl.col("role") == "layering")["type"]) == {"TRANSFER"}
    assert (bookings.filter(~pl.col("fraud"))["role"] == "honest").all()
    assert (fraud["time"] > fraud["opened"]).all()


def test_an_agent_stays_the_accomplice_of_one_criminal_in_all_its_cases(
    bookings: pl.DataFrame, incidents: pl.DataFrame
) -> None:
    paid_in = bookings.filter(pl.col("role") == "placement").join(incidents, on=["seed", "episode"])
    agents = paid_in.group_by("seed", pl.col("offender_right").alias("criminal")).agg(pl.col("payee").n_unique())
    assert agents.height > 30
    assert (agents["payee"] == 1).all()


def test_mules_and_victims_live_ordinary_lives(bookings: pl.DataFrame, incidents: pl.DataFrame) -> None:
    honest = bookings.filter(~pl.col("fraud")).select("seed", "payer").unique()
    for who in ("mule", "victim"):
        people = incidents.select("seed", payer=who).drop_nulls()
        assert people.join(honest, on=["seed", "payer"], how="anti").is_empty()


def test_a_mule_hands_on_no_more_than_its_wallet_holds_and_most_cases_end_in_cash_or_goods(
    bookings: pl.DataFrame,
) -> None:
    stolen = (
        bookings.filter(pl.col("role").is_in(["theft", "placement"])).group_by("seed", "episode").agg(pl.sum("amount"))
    )
    after = bookings.filter(
        "fraud", pl.col("role").is_in(["cash_out", "spending", "layering"]), pl.col("typology") != "skim"
    )
    passed = stolen.join(
        after.group_by("seed", "episode").agg(passed=pl.sum("amount")), on=["seed", "episode"], how="left"
    )
    assert passed["passed"].is_not_null().mean() > 0.8  # type: ignore[operator]


# --- hidden ---------------------------------------------------------------------


def test_emptying_a_wallet_exactly_is_no_sign_of_fraud(bookings: pl.DataFrame) -> None:
    outgoing = bookings.filter(pl.col("type").is_in(["CASH_OUT", "TRANSFER"]))
    emptied = outgoing.filter(pl.col("payer_after") == 0)
    assert emptied["fraud"].mean() < 2 * outgoing["fraud"].mean()  # type: ignore[operator]
    fraud = outgoing.filter("fraud")
    assert 0.05 < (fraud["payer_after"] == 0).mean() < 0.5  # type: ignore[operator]


def test_disguise_decides_whether_a_step_follows_the_habits_of_the_wallet(
    bookings: pl.DataFrame, undisguised: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    rows, cases = undisguised
    bare = rows.filter("fraud").join(cases, on="episode").filter(pl.col("payer") == pl.col("victim"))
    assert set(bare.filter(pl.col("typology") == "scam")["type"]) == {"TRANSFER"}
    assert set(bare.filter(pl.col("typology") == "takeover")["type"]) == {"TRANSFER", "CASH_OUT"}

    full, its_cases = made(disguise=1)
    hidden = full.filter("fraud").join(its_cases, on="episode").filter(pl.col("payer") == pl.col("victim"))
    paid = (hidden.filter(pl.col("typology").is_in(["takeover", "scam"]))["type"] == "PAYMENT").mean()
    habit = full.filter(~pl.col("fraud"), pl.col("type").is_in(["PAYMENT", "CASH_OUT", "TRANSFER"]))
    assert paid > 0.9 * (habit["type"] == "PAYMENT").mean()  # type: ignore[operator]


# --- labels ---------------------------------------------------------------------


def test_what_nobody_reports_is_fraud_and_taken_for_honest(bookings: pl.DataFrame) -> None:
    fraud = bookings.filter("fraud")
    assert (fraud["observed"] == fraud["reported"].is_not_null()).all()
    assert not bookings.filter(~pl.col("fraud"))["observed"].any()
    assert 0.2 < fraud["observed"].mean() < 0.8  # type: ignore[operator]
    told = fraud.filter("observed")
    assert (told["known"] == told.select(pl.max_horizontal("time", "reported")).to_series()).all()
    assert (told["reported"] > told["detected"]).all()
    untold = bookings.filter(~pl.col("observed"))
    assert (untold["known"] - untold["time"]).unique().dt.total_days().to_list() == [30]


def test_the_table_of_reports_has_what_was_reported_by_the_end(many: list[bustle.Run]) -> None:
    for run in many:
        reports = run.table("reports")
        incidents = run.table("incidents").filter(pl.col("reported") < pl.datetime(2026, 2, 1))
        assert sorted(reports["time"]) == sorted(incidents["reported"])
