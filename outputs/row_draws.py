"""Draws in the columns of a table, such as the delay until a label becomes known.

A draw belongs to its row: it is keyed by the row's behavior, agent, occurrence and index, so a table can be recorded
again from the log and gives the same values. How a key becomes a number is not known here: the caller injects it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.arrow_memory import Array, Bits
from bustle.outputs.cells import Cells, Rows, cell_dtype, constant
from bustle.outputs.errors import OutputError
from bustle.outputs.event_sink import Coded
from bustle.outputs.frames import cells_of
from bustle.outputs.schema import behavior_names
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.files import find_file
from bustle.scenarios.model import Categorical, Draw, Empirical, Expr, Mixture, Model, Typed
from bustle.scenarios.types import Text

Int64Array = npt.NDArray[np.int64]
Float64Array = npt.NDArray[np.float64]
Value = Callable[[Rows], Cells]


class DrawFunction(Protocol):
    """Makes the draws of one purpose for many rows."""

    def __call__(
        self,
        purpose: str,
        behavior: Coded,
        form: str,
        args: Sequence[Float64Array],
        agent: Int64Array,
        occurrence: Int64Array,
        index: Int64Array,
    ) -> npt.NDArray[Any]:
        """One draw a row.

        Args:
            purpose: the column's purpose, such as ``transactions.known``.
            behavior: the behavior that caused each row; -1 where none did.
            form: a name in `bustle.scenarios.distributions.FORMS`.
            args: the form's arguments in order, each [rows], read-only, or [] where all rows have the same.
            agent: the acting agents' identities; 0 for the world.
            occurrence: which firing of the behavior.
            index: which emission of that firing.
        """


class RowDraws:
    """Compiles draws for rows that are events: with the columns of `bustle.outputs.schema.EVENT_KEYS`."""

    def __init__(self, model: Model, agents: AgentLookup, draw: DrawFunction) -> None:
        self._agents = agents
        self._draw = draw
        self._behaviors = behavior_names(model)
        self._who = tuple(model.behaviors[b].who if b in model.behaviors else b for b in self._behaviors)
        self._model = model

    def compile(self, expr: Draw | Categorical | Mixture | Empirical, compile_: Callable[[Expr], Value]) -> Value:
        """The function that makes a draw; ``compile_`` compiles its arguments. Missing where an argument is."""
        match expr:
            case Draw():
                return self._drawn(expr, expr.form, [compile_(a) for a in expr.arguments], expr)
            case Empirical():
                return self._from_file(expr)
            case Categorical():
                part = self._part(expr, [compile_(w) for w in expr.weights])
                return lambda rows: Cells((x := part(rows)).values.astype(np.int32), x.missing)
            case Mixture():
                part = self._part(expr, [compile_(w) for w in expr.weights])
                return _mixed(part, [compile_(c) for c in expr.components])

    def _from_file(self, expr: Empirical) -> Value:
        values, uniform = _file_column(self._model, expr), self._uniform(expr)

        def picked(rows: Rows) -> Cells:
            draws = uniform(rows)
            return values.at((draws.values * len(values.values)).astype(np.int64)).lacking(draws.missing)

        return picked

    def _part(self, expr: Categorical | Mixture, weights: list[Value]) -> Value:
        """The part whose share of the running sum of weights holds the row's uniform number."""
        uniform = self._uniform(expr)

        def part_of(rows: Rows) -> Cells:
            sums: list[Array] = []
            for weight in weights:
                given = weight(rows)
                taken = given.values > 0
                if given.missing is not None:
                    taken = taken & ~given.missing
                positive = np.where(taken, given.values, 0.0)
                sums.append(positive if not sums else sums[-1] + positive)
            draws, total = uniform(rows), sums[-1]
            reach = draws.values * total
            part = np.zeros(rows.size, np.int64)
            for running in sums[:-1]:
                part += (running <= reach) & (running < total)
            none = np.broadcast_to(~(total > 0), rows.size)
            return Cells(part, draws.missing).lacking(none if none.any() else None)

        return part_of

    def _uniform(self, expr: Categorical | Mixture | Empirical) -> Value:
        zero, one = constant(0.0, np.float64), constant(1.0, np.float64)
        return self._drawn(expr, "uniform", [lambda rows: zero, lambda rows: one], None)

    def _drawn(self, expr: Typed, form: str, arguments: list[Value], checked: Draw | None) -> Value:
        purpose: str = expr.purpose  # type: ignore[attr-defined]
        dtype = _dtype(form)

        def drawn(rows: Rows) -> Cells:
            args = [argument(rows) for argument in arguments]
            wanted = _wanted(rows, args)
            if wanted is None:
                return Cells(self._rows(purpose, form, rows, args, checked).astype(dtype, copy=False))
            some = Rows(int(wanted.sum()), {key: rows.columns[key].kept(wanted) for key in _KEYS})
            values = np.zeros(rows.size, dtype)
            values[wanted] = self._rows(purpose, form, some, [a.kept(wanted) for a in args], checked)
            return Cells(values, ~wanted)

        return drawn

    def _rows(self, purpose: str, form: str, rows: Rows, args: list[Cells], checked: Draw | None) -> Array:
        values = [arg.as_float() for arg in args]
        if checked is not None and rows.size:
            _check_arguments(checked, values)
        behavior, agent, occurrence, index = (rows.columns[key].full(rows.size) for key in _KEYS)
        codes = behavior.values if behavior.missing is None else np.where(behavior.missing, -1, behavior.values)
        identities = self._identities(agent, codes)
        cause = Coded(codes, self._behaviors)
        return self._draw(purpose, cause, form, values, identities, occurrence.values, index.values)

    def _identities(self, agent: Cells, behaviors: Array) -> Int64Array:
        """What keys the draws of the agents that act in ``behaviors`` (codes); 0 for the world."""
        ids = agent.values if agent.missing is None else np.where(agent.missing, 0, agent.values)
        present = np.flatnonzero(np.bincount(behaviors + 1, minlength=1)) - 1
        populations = {code: self._who[code] for code in present.tolist() if code >= 0}
        identities = {who: self._agents.identities(who) for who in populations.values() if who is not None}
        if all(identity is None for identity in identities.values()):
            return ids
        result = ids.copy()
        for code, who in populations.items():
            identity = None if who is None else identities[who]
            if identity is not None:
                there = behaviors == code
                if agent.missing is not None:
                    there &= ~agent.missing
                result[there] = identity[ids[there]]
        return result


