"""Each parameter of money_laundering does what its name says, and only that. Chance fails one seed in a thousand."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

import bustle
from tests.library.test_money_laundering_patterns import PATTERNS

CONFIDENCE = 1e-3
Z = 3.3
"""Standard errors that chance exceeds for one seed in a thousand."""
TWIN: dict[str, Any] = {"seed": 3, "scale": 0.1, "length": "21 days"}
HURRIED: dict[str, Any] = {"seed": 5, "scale": 0.2, "length": "40 days"}
NO_OTHERS: dict[str, Any] = {f"{pattern}_weight": 0 for pattern in PATTERNS}


def made(size: dict[str, Any], **given: Any) -> bustle.Run:
    return bustle.run("money_laundering", **size, set=given)


@cache
def twin(**given: Any) -> bustle.Run:
    """A run of one seed with these parameters; the same run is made once."""
    return made(TWIN, **({"schemes": "1/4 days"} | given))


def schemes_of(run: bustle.Run) -> pl.DataFrame:
    return run.table("plans").filter("laundering").with_columns(pl.col("pattern").cast(pl.String))


# --- how many schemes, and how they go -----------------------------------------


def test_patterns_are_as_frequent_as_their_weights_say() -> None:
    weights = {pattern: 1.0 for pattern in PATTERNS} | {"cycle": 4.0, "crypto": 3.0, "stack": 0.0}
    run = made(HURRIED, schemes="1/1 day", **{f"{pattern}_weight": weight for pattern, weight in weights.items()})
    found = dict(schemes_of(run)["pattern"].value_counts().iter_rows())
    assert "stack" not in found
    drawn = [pattern for pattern in PATTERNS if weights[pattern]]
    observed = np.array([found.get(pattern, 0) for pattern in drawn])
    share = np.array([weights[pattern] for pattern in drawn])
    assert observed.sum() > 100
    assert stats.chisquare(observed, observed.sum() * share / share.sum()).pvalue > CONFIDENCE


@pytest.mark.parametrize("gap", [1, 2])
def test_every_ring_begins_schemes_at_its_rate(gap: int) -> None:
    expected = 4 * 40 / gap
    assert abs(schemes_of(made(HURRIED, schemes=f"1/{gap} days")).height - expected) < Z * expected**0.5


def test_widths_are_those_of_the_parameter() -> None:
    """2 and a Poisson number with mean 4, cut at 12, which takes away less than 0.01."""
    run = made(
        HURRIED, **NO_OTHERS | {"fan_out_weight": 1, "schemes": "1/1 day", "width": 6.0, "look_alikes": "0 per day"}
    )
    paid = run.agents("member").filter(pl.col("role").cast(pl.String) == "beneficiary")
    members = paid.group_by("plan").len().collect()
    assert members.height > 100
    assert abs(np.mean(members["len"].to_numpy()) - 6) < Z * (4 / members.height) ** 0.5 + 0.01


def test_cycles_are_as_long_as_the_parameter_says() -> None:
    """3 and a Poisson number with mean 4, cut at 14, which takes away less than 0.01."""
    run = made(
        HURRIED, **NO_OTHERS | {"cycle_weight": 1, "schemes": "1/1 day", "hops": 7.0, "look_alikes": "0 per day"}
    )
    hops = run.agents("order").filter(pl.col("stage").cast(pl.String) == "layering").group_by("plan").len().collect()
    assert hops.height > 100
    assert abs(np.mean(hops["len"].to_numpy()) - 7) < Z * (4 / hops.height) ** 0.5 + 0.01


@pytest.mark.parametrize("transfer", [600.0, 90.0])
def test_half_of_the_sums_are_above_the_median_transfer(transfer: float) -> None:
    """Of schemes with two layers the value is the median times the number of payments, times a draw around 1."""
    fans = {"fan_out_weight": 1, "fan_in_weight": 1, "structuring_weight": 1}
    run = made(HURRIED, **NO_OTHERS | fans | {"schemes": "1/1 day", "transfer": transfer})
    sides = run.agents("member").filter(pl.col("role").cast(pl.String).is_in(["origin", "beneficiary"]))
    sizes = sides.group_by("plan").len().collect()
    plans = schemes_of(run).join(sizes, left_on="id", right_on="plan")
    above = int((plans["value"] / (plans["len"] - 1) > transfer).sum())
    assert plans.height > 100
    assert stats.binomtest(above, plans.height, 0.5).pvalue > CONFIDENCE


def test_a_member_keeps_the_commission() -> None:
    run = made(HURRIED, **NO_OTHERS | {"cycle_weight": 1, "schemes": "1/4 days", "commission": 0.1})
    hops = run.agents("order").filter(pl.col("stage").cast(pl.String) == "layering").collect()
    kept = pl.col("value") / pl.col("value").shift().over("plan")
    ratios = hops.sort("plan", "step").select(kept).to_series().drop_nulls()
    assert ratios.len() > 50 and np.allclose(ratios.to_numpy(), 0.9)


def test_a_shorter_step_time_ends_schemes_sooner() -> None:
    def mean_hours(run: bustle.Run) -> float:
        span = pl.col("time").max() - pl.col("time").min()
        crime = run.table("transactions").filter("laundering").group_by("plan").agg(hours=span.dt.total_hours())
        return float(np.mean(crime["hours"].to_numpy()))

    assert mean_hours(twin(step_time="2 hours")) < 0.5 * mean_hours(twin())


def test_banks_notice_the_share_of_schemes_and_take_the_time_to_report_that_they_are_said_to() -> None:
    schemes = schemes_of(made(HURRIED, schemes="1/1 day", detection=0.7, report_time="5 days"))
    noticed = schemes.filter(pl.col("detected").is_not_null())
    assert stats.binomtest(noticed.height, schemes.height, 0.7).pvalue > CONFIDENCE
    days = (noticed["reported"] - noticed["detected"]).dt.total_seconds().to_numpy() / 86_400
    assert stats.binomtest(int((days > 5).sum()), days.size, 0.5).pvalue > CONFIDENCE


def test_rings_have_as_many_accounts_as_the_parameter_says_and_no_account_belongs_to_two() -> None:
    mules = twin(mules=40).agents("mule").filter(pl.col("born") == pl.col("born").min()).collect()
    assert mules.group_by("ring").len()["len"].to_list() == [40, 40]
    assert mules["account"].n_unique() == mules.height


def test_cash_stays_below_the_threshold() -> None:
    run = made(HURRIED, **NO_OTHERS | {"structuring_weight": 1, "schemes": "1/8 days", "threshold": 3000})
    cash = run.agents("order").filter(pl.col("stage").cast(pl.String) == "placement").collect()["value"]
    assert cash.len() > 50 and cash.is_between(0.3 * 3000, 0.99 * 3000).all()


# --- what people and companies do ----------------------------------------------


def test_look_alikes_begin_at_their_rate() -> None:
    run = twin(look_alikes="1/100 days")
    honest = run.table("plans").filter(~pl.col("laundering")).height
    kinds = run.table("accounts")["use"].cast(pl.String)
    expected = int(kinds.is_in(["personal", "business", "shop"]).sum()) * 21 / 100
    assert abs(honest - expected) < Z * expected**0.5
    assert schemes_of(run).select("begun", "pattern").equals(schemes_of(twin()).select("begun", "pattern"))


def test_accounts_banks_and_companies_are_as_many_as_the_parameters_say() -> None:
    accounts = twin(accounts=12_000, banks=40, companies=0.5).table("accounts")
    assert accounts.height == 1_200 and accounts["bank"].n_unique() <= 4
    holders = accounts.select("holder", "kind").unique()
    companies = int((holders["kind"].cast(pl.String) != "individual").sum())
    assert stats.binomtest(companies, holders.height, 0.5).pvalue > CONFIDENCE


def counts_of(run: bustle.Run) -> dict[str, int]:
    """Numbers of payments by what they are for."""
    use = run.table("accounts").select("id", use=pl.col("use").cast(pl.String))
    table = run.table("transactions").join(use, left_on="payer", right_on="id")
    firm = pl.col("use").is_in(["business", "shop"])
    paid = table.join(use, left_on="payee", right_on="id", suffix="_payee")
    to_firm = pl.col("use_payee").is_in(["business", "shop"])
    card = pl.col("format").cast(pl.String) == "credit_card"
    invoices = paid.filter(firm & to_firm)
    return {
        "cards": table.filter(card).height,
        "invoices": invoices.height,
        "invoices abroad": invoices.filter("converted").height,
        "all others": paid.filter(~card & ~(firm & to_firm)).height,
    }


TIMES = [
    ({"outings": "0.21 per day"}, "cards", 2.0),
    ({"next_shop": 0.44}, "cards", 0.5),
    ({"invoices": "1.06 per day"}, "invoices", 2.0),
    ({"next_invoice": 0.4}, "invoices", 0.5),
]
"""Changes, what they change, and by which factor: sittings times 1 / (1 - chance of one more)."""


@pytest.mark.parametrize(("change", "what", "factor"), TIMES)
def test_habits_change_what_they_are_about_and_hardly_anything_else(
    change: dict[str, Any], what: str, factor: float
) -> None:
    """Clusters of payments are geometric, so their number's variance is that of a Poisson number times at most 7."""
    before, after = counts_of(twin()), counts_of(twin(**change))
    expected = factor * before[what]
    spread = Z * (7 * (expected + factor**2 * before[what])) ** 0.5
    assert abs(after[what] - expected) < max(0.05 * expected, spread)
    others = before.keys() - {what} - ({"invoices abroad"} if what == "invoices" else set())
    assert all(abs(after[other] - before[other]) < 0.03 * before[other] + 5 for other in others)


