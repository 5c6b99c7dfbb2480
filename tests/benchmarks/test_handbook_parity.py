"""The shipped scenario and the NumPy program are the same model."""

from __future__ import annotations

from math import sqrt

import numpy as np
import polars as pl
import pytest
from scipy.stats import ks_2samp

import bustle
from benchmarks.handbook_numpy import Size, simulate

SIZE = Size(customers=1_000, terminals=1_000, days=60, radius=10.0)
SMALLEST_P = 1e-3


@pytest.fixture(scope="module")
def tables() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same small data set by the scenario and by the program."""
    values = {"customers": SIZE.customers, "terminals": SIZE.terminals, "radius": SIZE.radius}
    with bustle.run("handbook_fraud", seed=3, set=values, length=f"{SIZE.days} days") as run:
        ours = run.table("transactions")
    return ours, pl.DataFrame(simulate(3, SIZE))


def by_customer(table: pl.DataFrame) -> pl.DataFrame:
    """Genuine habits of every customer who bought ten times or more."""
    amount = pl.col("TX_AMOUNT").cast(pl.Float64)
    return (
        table.filter(pl.col("TX_FRAUD_SCENARIO") < 3)
        .group_by("CUSTOMER_ID")
        .agg(
            count=pl.len(),
            mean=amount.mean(),
            variation=amount.std() / amount.mean(),
            terminals=pl.col("TERMINAL_ID").n_unique(),
        )
        .filter(pl.col("count") >= 10)
    )


def test_both_have_the_same_columns(tables: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    ours, theirs = tables
    assert set(theirs.columns) <= set(ours.columns)


@pytest.mark.parametrize("habit", ["count", "mean", "variation", "terminals"])
def test_customers_have_the_same_habits(tables: tuple[pl.DataFrame, pl.DataFrame], habit: str) -> None:
    ours, theirs = (by_customer(table)[habit].to_numpy() for table in tables)
    assert ks_2samp(ours, theirs).pvalue > SMALLEST_P


def test_purchases_come_at_the_same_times_of_day(tables: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    ours, theirs = (table["TX_TIME_SECONDS"].to_numpy() % 86_400 for table in tables)
    assert ks_2samp(ours, theirs).pvalue > SMALLEST_P


@pytest.mark.parametrize("rule", [1, 2, 3])
def test_every_fraud_rule_gives_the_count_that_seeds_of_the_program_spread_about(
    tables: tuple[pl.DataFrame, pl.DataFrame], rule: int
) -> None:
    seeds = 30
    counts = np.array([int((simulate(seed, SIZE)["TX_FRAUD_SCENARIO"] == rule).sum()) for seed in range(seeds)])
    ours = int((tables[0]["TX_FRAUD_SCENARIO"] == rule).sum())
    assert abs(ours - counts.mean()) < 4 * counts.std(ddof=1) * sqrt(1 + 1 / seeds)