_KEYS = ("behavior", "agent", "occurrence", "index")


def _wanted(rows: Rows, args: Sequence[Cells]) -> Bits | None:
    """The rows that want a draw and whose arguments all have values; None if that is all of them."""
    absent = [cells.missing for cells in (rows.columns["occurrence"], *args) if cells.missing is not None]
    if rows.active is None and not absent:
        return None
    wanted = np.ones(rows.size, np.bool_) if rows.active is None else rows.active.copy()
    for missing in absent:
        wanted &= ~missing
    return None if wanted.all() else wanted


def _mixed(part: Value, components: list[Value]) -> Value:
    """The component of each row's part; only that one is drawn."""

    def mixed(rows: Rows) -> Cells:
        parts = part(rows)
        known = True if parts.missing is None else ~parts.missing
        values: Array | None = None
        missing = np.zeros(rows.size, np.bool_)
        for code, component in enumerate(components):
            here = (parts.values == code) & known
            cells = component(rows.only(here)).full(rows.size)
            values = cells.values.copy() if values is None else np.where(here, cells.values, values)
            if cells.missing is not None:
                missing |= here & cells.missing
        assert values is not None
        return Cells(values, missing if missing.any() else None).lacking(parts.missing)

    return mixed


def _dtype(form: str) -> np.dtype[Any]:
    match FORMS[form].result:
        case "whole":
            return np.dtype(np.int64)
        case "bool":
            return np.dtype(np.bool_)
        case _:
            return np.dtype(np.float64)


def _check_arguments(expr: Draw, values: Sequence[Float64Array]) -> None:
    for parameter, given in zip(FORMS[expr.form].parameters, values, strict=True):
        good = np.isfinite(given)
        if parameter.minimum is not None:
            good &= (given > parameter.minimum) if parameter.open else (given >= parameter.minimum)
        if parameter.maximum is not None:
            good &= given <= parameter.maximum
        if not good.all():
            name = FORMS[expr.form].distribution
            bad = np.atleast_1d(given)[np.atleast_1d(~good)][0]
            raise RunError(f"{name} cannot be drawn with `{parameter.name}` = {bad:g}", expr.span)


def _file_column(model: Model, expr: Empirical) -> Cells:
    """The values of a column of a scenario's file, without missing ones."""
    import polars as pl

    dtypes: dict[str, Any] = {"f": pl.Float64, "b": pl.Boolean, "i": pl.Int64}
    dtype = pl.String if isinstance(expr.type, Text) else dtypes[cell_dtype(expr.type).kind]
    try:
        path = find_file(model.folder, expr.path)
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
        values = frame.get_column(expr.column).drop_nulls().cast(dtype)
        if values.is_empty():
            raise OutputError(f"column {expr.column} of {expr.path} has no rows to draw from")
        return cells_of(values.to_arrow(), expr.type)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise OutputError(f"cannot read column {expr.column} of {expr.path}: {reason}") from error
