"""Draws in the columns of a table, such as the delay until a label becomes known.

A draw belongs to its row: it is keyed by the row's behavior, agent, occurrence and index, so a table can be recorded
again from the log and gives the same values. How a key becomes a number is not known here: the caller injects it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.errors import OutputError
from bustle.outputs.frames import frame_dtype
from bustle.outputs.schema import behavior_names
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.files import find_file
from bustle.scenarios.model import Categorical, Draw, Empirical, Expr, Mixture, Model, Typed

Int64Array = npt.NDArray[np.int64]
Float64Array = npt.NDArray[np.float64]


class DrawFunction(Protocol):
    """Makes the draws of one purpose for many rows that one behavior caused."""

    def __call__(
        self,
        purpose: str,
        behavior: str,
        form: str,
        args: Sequence[Float64Array],
        agent: Int64Array,
        occurrence: Int64Array,
        index: Int64Array,
    ) -> npt.NDArray[Any]:
        """One draw a row.

        Args:
            purpose: the column's purpose, such as ``transactions.known``.
            behavior: the behavior that caused the rows; empty where none did.
            form: a name in `bustle.scenarios.distributions.FORMS`.
            args: the form's arguments in order, one array of the rows' length each.
            agent: the acting agents' identities; 0 for the world.
            occurrence: which firing of the behavior.
            index: which emission of that firing.
        """


class RowDraws:
    """Compiles draws for rows that are events: frames with the columns of `bustle.outputs.schema.EVENT_KEYS`."""

    def __init__(self, model: Model, agents: AgentLookup, draw: DrawFunction) -> None:
        self._model = model
        self._agents = agents
        self._draw = draw

    def compile(self, expr: Draw | Categorical | Mixture | Empirical, compile_: Callable[[Expr], pl.Expr]) -> pl.Expr:
        """The Polars expression of a draw; ``compile_`` compiles its arguments. Null where an argument is."""
        match expr:
            case Draw():
                return self._drawn(expr, expr.form, [compile_(a) for a in expr.arguments], expr)
            case Empirical():
                values = _file_column(self._model, expr)
                place = (self._uniform(expr) * len(values)).cast(pl.Int64)
                return pl.lit(values).gather(place)
            case Categorical():
                return self._part(expr, [compile_(w) for w in expr.weights]).cast(pl.Int32)
            case Mixture():
                part = self._part(expr, [compile_(w) for w in expr.weights])
                components = [compile_(c) for c in expr.components]
                chosen = components[-1]
                for code, component in reversed(list(enumerate(components[:-1]))):
                    chosen = pl.when(part == code).then(component).otherwise(chosen)
                return pl.when(part.is_not_null()).then(chosen)

    def _part(self, expr: Categorical | Mixture, weights: list[pl.Expr]) -> pl.Expr:
        """The part whose share of the running sum of weights holds the row's uniform number."""
        sums: list[pl.Expr] = []
        for weight in weights:
            positive = pl.when(weight > 0).then(weight.cast(pl.Float64)).otherwise(0.0).fill_nan(0.0)
            sums.append(positive if not sums else sums[-1] + positive)
        total = sums[-1]
        reach = self._uniform(expr) * total
        part = pl.lit(0, dtype=pl.Int64)
        for running in sums[:-1]:
            part = part + ((running <= reach) & (running < total)).cast(pl.Int64)
        return pl.when(total > 0).then(part)

    def _uniform(self, expr: Categorical | Mixture | Empirical) -> pl.Expr:
        return self._drawn(expr, "uniform", [pl.lit(0.0), pl.lit(1.0)], None)

    def _drawn(self, expr: Typed, form: str, arguments: list[pl.Expr], checked: Draw | None) -> pl.Expr:
        purpose: str = expr.purpose  # type: ignore[attr-defined]
        parts = {name: pl.col(name) for name in ("behavior", "agent", "occurrence", "index")}
        parts |= {name: parts[name].fill_null(-1) for name in ("behavior", "agent")}
        parts |= {f"argument{i}": a.cast(pl.Float64) for i, a in enumerate(arguments)}
        dtype = pl.Float64() if checked is None else _dtype(form)

        def drawn(rows: pl.Series) -> pl.Series:
            return self._rows(purpose, form, rows.struct.unnest(), len(arguments), dtype, checked)

        named = [part.alias(name) for name, part in parts.items()]
        return pl.struct(named).map_batches(drawn, return_dtype=dtype, is_elementwise=True)

    def _rows(
        self, purpose: str, form: str, rows: pl.DataFrame, arguments: int, dtype: pl.DataType, checked: Draw | None
    ) -> pl.Series:
        args = [rows.get_column(f"argument{i}") for i in range(arguments)]
        # On one side of a condition Polars hands on the rows of the other side as nulls.
        known = rows.get_column("occurrence").is_not_null().to_numpy(writable=True)
        for arg in args:
            known &= arg.is_not_null().to_numpy()
        values = [arg.fill_null(0.0).to_numpy() for arg in args]
        if checked is not None:
            _check_arguments(checked, [v[known] for v in values])
        behaviors = rows.get_column("behavior").to_numpy()
        keys = (rows.get_column(name).fill_null(0) for name in ("agent", "occurrence", "index"))
        agents, occurrences, indices = (key.to_numpy() for key in keys)
        result: npt.NDArray[Any] = np.zeros(len(rows), _NUMPY[dtype])
        names = behavior_names(self._model)
        for code in np.unique(behaviors[known]).tolist():
            here = np.flatnonzero(known & (behaviors == code))
            result[here] = self._draw(
                purpose,
                names[code] if code >= 0 else "",
                form,
                [np.ascontiguousarray(v[here]) for v in values],
                self._identities(agents[here], code),
                occurrences[here],
                indices[here],
            )
        series = pl.Series(result, dtype=dtype)
        return series if known.all() else series.set(pl.Series(~known), None)

    def _identities(self, ids: Int64Array, behavior: int) -> Int64Array:
        """What keys the draws of the agents with ``ids``, who act in ``behavior`` (a code); 0 for the world."""
        population = None
        if behavior >= 0:
            name = behavior_names(self._model)[behavior]
            population = self._model.behaviors[name].who if name in self._model.behaviors else name
        known = np.maximum(ids, 0)
        if population is None or not len(ids):
            return known
        return np.where(ids < 0, 0, self._agents.column(population, "identity").to_numpy()[known])


