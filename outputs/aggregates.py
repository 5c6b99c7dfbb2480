"""Aggregates over groups of rows, in a stream of batches.

Each batch is reduced to one row per group, and the reduced rows of many batches are reduced again, so memory follows
the number of groups. Rows are added in the order they come and the batches have fixed sizes, so a sum of floats has the
same last bit on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bustle.outputs.arithmetic import divide, whole
from bustle.outputs.arrow_memory import Array, Bits
from bustle.outputs.cells import Cells, Rows, cell_dtype, concatenated
from bustle.outputs.columns import Value, computed
from bustle.scenarios.model import Aggregate, Expr
from bustle.scenarios.types import Quantity

_MERGE_ROWS = 500_000
"""Reduced rows kept apart before they are reduced together."""

How = Literal["sum", "min", "max"]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A column of reduced rows: how values of several rows become one. ``value`` has no missing values."""

    name: str
    how: How
    value: Value


class Reductions:
    """The reductions that the columns of a grouped table need; equal ones are shared.

    Args:
        compile_row: compiles an expression over single rows.
    """

    def __init__(self, compile_row: Callable[[Expr], Value]) -> None:
        self._compile_row = compile_row
        self._known: dict[tuple[str, Expr | None, Expr | None], str] = {}
        self.reductions: list[Reduction] = []

    def aggregate(self, expr: Aggregate) -> Value:
        """What stands for ``expr`` in reduced rows: over no rows count and sum are 0, and the others missing."""
        counted = self._reduction("sum", expr, None)
        dtype = cell_dtype(expr.type)
        if expr.function == "count":
            return lambda rows: Cells(rows.columns[counted].values.astype(dtype, copy=False))
        assert expr.value is not None
        reduced = self._reduction(_HOW[expr.function], expr, expr.value)
        if expr.function == "sum":
            return lambda rows: Cells(rows.columns[reduced].values.astype(dtype, copy=False))
        rounded = isinstance(expr.type, Quantity) and expr.type.held_whole

        def measured(rows: Rows) -> Cells:
            count, result = rows.columns[counted], rows.columns[reduced]
            if expr.function == "mean":
                result = divide(result, count)
            if rounded and result.values.dtype.kind == "f":
                result = whole(result.values, result.missing)
            none = count.values == 0
            return Cells(result.values.astype(dtype, copy=False), result.missing).lacking(none if none.any() else None)

        return measured

    def _reduction(self, how: How, expr: Aggregate, value: Expr | None) -> str:
        kind = "count" if value is None else how
        counted_of = expr.value if value is None else value
        key = (kind, counted_of, expr.where)
        if key not in self._known:
            name = f"reduction {len(self.reductions)}"
            self.reductions.append(Reduction(name, how, self._row_value(expr, value, how)))
            self._known[key] = name
        return self._known[key]

    def _row_value(self, expr: Aggregate, value: Expr | None, how: How) -> Value:
        """What a row adds: its value, or nothing where it has none or ``where`` does not hold."""
        where = None if expr.where is None else self._compile_row(expr.where)
        given = None if expr.value is None else self._compile_row(expr.value)
        is_whole = value is not None and cell_dtype(value.type).kind != "f"
        dtype = np.dtype(np.int64 if value is None or is_whole else np.float64)
        nothing = np.asarray(_nothing(how, dtype), dtype)

        def added(rows: Rows) -> Cells:
            taken: Bits = np.ones((), np.bool_)
            if where is not None:
                holds = where(rows)
                taken = holds.values if holds.missing is None else holds.values & ~holds.missing
            cells = None if given is None else given(rows)
            if cells is not None and cells.missing is not None:
                taken = taken & ~cells.missing
            if value is None or cells is None:
                return Cells(taken.astype(np.int64))
            numbers = cells.values.astype(dtype, copy=False)
            return Cells(numbers if taken.all() else np.where(taken, numbers, nothing))

        return added


_HOW: dict[str, How] = {"sum": "sum", "mean": "sum", "min": "min", "max": "max"}


