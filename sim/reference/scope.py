"""What a group of expressions that are compiled together share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import (
    Aggregate,
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
    For,
    If,
    Logic,
    Mixture,
    NewEpisode,
    Param,
    Pick,
    Spawn,
    Statement,
    Unary,
)
from bustle.sim.reads import children, expressions
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.runtime import Runtime

MOST_REPETITIONS = 1 << 22
"""Draws that one firing may make with one purpose: what the generator's counter has room for."""

_DRAWS = (Draw, Categorical, Empirical, Mixture, NewEpisode, Pick)
_PURE = (Unary, Binary, Compare, Logic, Choose, Call, Convert)
_CALENDAR = frozenset({"hour", "weekday", "day", "month", "time_of_day"})


class Scope:
    """Compiles expressions for one rule (or one attribute, one clock...).

    Attributes:
        runtime: what the expressions read.
        repeated: purposes with which one firing may draw more than once, which is then counted.
        correlated: purposes whose draws are replaced by given probabilities (see `Frame.quantiles`).
    """

    def __init__(
        self, runtime: Runtime, repeated: frozenset[str] = frozenset(), correlated: frozenset[str] = frozenset()
    ) -> None:
        self.runtime = runtime
        self.repeated = repeated
        self.correlated = correlated

    def compile(self, expr: Expr) -> Closure:
        """The closure that evaluates ``expr``; what is constant is computed now."""
        from bustle.sim.reference.expressions import build

        closure = build(expr, self)
        if not isinstance(expr, Const | Param) and self.is_constant(expr):
            try:
                value = closure(Frame())
            except RunError:
                return closure  # it fails when it is reached, if ever
            return constant(value)
        return closure

    def is_constant(self, expr: Expr) -> bool:
        """True if the value is the same throughout the run, whoever asks."""
        match expr:
            case Const():
                return True
            case Param():
                return expr.name not in self.runtime.changing
            case Call() if expr.function in _CALENDAR:
                return False
            case _:
                return isinstance(expr, _PURE) and all(map(self.is_constant, children(expr)))

    def fixed(self, expr: Expr) -> tuple[Any] | None:
        """The value of a constant expression in a tuple, or None for any other (or one that fails)."""
        if not self.is_constant(expr):
            return None
        try:
            return (self.compile(expr)(Frame()),)
        except RunError:
            return None

    def repetition(self, purpose: str, span: Span | None) -> Callable[[Frame], int]:
        """How many draws the firing has made with ``purpose``; each call counts one more."""

        def take(f: Frame) -> int:
            counts = f.counts
            n = counts.get(purpose, 0)
            if n >= MOST_REPETITIONS:
                raise too_many(span)
            counts[purpose] = n + 1
            return n

        return take if purpose in self.repeated else lambda f: 0


def constant(value: Any) -> Closure:
    """The closure of a constant."""
    return lambda f: value


def too_many(span: Span | None) -> RunError:
    """The error of a firing that draws without end."""
    return RunError(f"more than {MOST_REPETITIONS:,} draws with one purpose in one firing", span)


def repeated_purposes(body: Iterable[Statement], others: Iterable[Expr] = ()) -> frozenset[str]:
    """Purposes with which one firing of a rule may draw more than once.

    Those of draws in loops, of draws inside ``where``, ``by`` and aggregates, of picks of several agents, and
    those that several draws share.
    """
    once: set[str] = set()
    repeated: set[str] = set()

    def note(purpose: str, many: bool) -> None:
        (repeated if many or purpose in once else once).add(purpose)

    def look(expr: Expr, many: bool) -> None:
        if isinstance(expr, _DRAWS):
            note(expr.purpose, many or (isinstance(expr, Pick) and expr.count is not None))
        if isinstance(expr, Pick | Aggregate):
            outside = {id(expr.pool), id(expr.count) if isinstance(expr, Pick) else 0}
            for child in children(expr):
                look(child, many or id(child) not in outside)
        else:
            for child in children(expr):
                look(child, many)

    def visit(part: Iterable[Statement], many: bool) -> None:
        for statement in part:
            for expr in expressions(statement):
                look(expr, many)
            if isinstance(statement, Spawn):
                note(statement.purpose, many)
            if isinstance(statement, For):
                visit(statement.body, True)
            elif isinstance(statement, If):
                visit(statement.yes, many)
                visit(statement.no, many)

    for expr in others:
        look(expr, False)
    visit(body, False)
    return frozenset(repeated)
