"""How many rows, and how many frauds, each value of a column has: what AUC and perfect rules are computed from."""

from __future__ import annotations

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Bools, Floats, Integers


def tally(column: pl.Series, fraud: Bools) -> pl.DataFrame:
    """The values of ``column`` in order, missing first, with the numbers of their ``rows`` and ``frauds``.

    Returns:
        A frame of ``value``, ``rows`` and ``frauds``.
    """
    frame = pl.DataFrame({"value": column, "fraud": fraud})
    counted = frame.group_by("value").agg(rows=pl.len().cast(pl.Int64), frauds=pl.col("fraud").sum().cast(pl.Int64))
    return counted.sort("value", nulls_last=False)


def auc_of_ranks(rows: Integers, frauds: Integers) -> float:
    """The area under the ROC curve of a score, from the rows and frauds of its values in rising order.

    It is the chance that a fraud has a higher score than an honest row, ties counted half (Mann and Whitney, Annals of
    Mathematical Statistics 18, 50, 1947).
    """
    honest = rows - frauds
    below = np.cumsum(honest) - honest
    return float((frauds * (below + honest / 2)).sum() / (frauds.sum() * honest.sum()))


def auc_of_number(column: pl.Series, fraud: Bools) -> float:
    """The AUC of a column of numbers, or of its negative where that is larger."""
    counted = tally(column, fraud)
    area = auc_of_ranks(counted["rows"].to_numpy(), counted["frauds"].to_numpy())
    return max(area, 1 - area)


def rates_of(column: pl.Series, fraud: Bools, fewest: int = 1) -> pl.DataFrame:
    """The share of fraud of each value of ``column``; values of fewer than ``fewest`` rows share one.

    Returns:
        A frame of ``value`` and ``rate``.
    """
    counted = tally(column, fraud)
    rare = counted.filter(pl.col("rows") < fewest)
    pooled = float(rare["frauds"].sum()) / max(int(rare["rows"].sum()), 1)
    own = pl.col("frauds") / pl.col("rows")
    return counted.select("value", rate=pl.when(pl.col("rows") < fewest).then(pooled).otherwise(own))


def scored(column: pl.Series, rates: pl.DataFrame, otherwise: float) -> Floats:
    """The rate of each row's value; ``otherwise`` for values that have none."""
    found = pl.DataFrame({"value": column}).join(rates, on="value", how="left", nulls_equal=True, maintain_order="left")
    scores: Floats = found["rate"].fill_null(otherwise).to_numpy()
    return scores


def auc_of_category(column: pl.Series, fraud: Bools, half: int) -> float:
    """The AUC of a category on the rows from ``half`` on, scored by its values' shares of fraud before."""
    rates = rates_of(column[:half], fraud[:half])
    scores = scored(column[half:], rates, float(fraud[:half].mean()))
    counted = tally(pl.Series(scores), fraud[half:])
    area = auc_of_ranks(counted["rows"].to_numpy(), counted["frauds"].to_numpy())
    return max(area, 1 - area)