def _nothing(how: How, dtype: np.dtype[Any]) -> float:
    """The value that changes no sum, minimum or maximum."""
    if how == "sum":
        return 0
    if dtype.kind == "f":
        return float("inf") if how == "min" else float("-inf")
    limits = np.iinfo(np.int64)
    return int(limits.max if how == "min" else limits.min)


class GroupedRows:
    """Rows reduced by group as they come.

    Args:
        keys: names of the key columns; groups come out sorted by them, missing ones first and NaN last.
        reductions: what to keep of each group.
    """

    def __init__(self, keys: Sequence[str], reductions: Sequence[Reduction]) -> None:
        self._keys = list(keys)
        self._reductions = reductions
        self._parts: list[Rows] = []
        self._rows = 0
        self._merged = 0

    def add(self, rows: Rows) -> None:
        """Take rows with the key columns and the columns that the reductions' values read."""
        values = computed([r.value for r in self._reductions], rows)
        columns = {r.name: cells for r, cells in zip(self._reductions, values, strict=True)}
        columns |= {key: rows.columns[key].full(rows.size) for key in self._keys}
        self._keep(self._reduced(Rows(rows.size, columns)))
        if self._rows > _MERGE_ROWS + 2 * self._merged:
            self._merge()

    def take(self, before: int | None = None) -> Rows | None:
        """The groups whose first key is below ``before`` (all without it), sorted; they are forgotten.

        None where no rows were ever added.
        """
        self._merge()
        if not self._parts:
            return None
        groups = self._parts.pop()
        self._rows = self._merged = 0
        if before is None:
            return groups
        closed = groups.columns[self._keys[0]].values < before
        self._keep(groups.kept(~closed))
        return groups.kept(closed)

    def _keep(self, part: Rows) -> None:
        self._parts.append(part)
        self._rows += part.size

    def _merge(self) -> None:
        if len(self._parts) > 1:
            names = self._parts[0].columns
            joined = {name: concatenated([part.columns[name] for part in self._parts]) for name in names}
            self._parts = [self._reduced(Rows(sum(part.size for part in self._parts), joined))]
            self._rows = self._merged = self._parts[0].size

    def _reduced(self, rows: Rows) -> Rows:
        if not rows.size:
            return rows
        keys = [rows.columns[key] for key in self._keys]
        ranks = [rank for cells in keys for rank in _ranks(cells)]
        order = None if len(ranks) == 1 and (ranks[0][1:] >= ranks[0][:-1]).all() else np.lexsort(ranks[::-1])
        ordered = ranks if order is None else [rank[order] for rank in ranks]
        starts = np.flatnonzero(_changes(ordered))
        first = starts if order is None else order[starts]
        columns = {name: cells.at(first) for name, cells in zip(self._keys, keys, strict=True)}
        with np.errstate(all="ignore"):
            for reduction in self._reductions:
                values = rows.columns[reduction.name].values
                reduced = _REDUCE[reduction.how].reduceat(values if order is None else values[order], starts)
                columns[reduction.name] = Cells(reduced)
        return Rows(len(starts), columns)


_REDUCE: dict[How, np.ufunc] = {"sum": np.add, "min": np.minimum, "max": np.maximum}


def _ranks(cells: Cells) -> list[Array]:
    """Arrays that sort as ``cells`` do, the first one first."""
    values = cells.values
    if cells.texts is not None:
        texts = cells.texts.to_pylist()
        rank = np.empty(len(texts), np.int64)
        rank[np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)] = np.arange(len(texts))
        values = rank[values] if len(texts) else values
    if cells.missing is None:
        return [values]
    return [~cells.missing, np.where(cells.missing, np.zeros((), values.dtype), values)]


def _changes(ranks: Sequence[Array]) -> Bits:
    """Where a row differs from the one before; NaN is like NaN."""
    changes: npt.NDArray[np.bool_] = np.zeros(len(ranks[0]), np.bool_)
    changes[0] = True
    for rank in ranks:
        differ = rank[1:] != rank[:-1]
        if rank.dtype.kind == "f":
            differ &= ~(np.isnan(rank[1:]) & np.isnan(rank[:-1]))
        changes[1:] |= differ
    return changes
