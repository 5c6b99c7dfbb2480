"""The handbook's model at small size: its table, its geometry, its three rules.

That the NumPy program gives the same habits, hours and counts is tested beside it in `tests/benchmarks`; here stand the
table's form, and what follows from the parameters alone. Tests of chance fail for less than one seed in a thousand.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from scipy import integrate, stats
from scipy.stats import norm

import bustle
from benchmarks.handbook_numpy import Size, simulate

CONFIDENCE = 1e-3
SIZE = Size(customers=300, terminals=300, days=14, radius=15.0)
SEEDS = range(8)
START = datetime(2018, 4, 1)

COLUMNS = {
    "TRANSACTION_ID": pl.Int64,
    "TX_DATETIME": pl.Datetime("us"),
    "CUSTOMER_ID": pl.Int64,
    "TERMINAL_ID": pl.Int64,
    "TX_AMOUNT": pl.Float64,
    "TX_TIME_SECONDS": pl.Int64,
    "TX_TIME_DAYS": pl.Int64,
    "TX_FRAUD": pl.Int64,
    "TX_FRAUD_SCENARIO": pl.Int64,
}
RULE, AMOUNT = pl.col("TX_FRAUD_SCENARIO"), pl.col("TX_AMOUNT")


@pytest.fixture(scope="module")
def runs() -> list[bustle.Run]:
    values = {"customers": SIZE.customers, "terminals": SIZE.terminals, "radius": SIZE.radius}
    return [bustle.run("handbook_fraud", seed=seed, length=f"{SIZE.days} days", set=values) for seed in SEEDS]


@pytest.fixture(scope="module")
def tables(runs: list[bustle.Run]) -> list[pl.DataFrame]:
    return [run.table("transactions") for run in runs]


# --- the table ------------------------------------------------------------------


def test_the_columns_are_those_of_the_handbook(tables: list[pl.DataFrame]) -> None:
    for table in tables:
        assert dict(table.schema) == COLUMNS
        assert table.null_count().sum_horizontal().item() == 0


def test_columns_agree_with_each_other(tables: list[pl.DataFrame]) -> None:
    for table in tables:
        assert table["TRANSACTION_ID"].to_list() == list(range(table.height))
        assert table["TX_DATETIME"].is_sorted()
        assert ((table["TX_DATETIME"] - START).dt.total_seconds() == table["TX_TIME_SECONDS"]).all()
        assert (table["TX_TIME_SECONDS"] // 86_400 == table["TX_TIME_DAYS"]).all()
        assert table["TX_TIME_DAYS"].is_between(0, SIZE.days - 1).all()
        assert ((table["TX_FRAUD_SCENARIO"] > 0) == (table["TX_FRAUD"] == 1)).all()


def test_amounts_are_whole_cents_and_none_is_negative(tables: list[pl.DataFrame]) -> None:
    for table in tables:
        amounts = table["TX_AMOUNT"].to_numpy()
        assert (amounts >= 0).all()
        assert (amounts == np.rint(amounts * 100) / 100).all()


def test_every_purchase_is_within_the_radius(runs: list[bustle.Run]) -> None:
    for run in runs[:3]:
        homes, places = (run.agents(name).select("x", "y").collect().to_numpy() for name in ("customer", "terminal"))
        bought = run.table("transactions")
        steps = homes[bought["CUSTOMER_ID"]] - places[bought["TERMINAL_ID"]]
        far = np.hypot(*steps.T)
        assert far.max() <= SIZE.radius
        assert far.max() > 0.99 * SIZE.radius


# --- amounts --------------------------------------------------------------------


def first_amounts(tables: list[pl.DataFrame]) -> pl.Series:
    """One honest amount of every customer, so that they are independent."""
    honest = (table.filter(RULE < 2).group_by("CUSTOMER_ID", maintain_order=True).first() for table in tables)
    return pl.concat([table["TX_AMOUNT"] for table in honest])


def test_amounts_are_distributed_as_in_the_numpy_program(tables: list[pl.DataFrame]) -> None:
    theirs = [pl.DataFrame(simulate(100 + seed, SIZE)) for seed in SEEDS]
    assert stats.ks_2samp(first_amounts(tables), first_amounts(theirs)).pvalue > CONFIDENCE


# --- the three rules ------------------------------------------------------------


def expected_shares() -> dict[int, float]:
    """The share of purchases that each rule marks in the end, a mean over the days.

    An amount is above 220 with the chance that a normal draw with mean m and standard deviation m/2 is, m evenly from
    5 to 100. On day d (from 0) a terminal is compromised unless each of the last min(d + 1, 28) days drew two others;
    likewise each of the last min(d + 1, 14) days leaked a card with chance 3 in all, used for one purchase in three.
    """
    days = np.arange(1, SIZE.days + 1)
    large = integrate.quad(lambda m: norm.sf(220, m, m / 2) / 95, 5, 100)[0]
    compromised = 1 - (1 - 2 / SIZE.terminals) ** np.minimum(days, 28)
    leaked = 1 - (1 - 3 / SIZE.customers / 3) ** np.minimum(days, 14)
    return {
        1: float(np.mean(large * (1 - compromised) * (1 - leaked))),
        2: float(np.mean(compromised * (1 - leaked))),
        3: float(np.mean(leaked)),
    }


@pytest.mark.parametrize("rule", [1, 2, 3])
def test_each_rule_marks_the_share_that_its_parameters_say(tables: list[pl.DataFrame], rule: int) -> None:
    shares = [table.select((RULE == rule).mean()).item() for table in tables]
    truth = expected_shares()[rule]
    assert stats.ttest_1samp(shares, truth).pvalue > CONFIDENCE
    assert np.mean(shares) == pytest.approx(truth, rel=0.25)


def test_rule_1_marks_exactly_the_large_amounts_that_no_later_rule_took(tables: list[pl.DataFrame]) -> None:
    table = pl.concat(tables)
    assert (table.filter(RULE < 2).select((AMOUNT > 220) == (RULE == 1))).to_series().all()
    assert table.filter((RULE == 2) & (AMOUNT > 220)).height > 0


def test_rule_2_takes_all_that_is_paid_at_a_terminal_that_day_but_what_rule_3_takes(tables: list[pl.DataFrame]) -> None:
    rule_3_took_some = False
    for table in tables:
        compromised = pl.col("TX_FRAUD_SCENARIO") == 2
        there = table.filter(compromised.any().over("TERMINAL_ID", "TX_TIME_DAYS"))
        assert there["TX_FRAUD_SCENARIO"].is_between(2, 3).all()
        rule_3_took_some |= (there["TX_FRAUD_SCENARIO"] == 3).any()
    assert rule_3_took_some


def test_rule_3_multiplies_amounts_by_five(tables: list[pl.DataFrame]) -> None:
    table = pl.concat(tables).with_columns(cents=(AMOUNT * 100).round().cast(pl.Int64))
    assert (table.filter(RULE == 3)["cents"] % 5 == 0).all()
    means = table.group_by(RULE).agg(mean=AMOUNT.mean(), sd=AMOUNT.std(), rows=pl.len())
    honest, leaked = (means.row(by_predicate=rule, named=True) for rule in (RULE == 0, RULE == 3))
    assert leaked["mean"] == pytest.approx(5 * honest["mean"], abs=5 * leaked["sd"] / leaked["rows"] ** 0.5)
