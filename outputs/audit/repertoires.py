"""The payees of one payer: how many in a month, and how unequal."""

from __future__ import annotations

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Floats, Integers
from bustle.outputs.audit.rhythm import DAY

MONTH = 30 * DAY
FEWEST_ROWS = 50
"""Rows that a payer needs for the order of their payees to be measured."""


def payees_a_month(payers: Integers, payees: Integers, instants: Integers) -> Integers:
    """How many different payees each payer has in each whole month of 30 days in which they pay at all."""
    month = (instants - instants[0]) // MONTH
    whole = (instants[-1] - instants[0] + 1) // MONTH
    inside = month < whole
    frame = pl.DataFrame({"payer": payers[inside], "month": month[inside], "payee": payees[inside]})
    found: Integers = frame.unique().group_by("payer", "month").len()["len"].to_numpy().astype(np.int64)
    return found


def shares_by_rank(payers: Integers, payees: Integers) -> tuple[Floats, int]:
    """The mean share that a payer's most frequent payee has of their rows, the second most frequent, and so on.

    Returns:
        The shares by rank, and the number of payers (with at least `FEWEST_ROWS` rows) they are the mean of.
    """
    pairs = pl.DataFrame({"payer": payers, "payee": payees}).group_by("payer", "payee").len("rows")
    pairs = pairs.with_columns(all=pl.col("rows").sum().over("payer")).filter(pl.col("all") >= FEWEST_ROWS)
    ranked = pairs.with_columns(
        rank=pl.col("rows").rank("ordinal", descending=True).over("payer"), share=pl.col("rows") / pl.col("all")
    ).sort("payer", "rank")  # sums of floats depend on their order
    people = pairs["payer"].n_unique()
    sums: Floats = np.bincount(ranked["rank"].to_numpy(), ranked["share"].to_numpy()).astype(np.float64)
    return sums[1:] / max(people, 1), people
