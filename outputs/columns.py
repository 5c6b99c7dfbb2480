"""Expressions of a scenario as functions of rows.

Rows are events, agents or edges; `Row` says where each thing an expression may name is found. What has no value - an
attribute of ``none``, a division by zero, the logarithm of a negative number - is missing in a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from bustle.outputs import arithmetic
from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.arrow_memory import text_array
from bustle.outputs.cells import Cells, Rows, any_missing, cell_dtype, constant, gather, same_texts
from bustle.outputs.errors import OutputError
from bustle.outputs.joined_text import joined_text
from bustle.outputs.moments import local_moment
from bustle.outputs.row_draws import RowDraws
from bustle.outputs.schema import behavior_names
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Binary,
    Call,
    Categorical,
    Choose,
    Compare,
    Const,
    Convert,
    Draw,
    Empirical,
    Expr,
    Field,
    Global,
    Logic,
    Mixture,
    Model,
    Now,
    Param,
    Self,
    Unary,
)
from bustle.scenarios.types import Text, Type

Value = Callable[[Rows], Cells]
"""Computes a column of some rows."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Row:
    """Where the things that an expression names are found among the columns of rows.

    Attributes:
        acting: the column of the agent that the row is, in a table over agents.
        now: the column of the row's instant, in a table over events.
        own: names of ``acting``'s attributes that are columns of the rows themselves.
    """

    acting: str | None = None
    now: str | None = None
    own: frozenset[str] = field(default_factory=frozenset)


class Columns:
    """Compiles expressions for rows of one shape; what several expressions share is computed once for each `Rows`.

    Args:
        model: the scenario.
        row: what a row is.
        agents: where attributes are looked up.
        draws: how draws are made for the rows; None where there are none.
        aggregate: what stands for an aggregate; None where a row has none.
    """

    def __init__(
        self,
        model: Model,
        row: Row,
        agents: AgentLookup,
        draws: RowDraws | None = None,
        aggregate: Callable[[Aggregate], Value] | None = None,
    ) -> None:
        self._model = model
        self._row = row
        self._agents = agents
        self._draws = draws
        self._aggregate = aggregate
        self._compiled: dict[str, Value] = {}

    def compile(self, expr: Expr) -> Value:
        """The function that gives the held values of ``expr``.

        Raises:
            OutputError: the expression names something that a row of a table does not have.
        """
        text = repr(expr)  # unlike ==, it tells 0.0 from -0.0
        if text not in self._compiled:
            self._compiled[text] = _once(self._compile(expr))
        return self._compiled[text]

    def _compile(self, expr: Expr) -> Value:
        match expr:
            case Const():
                return self._literal(expr.value, expr.type)
            case Param():
                return self._literal(self._model.values[expr.name], expr.type)
            case Global():
                return self._global(expr)
            case Field():
                return self._field(expr)
            case Self():
                return _column(self._here(self._row.acting, "`self`", expr))
            case Attr():
                return self._attribute(expr)
            case Now():
                return _column(self._here(self._row.now, "now", expr))
            case Unary():
                operation = np.logical_not if expr.op == "not" else np.negative
                operand = self.compile(expr.operand)
                return lambda rows: Cells(operation((x := operand(rows)).values), x.missing)
            case Binary():
                return _of(arithmetic.binary(expr), [self.compile(expr.left), self.compile(expr.right)])
            case Compare():
                return _of(arithmetic.compare(expr), [self.compile(expr.left), self.compile(expr.right)])
            case Logic():
                joined = arithmetic.both if expr.op == "and" else arithmetic.either
                return _of(joined, [self.compile(expr.left), self.compile(expr.right)])
            case Choose():
                return _choose(self.compile(expr.condition), self.compile(expr.yes), self.compile(expr.no))
            case Call():
                return self._call(expr)
            case Convert():
                return _of(arithmetic.convert(expr), [self.compile(expr.operand)])
            case Draw() | Categorical() | Mixture() | Empirical():
                if self._draws is None:
                    raise self._refusal("a draw", expr)
                return self._draws.compile(expr, self.compile)
            case Aggregate():
                return self._here(self._aggregate, "an aggregate", expr)(expr)
            case _:
                raise self._refusal(f"a {type(expr).__name__.lower()}", expr)

    def _literal(self, value: Any, type_: Type) -> Value:
        if isinstance(value, str) and not isinstance(type_, Text):
            levels: tuple[str, ...] = getattr(type_, "levels", ())
            value = levels.index(value)
        cells = constant(value, cell_dtype(type_))
        return lambda rows: cells

    def _global(self, expr: Global) -> Value:
        start = self._model.world[expr.name]
        if start.mutable:
            raise self._refusal(f"the changing global `{expr.name}`", expr)
        return self.compile(start.value)

    def _field(self, expr: Field) -> Value:
        codes = _column(expr.name)
        if expr.name == "behavior" and isinstance(expr.type, Text):
            names = text_array(behavior_names(self._model))
            return lambda rows: Cells((x := codes(rows)).values, x.missing, names)
        return codes

    def _attribute(self, expr: Attr) -> Value:
        if isinstance(expr.target, Self) and expr.name in self._row.own:
            return _column(expr.name)
        ids = self.compile(expr.target)
        if expr.name == "id":
            return ids
        column = self._agents.column(expr.population, expr.name)
        return lambda rows: gather(column, ids(rows))

    def _call(self, expr: Call) -> Value:
        arguments = [self.compile(argument) for argument in expr.arguments]
        if expr.function == "text":
            return _of(joined_text([argument.type for argument in expr.arguments]), arguments)
        try:
            return _of(arithmetic.call(expr), arguments)
        except KeyError:
            return _of(local_moment(expr.function, self._model.clock), arguments)

    def _here(self, thing: Thing | None, name: str, expr: Expr) -> Thing:
        if thing is None:
            raise self._refusal(name, expr)
        return thing

    def _refusal(self, thing: str, expr: Expr) -> OutputError:
        place = f"{expr.span}: " if expr.span is not None else ""
        return OutputError(f"{place}{thing} cannot stand in this table")


