"""What a group of expressions that are compiled together share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import (
    Binary,
    Call,
    Choose,
    Compare,
    Const,
    Convert,
    Expr,
    Logic,
    Param,
    Unary,
)
from bustle.sim.facts import CALENDAR
from bustle.sim.reads import children
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.runtime import Runtime
from bustle.sim.repetitions import MOST_REPETITIONS, too_many

_PURE = (Unary, Binary, Compare, Logic, Choose, Call, Convert)


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
                return expr.name not in self.runtime.facts.changing
            case Call() if expr.function in CALENDAR:
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
