"""Effects on others that are sums whose order does not matter."""

from __future__ import annotations

from bustle.agents.expressions import draws_in
from bustle.scenarios.model import AssignAttr, Attr, Binary, Expr, Self, Statement
from bustle.scenarios.types import Quantity


def order_free_sum(statement: Statement) -> Expr | None:
    """What a statement adds to an attribute of another agent, if adding is all that it does.

    ``shop.takings += amount`` in whole numbers or money gives the same whoever comes first. A sum of float64 does not:
    its last digit depends on the order.

    Returns:
        The amount that is added (for ``-=`` the negative of what is written is meant, see `is_subtraction`); None for
        every other statement.
    """
    if not isinstance(statement, AssignAttr) or isinstance(statement.target, Self):
        return None
    value = statement.value
    if not isinstance(value, Binary) or value.op not in ("+", "-"):
        return None
    type_ = value.type
    if not (isinstance(type_, Quantity) and type_.held_whole) or draws_in(statement.target):
        return None
    same = Attr(statement.target, statement.population, statement.name, type=value.left.type)
    whole = isinstance(value.right.type, Quantity) and value.right.type.held_whole
    return value.right if value.left == same and whole else None


def is_subtraction(statement: Statement) -> bool:
    """Whether an order-free sum is subtracted."""
    return isinstance(statement, AssignAttr) and isinstance(statement.value, Binary) and statement.value.op == "-"