def computed(values: Sequence[Value], rows: Rows) -> list[Cells]:
    """The columns that ``values`` compute for ``rows``, each with an entry a row.

    Raises:
        RunError: a draw has an argument that its distribution does not allow.
    """
    with np.errstate(all="ignore"):  # what has no value is missing, and no news
        return [value(rows).full(rows.size) for value in values]


def _column(name: str) -> Value:
    return lambda rows: rows.columns[name]


def _of(operation: arithmetic.Operation, arguments: Sequence[Value]) -> Value:
    return lambda rows: operation(*(argument(rows) for argument in arguments))


def _once(value: Value) -> Value:
    """``value``, computed once for the same rows."""

    def remembered(rows: Rows) -> Cells:
        cells = rows.computed.get(value)
        if cells is None:
            cells = rows.computed[value] = value(rows)
        return cells

    return remembered


def _choose(condition: Value, yes: Value, no: Value) -> Value:
    """One of two values by row; a condition that has no value takes neither."""

    def chosen(rows: Rows) -> Cells:
        holds = condition(rows)
        known = True if holds.missing is None else ~holds.missing
        one, other = yes(rows.only(holds.values & known)), no(rows.only(~holds.values & known))
        return either_of(holds, one, other)

    return chosen


def either_of(holds: Cells, one: Cells, other: Cells) -> Cells:
    """``one`` where ``holds``, else ``other``; nothing where it is not known whether it holds."""
    if one.texts is not None and other.texts is not None:
        one, other = same_texts(one, other)
    values = np.where(holds.values, one.values, other.values)
    missing = None
    if any_missing(one, other) is not None:
        absent = [np.zeros((), np.bool_) if c.missing is None else c.missing for c in (one, other)]
        missing = np.where(holds.values, *absent)
    return Cells(values, missing, one.texts if one.texts is not None else other.texts).lacking(holds.missing)
