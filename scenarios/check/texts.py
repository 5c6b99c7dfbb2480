"""Typing ``text(...)``, which joins texts in a column of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.model import Call, Expr
from bustle.scenarios.types import TEXT, Agent, Category, Quantity, State, Text, Type

if TYPE_CHECKING:
    from bustle.scenarios.check.expressions import ExpressionChecker
    from bustle.scenarios.check.names import Scope


def check_text(checker: ExpressionChecker, node: syntax.Call, scope: Scope) -> Expr:
    """``text("C", payer)``: its parts one after the other; only where tables are made after the run.

    Engines hold texts as numbers of a list that is known before the run, so a rule cannot make a new one.
    """
    if scope.row is None and not scope.agent_table:
        raise checker.problems.reject(
            node.span, "`text(...)` cannot stand here", "it makes a column of a table with `each:` or `of:`"
        )
    if not node.arguments:
        raise checker.problems.reject(node.span, "`text` needs something to join", 'as in `text("C", id)`')
    parts = []
    for argument in node.arguments:
        if argument.name is not None:
            raise checker.problems.reject(argument.span, "`text` takes its arguments by position")
        part = checker.check(argument.value, scope)
        if not _is_writable(part.type):
            raise checker.problems.reject(
                argument.span,
                f"`text` joins texts, whole numbers, agents and names of categories, not {a_type(part.type)}",
                "`round(...)` gives a whole number" if isinstance(part.type, Quantity) and part.type.is_plain else "",
            )
        parts.append(part)
    return Call("text", tuple(parts), type=TEXT, span=node.span)


def _is_writable(type_: Type) -> bool:
    if isinstance(type_, Quantity):
        return type_.is_plain and type_.whole
    return isinstance(type_, Text | Agent | Category | State)
