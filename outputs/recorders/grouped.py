"""Columns of tables whose rows are groups of events."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bustle.outputs.aggregates import Reductions
from bustle.outputs.columns import Columns, Row
from bustle.outputs.recorders.recording import Recording
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Candidate,
    Categorical,
    Draw,
    Empirical,
    Expr,
    Field,
    Mixture,
    Self,
)

_OF_A_ROW = (Field, Attr, Self, Candidate, Draw, Categorical, Empirical, Mixture)


class GroupedColumns(Columns):
    """Compiles expressions over groups: aggregates, the group's keys, and functions of them.

    Anything else that belongs to single rows has the value of the group's first row, which is the value of all
    where it follows from the keys.

    Args:
        recording: the log and its scenario.
        rows: compiles what stands inside an aggregate, over single rows.
        keys: the column of the reduced frame for each expression that all rows of a group share.
        start: the group's instant, where it has one.
    """

    def __init__(
        self, recording: Recording, rows: Columns, keys: Mapping[Expr, pl.Expr], start: pl.Expr | None = None
    ) -> None:
        self._grouped = Reductions(rows.compile)
        self._keys = keys
        self._start = start
        super().__init__(recording.model, Row(now=start), recording.agents, aggregate=self._grouped.aggregate)

    @property
    def reductions(self) -> Reductions:
        """What the compiled columns need of every group."""
        return self._grouped

    def compile(self, expr: Expr) -> pl.Expr:
        """The Polars expression over reduced frames."""
        if expr in self._keys:
            return self._keys[expr]
        if isinstance(expr, Field) and expr.name == "time" and self._start is not None:
            return self._start
        if isinstance(expr, _OF_A_ROW) and not isinstance(expr, Aggregate):
            return self._grouped.first(expr)
        return super().compile(expr)