_NUMPY: dict[pl.DataType, type[np.generic]] = {pl.Float64(): np.float64, pl.Int64(): np.int64, pl.Boolean(): np.bool_}


def _dtype(form: str) -> pl.DataType:
    match FORMS[form].result:
        case "whole":
            return pl.Int64()
        case "bool":
            return pl.Boolean()
        case _:
            return pl.Float64()


def _check_arguments(expr: Draw, values: list[Float64Array]) -> None:
    for parameter, given in zip(FORMS[expr.form].parameters, values, strict=True):
        good = np.isfinite(given)
        if parameter.minimum is not None:
            good &= (given > parameter.minimum) if parameter.open else (given >= parameter.minimum)
        if parameter.maximum is not None:
            good &= given <= parameter.maximum
        if not good.all():
            name = FORMS[expr.form].distribution
            raise RunError(f"{name} cannot be drawn with `{parameter.name}` = {given[~good][0]:g}", expr.span)


def _file_column(model: Model, expr: Empirical) -> pl.Series:
    try:
        path = find_file(model.folder, expr.path)
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
        values = frame.get_column(expr.column).drop_nulls().cast(frame_dtype(expr.type))
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise OutputError(f"cannot read column {expr.column} of {expr.path}: {reason}") from error
    if values.is_empty():
        raise OutputError(f"column {expr.column} of {expr.path} has no rows to draw from")
    return values
