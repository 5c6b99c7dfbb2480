"""Expressions of a scenario as Polars expressions over frames of held values.

Rows are events, agents or edges; `Row` says where each thing an expression may name is found. What has no value - an
attribute of ``none``, a division by zero, the logarithm of a negative number - is null in a table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeVar

import polars as pl

from bustle.outputs.agent_lookup import AgentLookup
from bustle.outputs.division import divide, floor_divide, remainder
from bustle.outputs.errors import OutputError
from bustle.outputs.frames import frame_dtype
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
from bustle.scenarios.types import Agent, Episode, Instant, Nothing, Quantity, Text, Type

_CENTS = 100

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Row:
    """Where the things that an expression names are found in a frame.

    Attributes:
        acting: the agent that the row is, in a table over agents.
        now: the row's instant, in a table over events.
        own: names of ``acting``'s attributes that are columns of the frame itself.
    """

    acting: pl.Expr | None = None
    now: pl.Expr | None = None
    own: frozenset[str] = field(default_factory=frozenset)


class Columns:
    """Compiles expressions for rows of one shape.

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
        aggregate: Callable[[Aggregate], pl.Expr] | None = None,
    ) -> None:
        self._model = model
        self._row = row
        self._agents = agents
        self._draws = draws
        self._aggregate = aggregate

    def compile(self, expr: Expr) -> pl.Expr:
        """The Polars expression that gives the held values of ``expr``.

        Raises:
            OutputError: the expression names something that a row of a table does not have.
        """
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
                return self._here(self._row.acting, "`self`", expr)
            case Attr():
                return self._attribute(expr)
            case Now():
                return self._here(self._row.now, "now", expr)
            case Unary():
                operand = self.compile(expr.operand)
                return ~operand if expr.op == "not" else -operand
            case Binary():
                return _binary(expr, self.compile(expr.left), self.compile(expr.right))
            case Compare():
                return self._compare(expr)
            case Logic():
                left, right = self.compile(expr.left), self.compile(expr.right)
                return left & right if expr.op == "and" else left | right
            case Choose():
                # A condition that has no value takes neither side.
                condition = self.compile(expr.condition)
                chosen = pl.when(condition).then(self.compile(expr.yes)).otherwise(self.compile(expr.no))
                return pl.when(condition.is_not_null()).then(chosen)
            case Call():
                return self._call(expr)
            case Convert():
                return _convert(expr, self.compile(expr.operand))
            case Draw() | Categorical() | Mixture() | Empirical():
                if self._draws is None:
                    raise self._refusal("a draw", expr)
                return self._draws.compile(expr, self.compile)
            case Aggregate():
                return self._here(self._aggregate, "an aggregate", expr)(expr)
            case _:
                raise self._refusal(f"a {type(expr).__name__.lower()}", expr)

    def _literal(self, value: Any, type_: Type) -> pl.Expr:
        if isinstance(value, str) and not isinstance(type_, Text):
            levels: tuple[str, ...] = getattr(type_, "levels", ())
            value = levels.index(value)
        return pl.lit(value, dtype=frame_dtype(type_))

    def _global(self, expr: Global) -> pl.Expr:
        start = self._model.world[expr.name]
        if start.mutable:
            raise self._refusal(f"the changing global `{expr.name}`", expr)
        return self.compile(start.value)

    def _field(self, expr: Field) -> pl.Expr:
        if expr.name == "behavior":
            codes = pl.col("behavior")
            if isinstance(expr.type, Text):
                return pl.lit(pl.Series(behavior_names(self._model), dtype=pl.String)).gather(codes)
            return codes
        return pl.col(expr.name)

    def _attribute(self, expr: Attr) -> pl.Expr:
        if isinstance(expr.target, Self) and expr.name in self._row.own:
            return pl.col(expr.name)
        ids = self.compile(expr.target)
        if expr.name == "id":
            return ids
        return pl.lit(self._agents.column(expr.population, expr.name)).gather(ids)

    def _compare(self, expr: Compare) -> pl.Expr:
        for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
            if isinstance(one.type, Nothing) or (isinstance(one, Const) and one.value is None):
                missing = self.compile(other).is_null()
                return missing if expr.op == "==" else ~missing
        left, right = self.compile(expr.left), self.compile(expr.right)
        if isinstance(expr.left.type, Agent | Episode):
            return left.eq_missing(right) if expr.op == "==" else left.ne_missing(right)
        compared: pl.Expr = _COMPARE[expr.op](left, right)
        # Polars orders NaN above every number; a comparison with NaN is false, and != is true.
        undefined = [side.is_nan() for side, node in ((left, expr.left), (right, expr.right)) if _may_be_nan(node)]
        for nan in undefined:
            compared = compared | nan if expr.op == "!=" else compared & ~nan
        return compared

    def _call(self, expr: Call) -> pl.Expr:
        arguments = [self.compile(argument) for argument in expr.arguments]
        if expr.function in _ROUNDINGS:
            # Whole numbers beyond 2**53 would not survive a trip through float64, and are round already.
            return arguments[0] if _held_whole(expr.arguments[0].type) else _ROUNDINGS[expr.function](arguments[0])
        if expr.function in _CALLS:
            return _CALLS[expr.function](*arguments)
        if expr.function == "money":
            return _whole(arguments[0].cast(pl.Float64) * _CENTS)
        if expr.function == "number":
            return divide(arguments[0], pl.lit(_CENTS))
        return local_moment(expr.function, arguments[0], self._model.clock)

    def _here(self, thing: Thing | None, name: str, expr: Expr) -> Thing:
        if thing is None:
            raise self._refusal(name, expr)
        return thing

    def _refusal(self, thing: str, expr: Expr) -> OutputError:
        place = f"{expr.span}: " if expr.span is not None else ""
        return OutputError(f"{place}{thing} cannot stand in this table")


