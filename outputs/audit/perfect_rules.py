"""Simple rules whose rows are all fraud: a value, two equal columns, a leaf of the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Bools, Integers
from bustle.outputs.audit.row_tree import RowTree
from bustle.outputs.audit.tallies import tally

PURE = 0.99
"""Share of fraud from which a rule is perfect."""
FEWEST_FRAUDS = 10
FEWEST_SHARE = 0.01
"""Frauds, and share of all frauds, that a rule must hold to be one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and what it finds."""

    text: str
    rows: int
    frauds: int

    def __str__(self) -> str:
        return f"{self.text} ({self.frauds:,} of {self.rows:,} rows)"


def counts_as_rule(rows: int, frauds: int, all_frauds: int) -> bool:
    """Whether so many rows with so many frauds are a perfect rule."""
    return frauds >= max(FEWEST_FRAUDS, FEWEST_SHARE * all_frauds) and frauds >= PURE * rows


def rules_of_values(name: str, column: pl.Series, fraud: Bools) -> Iterator[Rule]:
    """The values of a column that are perfect rules."""
    least = max(FEWEST_FRAUDS, FEWEST_SHARE * float(fraud.sum()))
    pure = tally(column, fraud).filter((pl.col("frauds") >= least) & (pl.col("frauds") >= PURE * pl.col("rows")))
    for value, rows, frauds in pure.iter_rows():
        yield Rule(f"{name} is missing" if value is None else f"{name} = {value}", rows, frauds)


def rules_of_equal_columns(columns: Mapping[str, pl.Series], fraud: Bools) -> Iterator[Rule]:
    """The pairs of columns whose being equal is a perfect rule."""
    for one, other in combinations(columns, 2):
        if not _comparable(columns[one].dtype, columns[other].dtype):
            continue
        equal = (columns[one] == columns[other]).fill_null(False).to_numpy()
        rows, frauds = int(equal.sum()), int((equal & fraud).sum())
        if counts_as_rule(rows, frauds, int(fraud.sum())):
            yield Rule(f"{one} = {other}", rows, frauds)


def rules_of_leaves(tree: RowTree, leaves: Integers, fraud: Bools) -> Iterator[Rule]:
    """The leaves of a tree that are perfect rules over all rows, those it was not trained on too."""
    rows, frauds = np.bincount(leaves), np.bincount(leaves, weights=fraud)
    for leaf in np.flatnonzero(rows):
        if counts_as_rule(int(rows[leaf]), int(frauds[leaf]), int(fraud.sum())):
            yield Rule(tree.rule_of(int(leaf)), int(rows[leaf]), int(frauds[leaf]))


def _comparable(one: pl.DataType, other: pl.DataType) -> bool:
    if one.is_numeric() or other.is_numeric():
        return one.is_numeric() and other.is_numeric()
    return one == other