def test_the_share_of_invoices_from_abroad_is_that_of_the_parameter() -> None:
    """Suppliers at home have the currency of the account, so that all invoices in another come from abroad."""
    counts = counts_of(twin(abroad=0.3))
    share = counts["invoices abroad"] / counts["invoices"]
    assert abs(share - 0.3) < Z * (0.3 * 0.7 / counts["invoices"]) ** 0.5 + 0.01


def test_without_a_margin_money_is_converted_at_the_rate_itself() -> None:
    table = twin(fx_margin=0).table("transactions").filter("converted")
    with_margin = twin().table("transactions").filter("converted")
    both = table.join(with_margin, on=["time", "payer", "payee", "amount_paid"], suffix="_less")
    assert both.height > 300
    less = both["amount_received_less"] / both["amount_received"]
    sure = both["amount_received"] > 100
    assert np.allclose(less.filter(sure).to_numpy(), 1 - 0.004, atol=1e-4)


# --- what does not change -------------------------------------------------------


def test_without_schemes_the_same_people_pay_the_same_at_the_same_instants() -> None:
    """Exactly so until the first laundered cent, and nearly so later, since balances then differ a little."""
    table, without = (run.table("transactions") for run in (twin(), twin(schemes="0 per day")))
    assert not without["laundering"].any()
    first = table.filter("laundering")["time"].min()
    labels = ["known", "plan", "detected", "reported"]
    before, other = (t.filter(pl.col("time") < first).drop(labels) for t in (table, without))
    assert before.height > 100 and before.equals(other)
    who = ["time", "payer", "payee"]
    ordinary = table.filter(pl.col("plan").is_null()).select(who)
    assert ordinary.join(without, on=who, how="semi").height > 0.98 * ordinary.height


CHANGES: list[dict[str, Any]] = [
    {"width": 8.0},
    {"hops": 8.0},
    {"transfer": 60.0},
    {"commission": 0.2},
    {"step_time": "2 hours"},
    {"threshold": 3000},
    {"detection": 1},
    {"report_time": "1 day"},
    {"outings": "0.21 per day"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_other_parameters_do_not_change_which_schemes_begin_when(change: dict[str, Any]) -> None:
    one, other = (schemes_of(run).select("begun", "pattern", "ring") for run in (twin(), twin(**change)))
    assert one.height >= 8 and one.equals(other)
