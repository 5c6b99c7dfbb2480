"""The run on the bank against Granovetter's theory, within three standard deviations; and the bank's books."""

from __future__ import annotations

from functools import cache
from math import sqrt

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

import bustle

DEPOSITORS, NERVE, RESERVE = 3_000, 0.25, 0.3
SPREADS = (0.10, 0.13)


@cache
def bank_run(spread: float) -> bustle.Run:
    return bustle.run("bank_run", seed=1, length="5 days", set={"spread": spread, "depositors": DEPOSITORS})


def smallest_fixed_point(spread: float) -> float:
    """The smallest r with F(r) = r, F normal: where the cascade stops (Granovetter 1978, equation 2)."""
    grid = np.linspace(0, 1, 10_001)
    stopped = np.flatnonzero(norm.cdf(grid, NERVE, spread) <= grid)
    if stopped[0] == 0:
        return 0.0
    return float(brentq(lambda r: norm.cdf(r, NERVE, spread) - r, grid[stopped[0] - 1], grid[stopped[0]]))


@pytest.mark.parametrize("spread", SPREADS)
def test_the_share_of_withdrawals_ends_at_the_smallest_fixed_point(spread: float) -> None:
    share = bank_run(spread).table("withdrawals").height / DEPOSITORS
    truth = smallest_fixed_point(spread)
    slope = norm.pdf(truth, NERVE, spread)
    assert abs(share - truth) <= 3 * sqrt(truth * (1 - truth) / DEPOSITORS) / (1 - slope) + 1e-3


def test_a_little_more_spread_turns_a_few_withdrawals_into_a_run() -> None:
    few, everybody = (smallest_fixed_point(spread) for spread in SPREADS)
    assert few < 0.01 and everybody > 0.99


@pytest.mark.parametrize("spread", SPREADS)
def test_exactly_those_withdraw_who_see_enough_others_do(spread: float) -> None:
    """With the thresholds as drawn the end is exact: the first number of withdrawals that is too few for the next."""
    depositors = bank_run(spread).agents("depositor").collect()
    thresholds = np.sort(depositors["threshold"].to_numpy()) * DEPOSITORS
    too_few = np.flatnonzero(thresholds > np.arange(DEPOSITORS))
    assert bank_run(spread).table("withdrawals").height == (too_few[0] if len(too_few) else DEPOSITORS)


@pytest.mark.parametrize("spread", SPREADS)
def test_no_cent_is_lost_and_none_is_paid_that_the_bank_does_not_have(spread: float) -> None:
    run = bank_run(spread)
    deposits = int(run.agents("depositor").collect()["deposit"].sum())
    paid, asked = (run.events("withdrawal").collect()[name] for name in ("paid", "amount"))
    vault = round(RESERVE * deposits)
    left = round(run.table("course")["cash"][-1] * 100)
    assert paid.sum() + left == vault
    assert round(run.table("course")["paid_out"][-1] * 100) == paid.sum()
    cash_before = vault - paid.cum_sum() + paid
    assert (paid == pl.DataFrame({"asked": asked, "cash": cash_before}).min_horizontal()).all()


def test_the_course_starts_with_a_full_vault_and_never_goes_back() -> None:
    course = bank_run(0.13).table("course")
    deposits = float(bank_run(0.13).table("depositors")["deposit"].sum())
    assert course.row(0, named=True)["cash"] == pytest.approx(RESERVE * deposits, abs=0.01)
    assert course["share_out"].is_sorted() and course["cash"].is_sorted(descending=True)
    assert course["cash"][-1] == 0


def test_panic_marks_those_who_would_not_have_gone_alone() -> None:
    run = bank_run(0.13)
    alone = run.table("depositors").filter(pl.col("threshold") <= 0)["id"]
    calm = run.table("withdrawals").filter(~pl.col("panic"))["depositor"]
    assert sorted(calm) == sorted(alone)


def test_a_smaller_bank_runs_as_well() -> None:
    with bustle.run("bank_run", seed=1, scale=0.25, length="20 days", set={"spread": 0.2}) as run:
        assert run.table("withdrawals").height > 0.95 * 1_000
