"""Aggregates over groups of rows, in a stream of frames.

Each frame is reduced to one row per group, and the reduced rows of many frames are reduced again, so memory follows
the number of groups. Rows are added in the order they come and the frames have fixed sizes, so a sum of floats has the
same last bit on every run and with any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from bustle.outputs.division import divide
from bustle.outputs.frames import frame_dtype
from bustle.scenarios.model import Aggregate, Expr
from bustle.scenarios.types import Quantity

_MERGE_ROWS = 500_000
"""Reduced rows kept apart before they are reduced together."""

How = Literal["sum", "min", "max"]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A column of a reduced frame: how values of several rows become one."""

    name: str
    how: How
    value: pl.Expr


class Reductions:
    """The reductions that the columns of a grouped table need; equal ones are shared.

    Args:
        compile_row: compiles an expression over single rows.
    """

    def __init__(self, compile_row: Callable[[Expr], pl.Expr]) -> None:
        self._compile_row = compile_row
        self._known: dict[tuple[str, Expr | None, Expr | None], str] = {}
        self.reductions: list[Reduction] = []

    def aggregate(self, expr: Aggregate) -> pl.Expr:
        """What stands for ``expr`` in a reduced frame: over no rows count and sum are 0 and the others null."""
        counted = self._reduction("sum", expr, None)
        if expr.function == "count":
            return pl.col(counted).cast(frame_dtype(expr.type))
        assert expr.value is not None
        reduced = pl.col(self._reduction(_HOW[expr.function], expr, expr.value))
        if expr.function == "sum":
            return reduced.cast(frame_dtype(expr.type))
        result = divide(reduced, pl.col(counted)) if expr.function == "mean" else reduced
        if isinstance(expr.type, Quantity) and expr.type.held_whole:
            result = result.round(mode="half_to_even")
        return pl.when(pl.col(counted) > 0).then(result).cast(frame_dtype(expr.type))

    def _reduction(self, how: How, expr: Aggregate, value: Expr | None) -> str:
        kind = "count" if value is None else how
        counted_of = expr.value if value is None else value
        return self._remember((kind, counted_of, expr.where), how, lambda: self._row_value(expr, value, how))

    def _row_value(self, expr: Aggregate, value: Expr | None, how: How) -> pl.Expr:
        """What a row adds: its value, or nothing where it has none or ``where`` does not hold."""
        taken = pl.lit(True) if expr.where is None else self._compile_row(expr.where).fill_null(False)
        given = None if expr.value is None else self._compile_row(expr.value)
        if given is not None:
            taken = taken & given.is_not_null()
        if value is None:
            return taken.cast(pl.Int64)
        assert given is not None
        number = given.cast(pl.Int64) if expr.value is not None and _is_whole(expr.value) else given.cast(pl.Float64)
        return pl.when(taken).then(number).otherwise(_nothing(how, _is_whole(value)))

    def _remember(self, key: tuple[str, Expr | None, Expr | None], how: How, value: Callable[[], pl.Expr]) -> str:
        if key not in self._known:
            name = f"reduction {len(self.reductions)}"
            self.reductions.append(Reduction(name, how, value()))
            self._known[key] = name
        return self._known[key]


_HOW: dict[str, How] = {"sum": "sum", "mean": "sum", "min": "min", "max": "max"}


def _is_whole(expr: Expr) -> bool:
    return frame_dtype(expr.type) != pl.Float64()


def _nothing(how: How, whole: bool) -> pl.Expr:
    """The value that changes no sum, minimum or maximum."""
    if how == "sum":
        return pl.lit(0, dtype=pl.Int64) if whole else pl.lit(0.0)
    largest = how == "min"
    if whole:
        limits = np.iinfo(np.int64)
        return pl.lit(int(limits.max if largest else limits.min), dtype=pl.Int64)
    return pl.lit(float("inf") if largest else float("-inf"))


class GroupedRows:
    """Rows reduced by group as they come.

    Args:
        keys: names of the key columns; groups come out sorted by them, nulls first.
        reductions: what to keep of each group.
    """

    def __init__(self, keys: Sequence[str], reductions: Sequence[Reduction]) -> None:
        self._keys = list(keys)
        self._reductions = reductions
        self._parts: list[pl.DataFrame] = []
        self._rows = 0
        self._merged = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take a frame with the key columns and the columns that the reductions' values read."""
        values = frame.with_columns(r.value.alias(r.name) for r in self._reductions)
        self._keep(self._reduced(values.select([*self._keys, *(r.name for r in self._reductions)])))
        if self._rows > _MERGE_ROWS + 2 * self._merged:
            self._merge()

    def take(self, closed: pl.Expr | None = None) -> pl.DataFrame | None:
        """The groups, sorted, that ``closed`` says no further row will reach (all without it); they are forgotten.

        None where no frame was ever added.
        """
        self._merge()
        if not self._parts:
            return None
        groups = self._parts.pop()
        self._rows = self._merged = 0
        if closed is None:
            return groups
        self._keep(groups.filter(~closed))
        return groups.filter(closed)

    def _keep(self, part: pl.DataFrame) -> None:
        self._parts.append(part)
        self._rows += len(part)

    def _merge(self) -> None:
        if len(self._parts) > 1:
            self._parts = [self._reduced(pl.concat(self._parts))]
            self._rows = self._merged = len(self._parts[0])

    def _reduced(self, rows: pl.DataFrame) -> pl.DataFrame:
        if not len(rows):
            return rows
        ordered = rows.sort(self._keys, maintain_order=True)
        runs = ordered.select(pl.struct(self._keys).rle_id().cast(pl.Int64)).to_series().to_numpy()
        starts = np.flatnonzero(np.diff(runs, prepend=-1))
        groups = ordered.select(self._keys)[starts]
        return groups.with_columns(_reduce(ordered.get_column(r.name), r.how, starts) for r in self._reductions)


def _reduce(values: pl.Series, how: How, starts: npt.NDArray[np.int64]) -> pl.Series:
    function = {"sum": np.add, "min": np.minimum, "max": np.maximum}[how]
    return pl.Series(values.name, function.reduceat(values.to_numpy(), starts))
