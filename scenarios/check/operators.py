"""Typing operators: signs, units, comparisons, arithmetic, and the choice between two values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.references import meanings_of
from bustle.scenarios.check.wording import a_type, conversion_hint, unit_length
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Binary, Choose, Compare, Const, Expr, Logic, Unary
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    INSTANT,
    MONEY,
    NUMBER,
    Agent,
    Category,
    Episode,
    Instant,
    Nothing,
    Quantity,
    State,
    Text,
    Type,
)

if TYPE_CHECKING:
    from bustle.scenarios.check.expressions import ExpressionChecker
    from bustle.scenarios.check.names import Scope

MOST_TIME = 4
"""Highest power of time that a unit may have."""


def check_operation(checker: ExpressionChecker, node: syntax.Operation, scope: Scope) -> Expr:
    """Two operands with an operator between them."""
    if node.op in ("and", "or"):
        left = checker.condition(node.left, scope, f"the left side of `{node.op}`")
        right = checker.condition(node.right, scope, f"the right side of `{node.op}`")
        return Logic("and" if node.op == "and" else "or", left, right, type=BOOL, span=node.span)
    if node.op in ("==", "!=", "<", "<=", ">", ">="):
        return _compare(checker, node, scope)
    return _arithmetic(checker, node, scope)


def check_per(checker: ExpressionChecker, node: syntax.Per, scope: Scope) -> Expr:
    """``value per day``."""
    value = checker.check(node.value, scope)
    if node.unit == "percent":
        raise checker.problems.reject(node.span, "`per percent` is not a rate", "write `per day` or another time")
    if not isinstance(value.type, Quantity) or value.type.time != 0:
        raise checker.problems.reject(
            node.value.span,
            f"`per {node.unit}` needs a number, not {a_type(value.type)}",
            f"for example `3 per {node.unit.removesuffix('s')}`",
        )
    length = Const(float(unit_length(node.unit)), type=DURATION, span=node.span)
    type_ = Quantity(time=-1, money=value.type.money)
    return Binary("/", value, length, type=type_, span=node.span)


def check_sign(checker: ExpressionChecker, node: syntax.Sign, scope: Scope, expected: Type | None) -> Expr:
    """``-x``, ``+x`` and ``not x``."""
    if node.op == "not":
        return Unary("not", checker.condition(node.operand, scope, "what follows `not`"), type=BOOL, span=node.span)
    operand = checker.check(node.operand, scope, expected)
    if not isinstance(operand.type, Quantity):
        raise checker.problems.reject(node.span, f"`{node.op}` needs a number, not {a_type(operand.type)}")
    return operand if node.op == "+" else Unary("-", operand, type=operand.type, span=node.span)


def check_choice(checker: ExpressionChecker, node: syntax.Choice, scope: Scope, expected: Type | None) -> Expr:
    """``yes if condition else no``."""
    condition = checker.condition(node.condition, scope, "the condition of `if`")
    yes = checker.check(node.yes, scope, expected)
    no = checker.check(node.no, scope, expected or yes.type)
    yes, no = _alike(checker, yes, no, node, "`if ... else` chooses between", "and")
    if isinstance(yes.type, Quantity) and isinstance(no.type, Quantity) and yes.type.whole != no.type.whole:
        yes = checker.convert(yes, replace(yes.type, whole=False), "", node.span)
        no = checker.convert(no, replace(no.type, whole=False), "", node.span)
    return Choose(condition, yes, no, type=yes.type, span=node.span)


# --- comparisons


def _compare(checker: ExpressionChecker, node: syntax.Operation, scope: Scope) -> Expr:
    left, right = _sides(checker, node, scope)
    left, right = _alike(checker, left, right, node, f"`{node.op}` compares")
    ordered = isinstance(left.type, Quantity | Instant)
    if node.op in ("<", "<=", ">", ">=") and not ordered:
        raise checker.problems.reject(node.op_span, f"{a_type(left.type)} has no order", "use `==` or `!=`")
    return Compare(node.op, left, right, type=BOOL, span=node.span)  # type: ignore[arg-type]


def _sides(checker: ExpressionChecker, node: syntax.Operation, scope: Scope) -> tuple[Expr, Expr]:
    """Both sides; a bare name that only the other side gives a meaning is read after it."""
    if _has_no_meaning(checker, node.left, scope) and not _has_no_meaning(checker, node.right, scope):
        assert isinstance(node.left, syntax.Name)
        if node.left.name in checker.problems.unclear:
            raise checker.problems.follow_up(node.left.name, node.left.span)
        right = checker.check(node.right, scope)
        return checker.check(node.left, scope, right.type), right
    if isinstance(node.left, syntax.Quoted) and not isinstance(node.right, syntax.Quoted):
        right = checker.check(node.right, scope)
        return checker.check(node.left, scope, right.type), right
    left = checker.check(node.left, scope)
    return left, checker.check(node.right, scope, left.type)


def _has_no_meaning(checker: ExpressionChecker, node: syntax.Node, scope: Scope) -> bool:
    return isinstance(node, syntax.Name) and not meanings_of(checker, node, scope)


def _alike(
    checker: ExpressionChecker,
    left: Expr,
    right: Expr,
    node: syntax.Operation | syntax.Choice,
    what: str,
    word: str = "with",
) -> tuple[Expr, Expr]:
    """Both sides in one type: equal, ``none`` with what may be none, or a constant number as money."""
    a, b = left.type, right.type
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        if (a.time, a.money) == (b.time, b.money):
            return left, right
        if a.is_money and b.is_plain and isinstance(right, Const):
            return left, checker.convert(right, MONEY, "", node.span)
        if b.is_money and a.is_plain and isinstance(left, Const):
            return checker.convert(left, MONEY, "", node.span), right
    elif isinstance(a, Nothing) and isinstance(b, Nothing):
        return left, right
    elif isinstance(a, Nothing) and isinstance(b, Episode | Agent):
        return Const(None, type=b, span=left.span), right
    elif isinstance(b, Nothing) and isinstance(a, Episode | Agent):
        return left, Const(None, type=a, span=right.span)
    elif a == b:
        return left, right
    raise checker.problems.reject(node.span, f"{what} {a_type(a)} {word} {a_type(b)}", _alike_hint(left, right))


def _alike_hint(left: Expr, right: Expr) -> str:
    """How two sides could be brought to one type; a constant is the one to change."""
    a, b = left.type, right.type
    for type_, other in ((a, right), (b, left)):
        if isinstance(type_, Category | State) and isinstance(other, Const) and isinstance(other.type, Text):
            return suggest(str(other.value), type_.levels, "levels")
    if isinstance(a, Nothing) or isinstance(b, Nothing):
        return "only agents and episodes can be `none`"
    first, second = (left, right) if isinstance(left, Const) else (right, left)
    return conversion_hint(first.type, second.type) or conversion_hint(second.type, first.type)


# --- arithmetic


def _arithmetic(checker: ExpressionChecker, node: syntax.Operation, scope: Scope) -> Expr:
    left, right = checker.check(node.left, scope), checker.check(node.right, scope)
    a, b, op = left.type, right.type, node.op
    if isinstance(a, Instant) or isinstance(b, Instant):
        return _instants(checker, node, left, right)
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        wrong, side = (a, node.left) if not isinstance(a, Quantity) else (b, node.right)
        raise checker.problems.reject(side.span, f"`{op}` needs numbers, not {a_type(wrong)}")
    if op in ("+", "-"):
        left, right = _alike(checker, left, right, node, f"`{op}` joins")
        assert isinstance(left.type, Quantity)
        type_ = replace(left.type, whole=a.whole and b.whole)
        return Binary(op, left, right, type=type_, span=node.span)  # type: ignore[arg-type]
    if op in ("*", "/"):
        return _product(checker, node, left, right, a, b)
    if isinstance(right, Const) and right.value == 0 and op != "**":
        raise checker.problems.reject(node.right.span, "a division by zero")
    if op == "**":
        if not (a.is_plain and b.is_plain):
            raise checker.problems.reject(
                node.span, "a power is of plain numbers", "divide by a unit first, as in `(x / 1 day) ** 2`"
            )
        return Binary("**", left, right, type=NUMBER, span=node.span)
    if (a.time, a.money) != (b.time, b.money) or a.money:
        raise checker.problems.reject(
            node.span, f"`{op}` of {a_type(a)} and {a_type(b)} has no meaning", conversion_hint(b, a)
        )
    whole = a.whole and b.whole
    type_ = Quantity(whole=op == "//" or whole) if op == "//" or a.is_plain else a
    return Binary(op, left, right, type=type_, span=node.span)  # type: ignore[arg-type]


def _product(
    checker: ExpressionChecker, node: syntax.Operation, left: Expr, right: Expr, a: Quantity, b: Quantity
) -> Expr:
    """A product or quotient: the units multiply or divide."""
    op = node.op
    if op == "/" and isinstance(right, Const) and right.value == 0:
        raise checker.problems.reject(node.right.span, "a division by zero")
    sign = 1 if op == "*" else -1
    time, money = a.time + sign * b.time, a.money + sign * b.money
    if money not in (0, 1):
        raise checker.problems.reject(
            node.span,
            f"`{op}` of {a_type(a)} and {a_type(b)} has no meaning",
            "turn one side into a plain number with `number(...)`",
        )
    if abs(time) > MOST_TIME:
        raise checker.problems.reject(node.span, f"`{op}` of {a_type(a)} and {a_type(b)} has no meaning")
    whole = op == "*" and a.whole and b.whole
    return Binary(op, left, right, type=Quantity(time, money, whole), span=node.span)  # type: ignore[arg-type]


def _instants(checker: ExpressionChecker, node: syntax.Operation, left: Expr, right: Expr) -> Expr:
    match left.type, node.op, right.type:
        case Instant(), "-", Instant():
            return Binary("-", left, right, type=DURATION, span=node.span)
        case (Instant(), "+" | "-", Quantity(time=1, money=0)):
            return Binary(node.op, left, right, type=INSTANT, span=node.span)
        case Quantity(time=1, money=0), "+", Instant():
            return Binary("+", right, left, type=INSTANT, span=node.span)
    raise checker.problems.reject(
        node.span,
        f"`{node.op}` of {a_type(left.type)} and {a_type(right.type)} has no meaning",
        "to an instant a duration may be added, as in `now + 3 days`",
    )
