"""What the consumer loans promise: honest scores and labels, arrears that count days, books that balance, a cycle.

Tests of chance fail for less than one seed in a thousand.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bustle

CONFIDENCE = 1e-3
Z = float(stats.norm.isf(CONFIDENCE / 2))
FEATURES = ("score", "stated_income", "age", "history", "past_arrears", "other_debts", "asked", "term", "price")
EVERYBODY: dict[str, float] = {"score_cutoff": 300, "max_burden": 100, "limit": 1000}
"""A bank that lends to all what they ask for."""
RICH: dict[str, float] = {"living": 0, "benefits": 1, "illness_cost": 0}
"""Nobody ever lacks the money for an instalment."""


@pytest.fixture(scope="module")
def runs() -> list[bustle.Run]:
    return [bustle.run("credit_risk", seed=seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def run(runs: list[bustle.Run]) -> bustle.Run:
    return runs[0]


@pytest.fixture(scope="module")
def applicants(runs: list[bustle.Run]) -> pl.DataFrame:
    """All applications of all runs, with what only the simulation knows."""
    return pl.concat(map(applicants_of, runs))


@pytest.fixture(scope="module")
def bookings(run: bustle.Run) -> pl.DataFrame:
    return plain(run.table("repayments"))


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.selectors.categorical().cast(pl.String))


def applicants_of(run: bustle.Run) -> pl.DataFrame:
    both = run.table("applications").join(run.table("truth"), on="id", validate="1:1")
    return plain(both).with_columns(accepted=pl.col("decision") == "accepted")


def in_cents(name: str) -> pl.Expr:
    return (pl.col(name) * 100).round().cast(pl.Int64)


def auc(score: pl.Series, bad: pl.Series) -> float:
    """The chance that a bad one has the higher score, or the lower if that is likelier (Mann and Whitney 1947)."""
    bads = int(bad.sum())
    above = float(stats.rankdata(score)[bad].sum()) - bads * (bads + 1) / 2
    area = above / (bads * (len(bad) - bads))
    return max(area, 1 - area)


def apart(some: pl.Series, others: pl.Series) -> float:
    """How many standard errors the share of true ones of a sample is above that of another."""
    one, two = some.cast(pl.Float64).to_numpy(), others.cast(pl.Float64).to_numpy()
    pooled = np.concatenate([one, two]).mean()
    return float((one.mean() - two.mean()) / sqrt(pooled * (1 - pooled) * (1 / len(one) + 1 / len(two))))


# --- the data are honest -------------------------------------------------------


def test_the_bureau_score_tells_as_much_as_real_ones_and_no_other_column_more(applicants: pl.DataFrame) -> None:
    """Less among the accepted, whose scores are alike. The price is made of the score.

    The bounds hold the scenario to what it was made for; the published .683 that it aims at is unverified. Over seeds 1
    to 12 the area was .705 to .723.
    """
    over_all, lent_to = applicants["would_default"], applicants.filter("accepted")
    area = auc(applicants["score"], over_all)
    assert 0.69 < area < 0.74
    for column in FEATURES:
        assert auc(applicants[column], over_all) < 0.74
        assert auc(lent_to[column], lent_to["would_default"]) < 0.67
    assert auc(lent_to["score"], lent_to["would_default"]) < area - 0.05


def test_defaults_fall_from_each_band_of_scores_to_the_next(applicants: pl.DataFrame) -> None:
    bands = applicants.group_by(band=pl.col("score").clip(480, 759) // 40).agg("would_default").sort("band")
    outcomes = bands["would_default"].to_list()
    assert len(outcomes) == 7
    for worse, better in pairwise(outcomes):
        assert apart(pl.Series(worse), pl.Series(better)) > -Z
    assert np.mean(outcomes[0]) > 5 * np.mean(outcomes[-1])


def test_the_accepted_default_far_less_often_than_the_rejected_would_have(applicants: pl.DataFrame) -> None:
    """The bias of selection: who learns from the accepted alone has not seen most of the bad ones."""
    accepted, rejected = (applicants.filter(pl.col("accepted") == yes)["would_default"] for yes in (True, False))
    assert apart(rejected, accepted) > 10
    assert 0.02 < accepted.mean() < 0.045  # type: ignore[operator]
    assert rejected.mean() > 3 * accepted.mean()  # type: ignore[operator]


def test_those_let_in_on_an_impression_are_better_than_their_scores(applicants: pl.DataFrame) -> None:
    """What no column holds moved the decision: the overruled do not speak for the rejected of their scores."""
    low = applicants.filter(pl.col("score") < 600, pl.col("decision") != "unaffordable")
    overruled = low["impression"] >= 1.5
    assert (overruled == low["accepted"]).all()
    assert 0.01 < overruled.mean() < 0.05  # type: ignore[operator]
    assert apart(low["would_default"].filter(~overruled), low["would_default"].filter(overruled)) > Z


def test_the_bank_learns_the_outcome_of_those_it_lent_to_and_of_nobody_else(applicants: pl.DataFrame) -> None:
    rejected, accepted = applicants.filter(~pl.col("accepted")), applicants.filter("accepted")
    assert rejected["outcome"].unique().to_list() == ["rejected"]
    assert rejected["outcome_at"].is_null().all() and rejected["would_default"].any()
    assert rejected["lent"].max() == 0 and accepted["lent"].min() > 0  # type: ignore[operator]
    assert ((accepted["outcome"] == "bad") == accepted["would_default"]).all()
    assert applicants["matured"].all() and set(accepted["outcome"]) == {"good", "bad"}


def test_a_default_is_known_when_it_happens_and_a_good_loan_after_twelve_months(applicants: pl.DataFrame) -> None:
    bad, good = (applicants.filter(pl.col("outcome") == outcome) for outcome in ("bad", "good"))
    assert (bad["outcome_at"] == bad["would_default_at"]).all()
    waited = bad["outcome_at"] - bad["asked_at"]
    assert (waited > timedelta(days=90)).all() and (waited < timedelta(days=365)).all()
    assert (good["outcome_at"] - good["asked_at"] == timedelta(days=365)).all()
    assert good["would_default_at"].is_not_null().any()


def test_what_is_not_known_by_the_end_is_open() -> None:
    with bustle.run("credit_risk", scale=0.1, length="500 days") as run:
        seen = applicants_of(run).filter("accepted")
    soon = seen["asked_at"] > datetime(2021, 1, 1) + timedelta(days=500 - 365)
    assert ((seen["outcome"] == "open") == (soon & seen["would_default_at"].is_null())).all()
    assert (seen["outcome_at"].is_null() == (seen["outcome"] == "open")).all()
    assert (seen["matured"] == ~soon).all()
    assert 0 < soon.sum() < len(soon) and set(seen["outcome"]) == {"open", "good", "bad"}


# --- arrears -------------------------------------------------------------------


def test_arrears_are_the_days_since_the_oldest_unpaid_instalment_fell_due(bookings: pl.DataFrame) -> None:
    """Recounted from due dates and payments: 30 and 60 days, and default above 90 (Basel II, paragraph 452)."""
    term = pl.col("month").max().over("applicant")
    rows = (
        bookings.filter(~pl.col("status").is_in(["repaid", "closed"]))
        .with_columns(settled=(pl.col("paid") / pl.col("due")).round().cast(pl.Int64).cum_sum().over("applicant"))
        .with_columns(first_due=pl.col("time").min().dt.truncate("1mo").over("applicant"), last=term)
        .with_columns(oldest=pl.col("first_due").dt.offset_by(pl.format("{}mo", "settled")))
        .with_columns(days=(pl.col("time") - pl.col("oldest")).dt.total_seconds() / 86_400)
    )
    alive = rows.filter(~pl.col("before").is_in(["default"]))
    within = {"current": (-400, 0), "late": (0, 30), "dpd30": (30, 60), "dpd60": (60, 90), "default": (90, 95)}
    assert set(alive["status"]) == set(within)
    for status, (above, up_to) in within.items():
        days = alive.filter(pl.col("status") == status)["days"]
        assert (days > above).all() and (days <= up_to).all(), status


def test_a_default_is_cured_after_three_months_without_arrears_or_written_off(bookings: pl.DataFrame) -> None:
    spell = (pl.col("before") != "default").cum_sum().over("applicant")
    inside = bookings.with_columns(spell=spell).filter(pl.col("before") == "default")
    cured = inside.filter(pl.col("status") == "current")
    assert cured.height > 50
    assert (
        inside.join(cured, on=["applicant", "spell"], how="semi").group_by("applicant", "spell").len()["len"].min() == 3
    )
    lost = inside.filter(pl.col("status") == "written_off")
    assert lost.height > 500 and (lost["write_off"] > 0).all() and (lost["balance"] == 0).all()
    lengths = inside.join(lost, on=["applicant", "spell"], how="semi").group_by("applicant", "spell").len()["len"]
    assert lengths.min() == 6 and (lengths == 6).mean() > 0.9  # type: ignore[operator]
    assert bookings.filter(pl.col("before") != "default")["write_off"].max() == 0


def test_the_portfolio_is_the_sum_of_its_bookings(run: bustle.Run, bookings: pl.DataFrame) -> None:
    portfolio = run.table("portfolio")
    assert portfolio["time"].dt.day().unique().to_list() == [3]
    was, now = pl.col("before"), pl.col("status")
    recounted = (
        bookings.group_by(pl.col("time").dt.truncate("1d"))
        .agg(
            loans=(now != "closed").sum(),
            balance=pl.col("balance").sum(),
            defaults=((was != "default") & (now == "default")).sum(),
            late_to_30=(was == "late").and_(now == "dpd30").sum() / (was == "late").sum(),
            from_60_to_default=(was == "dpd60").and_(now == "default").sum() / (was == "dpd60").sum(),
            write_off=pl.col("write_off").sum(),
            recovered=pl.col("recovered").sum(),
        )
        .sort("time")
    )
    assert recounted["time"].equals(portfolio["time"])
    for column in recounted.columns[1:]:
        mine, theirs = (frame[column].cast(pl.Float64).fill_null(np.nan) for frame in (recounted, portfolio))
        assert np.allclose(mine, theirs, equal_nan=True), column
    rolls = portfolio[24:]["current_to_late", "late_to_30", "from_30_to_60", "from_60_to_default"].mean().row(0)
    assert list(rolls) == sorted(rolls)


# --- money ---------------------------------------------------------------------


def test_every_cent_lent_or_charged_is_paid_owed_or_written_off(run: bustle.Run, bookings: pl.DataFrame) -> None:
    loans = run.table("loans").with_columns(in_cents(c) for c in ("lent", "interest", "paid", "write_off", "balance"))
    assert (loans["lent"] + loans["interest"] == loans["paid"] + loans["write_off"] + loans["balance"]).all()
    money = ("interest", "paid", "write_off", "recovered")
    sums = bookings.group_by(id="applicant").agg(in_cents(c).sum() for c in money)
    both = loans.with_columns(in_cents("recovered")).join(sums, on="id", suffix="_booked")
    assert both.height > 19_000
    assert all((both[c] == both[f"{c}_booked"]).all() for c in money)
    done = loans.filter(pl.col("status").cast(pl.String).is_in(["repaid", "closed", "written_off"]))
    assert done.height > 5_000 and (done["balance"] == 0).all()


def test_an_instalment_is_that_of_an_annuity_and_the_price_grows_with_risk(run: bustle.Run) -> None:
    """Instalment = amount x i / (1 - (1 + i)^-n), with i a twelfth of the price and n months."""
    loans = run.table("loans").join(run.table("applications").select("id", "score", "asked", "stated_income"), on="id")
    monthly, term = loans["price"] / 12, loans["term"]
    factor = (1 - (1 + monthly.to_numpy()) ** -term.to_numpy().astype(float)) / monthly.to_numpy()
    assert np.allclose(loans["instalment"], loans["lent"] / factor, atol=0.00501)
    assert np.allclose(loans["lent"], np.minimum(loans["asked"], 6 * loans["stated_income"]))
    early = loans.filter(pl.col("opened") < datetime(2022, 7, 1))
    expected = 0.02 + 0.04 + 0.05 * np.maximum(0, 750 - early["score"].to_numpy()) / 100
    assert early.height > 5_000 and np.allclose(early["price"], expected)


def test_of_a_written_off_balance_the_named_share_is_lost() -> None:
    """The lost share is a beta variable of mean m and variance m (1 - m) / 2.2."""
    hard_times: dict[str, str | float] = {**EVERYBODY, "living": 1.1, "loss_share": 0.4, "recovery_delay": "60 days"}
    with bustle.run("credit_risk", scale=0.1, set=hard_times, length="900 days") as run:
        loans = run.table("loans").filter(pl.col("status").cast(pl.String) == "closed")
    lost = (1 - loans["recovered"] / loans["write_off"]).to_numpy()
    assert len(lost) > 500
    assert abs(lost.mean() - 0.4) < Z * sqrt(0.4 * 0.6 / 2.2 / len(lost))


# --- what happens to people ----------------------------------------------------


def test_instalments_are_forgotten_as_often_as_thrift_and_the_parameter_say() -> None:
    """Of the rich nobody misses but for forgetting: each booking is a trial of chance forgetting x exp(-thrift / 2)."""
    with bustle.run("credit_risk", scale=0.1, set={**EVERYBODY, **RICH, "forgetting": 0.05}) as run:
        truth = run.table("truth").select(applicant="id", chance=0.05 * (-0.5 * pl.col("thrift")).exp())
        rows = plain(run.table("repayments")).join(truth, on="applicant")
    chance, forgot = rows["chance"].clip(0, 1), rows["cause"] == "forgot"
    assert set(rows["cause"]) == {"settled", "forgot"}
    expected = float(chance.sum())
    assert abs(float(forgot.sum()) - expected) < Z * sqrt(float((chance * (1 - chance)).sum()))


def test_work_is_lost_and_found_as_a_chain_of_two_states_says() -> None:
    """The chance to be out of work after each month: u' = u (1 - found) + (1 - u) lost, with everybody's own lost."""
    values: dict[str, str | float] = {
        **EVERYBODY,
        **RICH,
        "job_loss": 0.05,
        "job_finding": 0.3,
        "intake": "200 days",
        "forgetting": 0,
    }
    with bustle.run("credit_risk", scale=0.2, set=values, length="300 days") as run:
        people = run.agents("applicant").select("steadiness", "at_work", "asks_at").collect()
    firsts = [datetime(2021, month, 1, 6) for month in range(1, 11)]
    months = np.array([sum(at < first for first in firsts) for at in people["asks_at"]])
    lost = np.minimum(1, 0.05 * np.exp(-0.6 * people["steadiness"].to_numpy() - 0.18))
    out = np.zeros(len(lost))
    for month in range(1, months.max() + 1):
        out = np.where(months >= month, out * 0.7 + (1 - out) * lost, out)
    assert months.min() >= 3 and 0.1 < out.mean() < 0.2
    assert abs((~people["at_work"]).sum() - out.sum()) < Z * sqrt((out * (1 - out)).sum())


def test_stated_income_is_above_the_true_by_the_named_share(applicants: pl.DataFrame) -> None:
    """The median of n lognormal ratios has a standard error of sigma x sqrt(pi / 2 / n) in logarithms."""
    ratio = (applicants["stated_income"] / applicants["pay"]).log()
    error = Z * 0.12 * sqrt(np.pi / 2 / len(ratio))
    assert abs(float(ratio.median()) - np.log(1.15)) < error + 1e-3  # type: ignore[arg-type]


def test_people_come_evenly_over_the_intake(applicants: pl.DataFrame) -> None:
    days = (applicants["asked_at"].dt.truncate("1d") - datetime(2021, 1, 1)).dt.total_days()
    assert days.min() == 0 and days.max() == 1460
    counts = (days // 30).value_counts().sort("asked_at")["count"].to_numpy()[:48]
    assert stats.chisquare(counts).pvalue > CONFIDENCE


# --- the cycle -----------------------------------------------------------------


def test_unemployment_rests_in_good_times_and_doubles_in_a_recession_of_depth_one(run: bustle.Run) -> None:
    economy = run.table("economy")
    rest = 0.014 / (0.014 + 0.25)
    good = economy.filter(pl.col("time") <= datetime(2023, 1, 1))
    assert np.allclose(good["jobless"], rest) and good["recession"].max() == 0
    assert economy["recession"].max() == 1
    assert 1.8 * rest < economy["jobless"].max() < 2.2 * rest  # type: ignore[operator]
    assert economy["policy_rate"][0] == 0.02 and economy["policy_rate"][-1] == pytest.approx(0.04)


def test_without_a_cycle_defaults_of_a_vintage_rise_and_then_flatten() -> None:
    """None in the first three months, for want of days; most in the first year, ever fewer in the later."""
    with bustle.run("credit_risk", set={"recession_depth": 0, "rate_rise": 0}) as run:
        vintage = applicants_of(run).filter(pl.col("asked_at") < datetime(2022, 1, 1))
    days = (vintage["would_default_at"] - vintage["asked_at"]).dt.total_days()
    new = [int(((days >= 365 * year) & (days < 365 * (year + 1))).sum()) for year in range(4)]
    assert days.min() > 90  # type: ignore[operator]
    for earlier, later in pairwise(new):
        assert (earlier - later) / sqrt(earlier + later) > Z
    assert new[3] < 0.1 * new[0]


def test_a_recession_raises_defaults_and_changes_nothing_before_it_comes(run: bustle.Run) -> None:
    with bustle.run("credit_risk", seed=1, set={"recession_depth": 0}) as calm:
        quiet = applicants_of(calm)
    hit, begin = applicants_of(run), datetime(2023, 1, 1)
    before = [
        frame.filter(pl.col("would_default_at") < begin).select("id", "would_default_at") for frame in (hit, quiet)
    ]
    assert before[0].height > 500 and before[0].equals(before[1])
    struck = hit["asked_at"].is_between(begin, datetime(2023, 12, 31))
    assert apart(hit["would_default"].filter(struck), quiet["would_default"].filter(struck)) > Z
    assert not (quiet["would_default"] & ~hit["would_default"]).any()
    portfolio = run.table("portfolio").group_by(year=pl.col("time").dt.year()).agg(pl.col("default_rate").mean())
    yearly = dict(portfolio.select("year", "default_rate").iter_rows())
    assert yearly[2024] > 1.3 * yearly[2022] and yearly[2024] > 1.3 * yearly[2025]


def test_both_engines_write_the_same_bytes(tmp_path: Path) -> None:
    checksums = []
    for engine in ("reference", "compiled"):
        made = bustle.run("credit_risk", scale=0.004, length="900 days", engine=engine, out=tmp_path / engine)
        checksums.append(
            {name: entry for name, entry in made.manifest["files"].items() if name.startswith(("log/", "tables/"))}
        )
    assert checksums[0] and checksums[0] == checksums[1]
