"""The decision tree that sees nothing but the row: how much fraud it finds, and the rules it finds it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bustle.outputs.audit.arrays import Bools, Floats, Integers
from bustle.outputs.audit.tallies import rates_of, scored

DEPTH = 4
MOST_ROWS = 1_000_000
"""Rows that the tree is trained on at most; of more, every k-th in time is taken."""
FEWEST_OF_LEAF = 50
"""Rows of a leaf at least. With fewer, one fraud at the edge of a balance that grows with time makes a leaf of its own,
which all later rows fall into; that hides what the tree has found elsewhere."""
FEWEST_OF_LEVEL = 50
"""Rows that a category needs for a share of fraud of its own; without a bound a column of names would fit itself."""


@dataclass(frozen=True)
class RowTree:
    """A trained tree.

    Attributes:
        model: scikit-learn's tree.
        names: of its inputs.
        rates: of the inputs that are categories, the share of fraud of each value.
        base: share of fraud in the rows it was trained on.
        trained_on: the number of those rows.
        every: of how many rows each one was taken.
    """

    model: Any
    names: tuple[str, ...]
    rates: Mapping[str, pl.DataFrame]
    base: float
    trained_on: int
    every: int
    _batch: int = field(default=1_000_000)

    def leaves(self, inputs: Mapping[str, pl.Series]) -> Integers:
        """The leaf of each row."""
        rows = len(next(iter(inputs.values())))
        parts = [
            self.model.apply(_matrix(inputs, self.rates, self.base, slice(first, first + self._batch)))
            for first in range(0, rows, self._batch)
        ]
        return np.concatenate(parts).astype(np.int64)

    def scores(self, leaves: Integers) -> Floats:
        """The share of fraud, in training, of the given leaves."""
        shares = self.model.tree_.value[:, 0, :]
        if shares.shape[1] == 1:  # what it was trained on was all of one kind
            return np.full(leaves.size, self.base)
        fraud: Floats = (shares[:, 1] / shares.sum(axis=1))[leaves]
        return fraud

    def rule_of(self, leaf: int) -> str:
        """The way to a leaf in words: ``amount > 220 and hour is one of 2, 3``."""
        return " and ".join(self._steps(leaf))

    def _steps(self, leaf: int) -> Iterator[str]:
        tree = self.model.tree_
        parents = {int(child): node for side in (tree.children_left, tree.children_right)
                   for node, child in enumerate(side) if child >= 0}  # fmt: skip
        way = [leaf]
        while way[-1] in parents:
            way.append(parents[way[-1]])
        for parent, child in zip(way[:0:-1], way[-2::-1], strict=True):
            name, threshold = self.names[tree.feature[parent]], float(tree.threshold[parent])
            is_below = tree.children_left[parent] == child
            if name not in self.rates:
                yield f"{name} {'<=' if is_below else '>'} {threshold:.6g}"
                continue
            chosen = self.rates[name].filter((pl.col("rate") <= threshold) == is_below)["value"].sort().to_list()
            shown = ", ".join(str(value) for value in chosen[:6]) + (", ..." if len(chosen) > 6 else "")
            yield f"{name} is one of {shown}"


def train(inputs: Mapping[str, pl.Series], categories: frozenset[str], fraud: Bools) -> RowTree:
    """A tree of depth `DEPTH` trained on all rows given, or on every k-th of them.

    A category enters by the shares of fraud of its values: no split of them is better than one in that order
    (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, chapter 4).

    Args:
        inputs: the columns by name, in order of time.
        categories: which of them are no numbers.
        fraud: what to find.
    """
    from sklearn.tree import DecisionTreeClassifier

    every = -(-len(fraud) // MOST_ROWS)
    taken, found = {name: column.gather_every(every) for name, column in inputs.items()}, fraud[::every]
    rates = {name: rates_of(taken[name], found, FEWEST_OF_LEVEL) for name in inputs if name in categories}
    base = float(found.mean())
    model = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=FEWEST_OF_LEAF, random_state=0)
    model.fit(_matrix(taken, rates, base, slice(None)), found)
    return RowTree(model, tuple(inputs), rates, base, len(found), every)


def average_precision(scores: Floats, fraud: Bools) -> float:
    """The average precision of ``scores``: the mean precision over the frauds, from the highest score down."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(fraud, scores))


def _matrix(
    inputs: Mapping[str, pl.Series], rates: Mapping[str, pl.DataFrame], base: float, rows: slice
) -> NDArray[np.float32]:
    """The inputs of some rows as scikit-learn takes them; what is missing lies below all else."""
    lowest = float(np.finfo(np.float32).min)
    columns = []
    for name, column in inputs.items():
        part = column[rows]
        if name in rates:
            columns.append(scored(part, rates[name], base).astype(np.float32))
        else:
            numbers = part.cast(pl.Float64).fill_nan(None).fill_null(lowest).to_numpy()
            columns.append(np.clip(numbers, lowest, -lowest).astype(np.float32))
    return np.column_stack(columns)
