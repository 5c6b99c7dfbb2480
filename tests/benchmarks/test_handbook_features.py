"""The handbook's inputs against a plain reading of their definition."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.handbook_features import DAY, FEATURES, Transactions, feature_matrix, read_transactions


def table_of(rows: int, seed: int) -> Transactions:
    """Transactions of few customers at few terminals, at few instants, so that windows' edges are hit."""
    rng = np.random.default_rng(seed)
    origin = 17_622 * DAY  # 2018-04-01
    time = np.sort(origin + rng.integers(0, 4 * 45, rows) * (DAY // 4))
    return Transactions(
        time=time,
        day=(time - origin) // DAY,
        customer=rng.integers(0, 7, rows),
        terminal=rng.integers(0, 9, rows),
        cents=rng.integers(1, 30_000, rows),
        fraud=rng.random(rows) < 0.2,
        rule=np.zeros(rows, dtype=np.int64),
    )


def inputs_by_definition(table: Transactions, row: int) -> list[float]:
    """One row's inputs, by looking at every other row."""
    now = int(table.time[row])
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=now)
    inputs = [table.cents[row] / 100, float(moment.weekday() in (5, 6)), float(moment.hour <= 6)]
    for window in (1, 7, 30):
        amounts = [
            table.cents[i] / 100
            for i in range(len(table))
            if table.customer[i] == table.customer[row] and now - window * DAY < table.time[i] <= now
        ]
        inputs += [len(amounts), sum(amounts) / len(amounts)]
    for window in (1, 7, 30):
        frauds = [
            bool(table.fraud[i])
            for i in range(len(table))
            if table.terminal[i] == table.terminal[row] and now - (7 + window) * DAY < table.time[i] <= now - 7 * DAY
        ]
        inputs += [len(frauds), sum(frauds) / len(frauds) if frauds else 0.0]
    return inputs


@pytest.mark.parametrize("seed", range(3))
def test_inputs_are_what_their_definition_says(seed: int) -> None:
    table = table_of(400, seed)
    rows = np.arange(len(table))
    expected = np.array([inputs_by_definition(table, row) for row in range(len(table))])
    np.testing.assert_allclose(feature_matrix(table, rows), expected, rtol=1e-12)


def test_inputs_of_some_rows_are_those_rows_of_all_inputs() -> None:
    table = table_of(300, 9)
    some = np.array([250, 3, 77])
    np.testing.assert_array_equal(feature_matrix(table, some), feature_matrix(table, np.arange(300))[some])


def test_every_input_has_a_name() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == 15
    assert feature_matrix(table_of(5, 0), np.arange(5)).shape == (5, 15)


def test_a_table_with_text_identifiers_and_decimal_amounts_is_read_as_one_with_numbers(tmp_path: Path) -> None:
    moments = [dt.datetime(2018, 4, 2, 10), dt.datetime(2018, 4, 1, 23), dt.datetime(2018, 4, 1, 7)]
    plain = pl.DataFrame(
        {
            "TRANSACTION_ID": [2, 1, 0],
            "TX_DATETIME": moments,
            "CUSTOMER_ID": [5, 5, 3],
            "TERMINAL_ID": [1, 2, 2],
            "TX_AMOUNT": [12.34, 0.29, 220.01],
            "TX_TIME_DAYS": [1, 0, 0],
            "TX_FRAUD": [0, 0, 1],
            "TX_FRAUD_SCENARIO": [0, 0, 1],
        }
    )
    other = plain.with_columns(
        pl.col("CUSTOMER_ID", "TERMINAL_ID").cast(pl.String),
        pl.col("TX_AMOUNT").cast(pl.Decimal(18, 2)),
        pl.col("TX_FRAUD").cast(pl.Boolean),
    )
    plain.write_parquet(tmp_path / "plain.parquet")
    other.write_parquet(tmp_path / "other.parquet")
    one, two = (read_transactions(tmp_path / name) for name in ("plain.parquet", "other.parquet"))
    assert one.cents.tolist() == [22_001, 29, 1_234]
    assert one.day.tolist() == [0, 0, 1]
    for name in ("time", "day", "customer", "terminal", "cents", "fraud", "rule"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
