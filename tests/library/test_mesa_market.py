"""The market's queues against queueing theory. Each test fails by chance for less than one seed in a thousand."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from math import factorial, log

import polars as pl
import pytest
from scipy import stats

import bustle

CONFIDENCE = 1e-3
STALLS, SERVICE = 16, 3.0
START, DAYS = datetime(2026, 5, 4, 8), 2


@cache
def market(clerks: int, gap: float) -> bustle.Run:
    """Two days of sixteen stalls; ``gap`` in minutes."""
    values: dict[str, int | str] = {
        "stalls": STALLS,
        "shoppers": 300,
        "clerks_each": clerks,
        "mean_gap": f"{gap} minutes",
    }
    return bustle.run("mesa_market", seed=1, length=f"{DAYS} days", set=values, allow_code=True)


def chance_to_wait(clerks: int, load: float) -> float:
    """Erlang's C formula: the chance that all clerks are busy, at ``load`` shoppers served at a time (Erlang 1917)."""
    busy = load**clerks / factorial(clerks) * clerks / (clerks - load)
    return busy / (sum(load**n / factorial(n) for n in range(clerks)) + busy)


@pytest.mark.parametrize(("clerks", "gap"), [(1, 5.0), (2, 2.2)])
def test_shoppers_wait_as_long_as_in_an_m_m_c_queue(clerks: int, gap: float) -> None:
    """One mean a stall, of those who came after the queue had settled and would surely be served before the end."""
    came = pl.col("time") - pl.duration(microseconds=1e6 * (pl.col("waited") + pl.col("served")))
    settled = came.is_between(START + timedelta(hours=6), START + timedelta(days=DAYS, hours=-4))
    sales = market(clerks, gap).table("sales").filter(settled)
    means = sales.group_by("stall").agg(wait=pl.col("waited").mean() / 60, at_once=(pl.col("waited") == 0).mean())
    waits = chance_to_wait(clerks, SERVICE / gap)
    for name, truth in (("wait", waits / (clerks / SERVICE - 1 / gap)), ("at_once", 1 - waits)):
        assert stats.ttest_1samp(means[name], truth).pvalue > CONFIDENCE
        assert means[name].mean() == pytest.approx(truth, rel=0.2)


def test_shoppers_come_and_are_served_after_exponential_times() -> None:
    sales = market(1, 5.0).table("sales")
    assert stats.kstest(sales["served"] / 60, stats.expon(scale=SERVICE).cdf).pvalue > CONFIDENCE
    came = sales.select(
        "stall", came=pl.col("time") - pl.duration(microseconds=1e6 * (pl.col("waited") + pl.col("served")))
    )
    gaps = came.sort("stall", "came").select(pl.col("came").diff().over("stall").dt.total_microseconds() / 6e7)
    assert stats.kstest(gaps.to_series().drop_nulls(), stats.expon(scale=5.0).cdf).pvalue > CONFIDENCE


def test_prices_are_lower_from_four_in_the_afternoon_until_the_next_morning() -> None:
    run = market(1, 5.0)
    sales = run.table("sales").join(run.table("shoppers"), left_on="shopper", right_on="id")
    price = sales.select((pl.col("amount") * pl.col("thrift") / 14).log()).to_series()
    happy = ~sales["time"].dt.hour().is_between(8, 15)
    assert happy.sum() > 1_000 and (~happy).sum() > 1_000
    for chosen, factor in ((happy, 0.8), (~happy, 1.0)):
        assert stats.kstest(price.filter(chosen), stats.norm(log(factor), 0.5).cdf).pvalue > CONFIDENCE


def test_a_declared_shopper_remembers_every_sale_to_the_cent() -> None:
    run = market(2, 2.2)
    paid = run.events("sale").group_by("shopper").agg(paid=pl.col("amount").sum()).collect()
    spent = run.agents("shopper").collect().with_row_index("shopper").with_columns(pl.col("shopper").cast(pl.Int64))
    joined = spent.join(paid, on="shopper", how="left").fill_null(0)
    assert (joined["spent"] == joined["paid"]).all()
    assert run.table("shoppers").height == paid.height


def test_its_python_runs_only_when_allowed() -> None:
    with pytest.raises(bustle.CodeError, match=r"mesa_market\.py:Stall for stall.*allow_code=True"):
        bustle.run("mesa_market", length="1 hour")
