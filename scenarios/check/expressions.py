"""Typing expressions: from syntax with bare names to resolved, typed expressions."""

from __future__ import annotations

from bustle.scenarios import syntax
from bustle.scenarios.calendar import Calendar, parse_local
from bustle.scenarios.check.calls import check_aggregate, check_call
from bustle.scenarios.check.constants import fold, refuse_extremes
from bustle.scenarios.check.names import Scope
from bustle.scenarios.check.operators import check_choice, check_operation, check_per, check_sign
from bustle.scenarios.check.problems import Problems
from bustle.scenarios.check.references import check_dot, check_name
from bustle.scenarios.check.wording import a_type, conversion_hint, unit_length
from bustle.scenarios.diagnostics import Span
from bustle.scenarios.model import Const, Convert, Expr
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    INSTANT,
    MONEY,
    NUMBER,
    TEXT,
    WHOLE,
    Agent,
    Category,
    Episode,
    Nothing,
    Quantity,
    State,
    Type,
)


class ExpressionChecker:
    """Types expressions within a `Scope`; notes problems and raises `Reject` when one has no type."""

    def __init__(self, problems: Problems, calendar: Calendar, length: int, folder: str) -> None:
        self.problems = problems
        self.calendar = calendar
        self.length = length
        self.folder = folder

    # --- entry points

    def check(self, node: syntax.Node, scope: Scope, expected: Type | None = None) -> Expr:
        """The typed form of ``node``; names of levels and ``none`` take their meaning from ``expected``."""
        return self._folded(self._typed(node, scope, expected), node.span)

    def value(self, node: syntax.Node, scope: Scope, wanted: Type, what: str) -> Expr:
        """The typed form of ``node`` in the held form of ``wanted``; ``what`` names its place in messages."""
        return self.convert(self.check(node, scope, wanted), wanted, what, node.span)

    def condition(self, node: syntax.Node, scope: Scope, what: str) -> Expr:
        """A typed expression that must be true or false."""
        expr = self.check(node, scope, BOOL)
        if expr.type != BOOL:
            hints = {Quantity: "compare it with something, for example `> 0`", Agent: "compare it: `!= none`"}
            hint = next((hint for kind, hint in hints.items() if isinstance(expr.type, kind)), "")
            raise self.problems.reject(node.span, f"{what} must be true or false, not {a_type(expr.type)}", hint)
        return expr

    def convert(self, expr: Expr, wanted: Type, what: str, span: Span) -> Expr:
        """``expr`` brought to the held form of ``wanted``, or a problem that says why not."""
        given = expr.type
        if given == wanted:
            return expr
        if isinstance(given, Nothing) and isinstance(wanted, Episode | Agent):
            return Const(None, type=wanted, span=span)
        if isinstance(given, Quantity) and isinstance(wanted, Quantity):
            if given.is_plain and wanted.is_plain and given.whole:
                return self._folded(Convert("to_float", expr, type=wanted, span=span), span)
            if given.is_plain and wanted.is_money:
                return self._folded(Convert("to_money", expr, type=wanted, span=span), span)
        raise self.problems.reject(
            span, f"{what} must be {a_type(wanted)}, not {a_type(given)}", conversion_hint(given, wanted)
        )

    # --- by kind of node

    def _typed(self, node: syntax.Node, scope: Scope, expected: Type | None) -> Expr:
        match node:
            case syntax.Number():
                return self._number(node)
            case syntax.Quoted(span=span, value=value):
                if isinstance(expected, Category | State) and value in expected.levels:
                    return Const(expected.levels.index(value), type=expected, span=span)
                return Const(value, type=TEXT, span=span)
            case syntax.Date(span=span, value=value):
                return Const(self.instant(value, span), type=INSTANT, span=span)
            case syntax.TimeOfDay(span=span, value=value):
                return Const(float(self.time_of_day(value, span)), type=DURATION, span=span)
            case syntax.Name():
                return check_name(self, node, scope, expected)
            case syntax.Dot():
                return check_dot(self, node, scope)
            case syntax.Per():
                return check_per(self, node, scope)
            case syntax.Sign():
                return check_sign(self, node, scope, expected)
            case syntax.Operation():
                return check_operation(self, node, scope)
            case syntax.Choice():
                return check_choice(self, node, scope, expected)
            case syntax.Call():
                return check_call(self, node, scope, expected)
            case syntax.Aggregate():
                return check_aggregate(self, node, scope)
        raise self.problems.reject(node.span, "this cannot stand here")

    def _number(self, node: syntax.Number) -> Expr:
        if node.unit is None:
            return Const(node.value, type=WHOLE if isinstance(node.value, int) else NUMBER, span=node.span)
        if node.unit == "percent":
            return Const(node.value / 100, type=NUMBER, span=node.span)
        return Const(float(node.value * unit_length(node.unit)), type=DURATION, span=node.span)

    def _folded(self, expr: Expr, span: Span) -> Expr:
        """``expr`` with arithmetic on constants done."""
        try:
            folded = fold(expr)
            if isinstance(folded, Const) and isinstance(folded.value, int | float):
                refuse_extremes(folded.value, folded.type)
        except ArithmeticError as error:
            raise self.problems.reject(span, str(error)) from None
        return folded

    def instant(self, written: str, span: Span) -> int:
        """Microseconds from the scenario's start to a local date as written."""
        try:
            return self.calendar.from_local(parse_local(written))
        except ValueError:
            raise self.problems.reject(
                span, f"`{written}` is not a date", "dates are written 2026-01-31 or 2026-01-31 12:30"
            ) from None

    def time_of_day(self, written: str, span: Span) -> int:
        """Microseconds after midnight of a time such as ``12:30``."""
        hours, minutes, *seconds = (int(part) for part in written.split(":"))
        second = seconds[0] if seconds else 0
        if hours > 23 or minutes > 59 or second > 59:
            raise self.problems.reject(span, f"`{written}` is not a time of day", "times go from 00:00 to 23:59")
        return ((hours * 60 + minutes) * 60 + second) * 1_000_000

    # --- shared by all that checks expressions

    def refuse(self, scope: Scope, feature: str, span: Span) -> None:
        """Reject the expression if ``feature`` may not be used in ``scope``."""
        reason = scope.forbidden.get(feature)
        if reason:
            raise self.problems.reject(span, _FEATURES[feature] + " cannot stand here", reason)

    def plain(self, expr: Expr) -> Expr:
        """Money as a plain number of its main unit; anything else unchanged."""
        if expr.type == MONEY:
            if isinstance(expr, Const) and isinstance(expr.value, int):
                return Const(expr.value / 100, type=NUMBER, span=expr.span)
            return Convert("to_number", expr, type=NUMBER, span=expr.span)
        return expr


_FEATURES = {
    "draw": "a draw",
    "pick": "`pick`",
    "now": "`now`",
    "aggregate": "counting agents",
    "episode": "`episode()`",
    "spawn": "`spawn`",
    "a parameter": "a parameter",
    "a global": "a global",
}
