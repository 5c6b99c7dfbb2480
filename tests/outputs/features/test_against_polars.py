"""Features of a shipped scenario against the rolling windows of Polars, which look at whole tables."""

from __future__ import annotations

import polars as pl
import pytest

import bustle

ASKED = {
    "card": {"windows": ["1 day", "7 days"], "count": True, "sum": "amount", "distinct": ["merchant", "category"]},
    "category": {"windows": "12 hours", "count": True, "sum": "amount", "distinct": "card"},
}


@pytest.fixture(scope="module")
def payments() -> pl.DataFrame:
    with bustle.run("card_fraud", seed=5, scale=0.05, length="40 days") as run:
        return bustle.features(run.table("transactions"), ASKED)


@pytest.mark.parametrize(
    ("entity", "window", "counterpart"),
    [("card", "1d", "merchant"), ("card", "7d", "category"), ("category", "12h", "card")],
)
def test_counts_sums_and_distinct_values_are_those_of_rolling_windows(
    payments: pl.DataFrame, entity: str, window: str, counterpart: str
) -> None:
    assert payments["time"].is_unique().all()  # of rows at the same time Polars counts the later ones too
    rolling = (
        payments.with_row_index()
        .with_columns(cents=(pl.col("amount") * 100).round().cast(pl.Int64))
        .rolling("time", period=window, closed="right", group_by=entity)
        .agg(
            row=pl.col("index").last(),
            count=pl.len().cast(pl.Int64),
            cents=pl.col("cents").sum(),
            distinct=pl.col(counterpart).n_unique().cast(pl.Int64),
        )
        .sort("row")
    )
    assert payments[f"{entity}_count_{window}"].equals(rolling["count"])
    assert payments[f"{entity}_distinct_{counterpart}_{window}"].equals(rolling["distinct"])
    assert (payments[f"{entity}_sum_amount_{window}"] * 100).round().cast(pl.Int64).equals(rolling["cents"])
