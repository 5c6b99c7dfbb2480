"""Which draws one firing may make more than once, so that they must be counted."""

from __future__ import annotations

from collections.abc import Iterable

from bustle.agents.expressions import DRAWS
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import Aggregate, Expr, For, If, Pick, Spawn, Statement
from bustle.sim.reads import children, expressions

MOST_REPETITIONS = 1 << 22
"""Draws that one firing may make with one purpose: what the generator's counter has room for."""


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
        if isinstance(expr, DRAWS):
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
