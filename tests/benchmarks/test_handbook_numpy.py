"""The NumPy program keeps the handbook's rules."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import norm

from benchmarks.handbook_counts import PUBLISHED, count_table, spread
from benchmarks.handbook_numpy import Purchases, Size, apply_fraud, simulate, terminals_in_reach, write_parquet

SMALL = Size(customers=400, terminals=800, days=60, radius=18.0)


def test_the_same_seed_gives_the_same_table_and_another_seed_another() -> None:
    one, again, other = simulate(4, SMALL), simulate(4, SMALL), simulate(5, SMALL)
    for name, values in one.items():
        np.testing.assert_array_equal(values, again[name])
    assert len(other["CUSTOMER_ID"]) != len(one["CUSTOMER_ID"])


def test_rows_are_in_order_of_time_and_agree_with_themselves() -> None:
    table = pl.DataFrame(simulate(1, SMALL))
    assert table["TX_DATETIME"].is_sorted()
    assert table["TRANSACTION_ID"].to_list() == list(range(len(table)))
    assert (table["TX_TIME_DAYS"] == table["TX_TIME_SECONDS"] // 86_400).all()
    assert (table["TX_TIME_SECONDS"] % 86_400 > 0).all()
    assert (table["TX_FRAUD"] == (table["TX_FRAUD_SCENARIO"] > 0).cast(pl.Int64)).all()
    assert (table["TX_AMOUNT"] >= 0).all()
    unmarked = table.filter(pl.col("TX_FRAUD_SCENARIO") == 0)
    assert (unmarked["TX_AMOUNT"] <= 220).all()
    assert (table.filter(pl.col("TX_FRAUD_SCENARIO") == 1)["TX_AMOUNT"] > 220).all()


def test_the_number_of_transactions_is_that_of_the_model() -> None:
    inside = norm.cdf(86_400, 43_200, 20_000) - norm.cdf(0, 43_200, 20_000)
    exposure = SMALL.days * inside
    expected = SMALL.customers * 2 * exposure
    sd = sqrt(SMALL.customers * (exposure**2 * 16 / 12 + 2 * exposure))
    seeds = 12
    counts = [len(simulate(seed, SMALL)["CUSTOMER_ID"]) for seed in range(seeds)]
    assert abs(np.mean(counts) - expected) < 4 * sd / sqrt(seeds)


def test_a_customer_pays_at_terminals_within_reach_only() -> None:
    wide, narrow = (simulate(2, Size(50, 2_000, 40, radius)) for radius in (80.0, 4.0))
    reached = [pl.DataFrame(t).group_by("CUSTOMER_ID").agg(pl.col("TERMINAL_ID").n_unique()) for t in (wide, narrow)]
    assert reached[1]["TERMINAL_ID"].max() < reached[0]["TERMINAL_ID"].max()  # type: ignore[operator]


def test_terminals_in_reach_are_those_that_a_look_at_every_pair_finds() -> None:
    rng = np.random.default_rng(5)
    home, place = rng.uniform(0, 100, (60, 2)), rng.uniform(0, 100, (300, 2))
    for radius in (0.5, 7.0, 33.0, 150.0):
        degree, terminal = terminals_in_reach(home, place, radius)
        apart = np.linalg.norm(home[:, None] - place[None], axis=2)
        assert degree.tolist() == (apart <= radius).sum(axis=1).tolist()
        first = np.concatenate(([0], np.cumsum(degree)))
        for customer in range(len(home)):
            found = sorted(terminal[first[customer] : first[customer + 1]].tolist())
            assert found == np.flatnonzero(apart[customer] <= radius).tolist()


def test_customers_with_no_terminal_in_reach_buy_nothing() -> None:
    assert len(simulate(0, Size(20, 1, 20, radius=1e-6))["CUSTOMER_ID"]) == 0


def test_a_later_rule_overwrites_an_earlier_one_and_a_third_of_the_chosen_is_multiplied() -> None:
    size = Size(customers=3, terminals=2, days=1)
    day = np.zeros(9, dtype=np.int32)
    bought = Purchases(
        customer=np.repeat(np.arange(3, dtype=np.int32), 3),
        terminal=np.zeros(9, dtype=np.int32),
        seconds=np.arange(9),
        day=day,
        cents=np.full(9, 30_000),
        first=np.array([0, 3, 6, 9]),
    )
    cents, rule = apply_fraud(np.random.default_rng(0), size, bought)
    assert sorted(rule.tolist()) == [2] * 6 + [3] * 3
    assert (cents == np.where(rule == 3, 150_000, 30_000)).all()


def test_counts_are_read_from_the_file_and_compared_with_the_published_ones(tmp_path: Path) -> None:
    table = simulate(3, SMALL)
    write_parquet(table, tmp_path / "table.parquet")
    rows, fraud, *by_rule = count_table(tmp_path / "table.parquet")
    assert rows == len(table["CUSTOMER_ID"])
    assert fraud == sum(by_rule) == int(table["TX_FRAUD"].sum())

    published = tuple(PUBLISHED.values())
    spreads = spread([tuple(p - 10 for p in published), tuple(p + 30 for p in published)])
    assert [s.z for s in spreads] == [-10 / np.std([-10, 30], ddof=1)] * 5