def _whole(expr: pl.Expr) -> pl.Expr:
    """Rounded half to even; null where it is not finite."""
    return expr.round(mode="half_to_even").cast(pl.Int64, strict=False)


def _held_whole(type_: Type) -> bool:
    return isinstance(type_, Instant) or (isinstance(type_, Quantity) and type_.held_whole)


def _binary(expr: Binary, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    wholes = _held_whole(expr.left.type) and _held_whole(expr.right.type) and expr.op != "/"
    if wholes and expr.op in ("//", "%"):
        right = pl.when(right != 0).then(right)
    result: pl.Expr
    if expr.op == "**":
        result = left.cast(pl.Float64) ** right.cast(pl.Float64)
    else:
        result = (_ARITHMETIC if wholes else _FLOAT_ARITHMETIC)[expr.op](left, right)
    if not _held_whole(expr.type):
        return result.cast(pl.Float64)
    return result if wholes else _whole(result)


def _convert(expr: Convert, operand: pl.Expr) -> pl.Expr:
    match expr.how:
        case "to_money":
            return _whole(operand.cast(pl.Float64) * _CENTS)
        case "to_number":
            return divide(operand, pl.lit(_CENTS))
        case "to_float":
            return operand.cast(pl.Float64)
        case "to_whole":
            return operand.cast(pl.Int64)


def _may_be_nan(expr: Expr) -> bool:
    return isinstance(expr.type, Quantity) and not _held_whole(expr.type) and not isinstance(expr, Const | Param)


def _least(*arguments: pl.Expr) -> pl.Expr:
    return reduce(lambda a, b: pl.when(b < a).then(b).otherwise(a), arguments)


def _greatest(*arguments: pl.Expr) -> pl.Expr:
    return reduce(lambda a, b: pl.when(b > a).then(b).otherwise(a), arguments)


_ARITHMETIC: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}

_FLOAT_ARITHMETIC = _ARITHMETIC | {"/": divide, "//": floor_divide, "%": remainder}

_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_ROUNDINGS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "round": _whole,
    "floor": lambda x: _whole(x.floor()),
    "ceil": lambda x: _whole(x.ceil()),
}

_CALLS: dict[str, Callable[..., pl.Expr]] = {
    "abs": lambda x: x.abs(),
    "min": _least,
    "max": _greatest,
    "clip": lambda x, low, high: _least(_greatest(x, low), high),
    "exp": lambda x: x.cast(pl.Float64).exp(),
    "log": lambda x: pl.when(x > 0).then(x.cast(pl.Float64)).log(),
    "sqrt": lambda x: pl.when(x >= 0).then(x.cast(pl.Float64)).sqrt(),
}
