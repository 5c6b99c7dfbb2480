"""Types as they are written in a file, and times as behaviors and tables give them."""

from __future__ import annotations

import re

from bustle.scenarios import syntax
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.references import attribute_type
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import Binary, CalendarMoment, Const, Expr
from bustle.scenarios.rule_parser import RuleSyntaxError, parse_expression
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    EPISODE,
    INSTANT,
    MONEY,
    NUMBER,
    RATE,
    TEXT,
    WHOLE,
    Agent,
    Category,
    State,
    Type,
)
from bustle.scenarios.yaml_nodes import Text

WRITTEN_TYPES: dict[str, Type] = {
    "number": NUMBER,
    "whole": WHOLE,
    "bool": BOOL,
    "money": MONEY,
    "duration": DURATION,
    "rate": RATE,
    "instant": INSTANT,
    "episode": EPISODE,
    "text": TEXT,
}
"""The types that are written by a single word."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def parse(checker: ExpressionChecker, text: Text) -> syntax.Node:
    """The syntax tree of a text of the file; its problem is noted and `Reject` raised if it has none."""
    if text.is_cut:
        raise checker.problems.follow_up(text.value, text.span)
    try:
        return parse_expression(text)
    except RuleSyntaxError as error:
        checker.problems.keep(error.diagnostic)
        raise Reject(text.value) from None  # noted just above


def fixed_duration(checker: ExpressionChecker, text: Text, what: str) -> int:
    """Microseconds of a duration that nothing changes; ``what`` names it in messages."""
    scope = Scope(
        Names(),
        Purposes(""),
        forbidden=dict.fromkeys(("draw", "pick", "now", "aggregate", "episode"), "it is fixed"),
    )
    expr = checker.value(parse(checker, text), scope, DURATION, what)
    if not isinstance(expr, Const) or not isinstance(expr.value, float) or expr.value < 1:
        raise checker.problems.reject(text.span, f"{what} must be a duration above 0", "as in `1 day`")
    return round(expr.value)


def written_type(checker: ExpressionChecker, text: Text, scope: Scope) -> tuple[Type, bool]:
    """The type that ``text`` names, and whether it is marked as a label."""
    if text.is_cut:
        raise checker.problems.follow_up(text.value, text.span)
    words = text.value.split(None, 1)
    label = bool(words) and words[0] == "label"
    rest = words[1] if label and len(words) > 1 else text.value.strip()
    span = text.span_at(text.value.find(rest), len(rest))
    state = re.fullmatch(r"state of (\w+)", rest)
    if state:
        known = scope.names.populations.get(state[1])
        if known is None or not known.states:
            with_states = [name for name, population in scope.names.populations.items() if population.states]
            raise checker.problems.unknown(
                state[1], span, f"`{state[1]}` is not a population with states", suggest(state[1], with_states)
            )
        return State(state[1], known.states), label
    if rest in WRITTEN_TYPES:
        return WRITTEN_TYPES[rest], label
    if rest in scope.names.populations:
        return Agent(rest), label
    dotted = re.fullmatch(r"(\w+)\.(\w+)", rest)
    if dotted and dotted[1] in scope.names.populations:
        known = scope.names.populations[dotted[1]]
        if dotted[2] not in known.attributes and dotted[2] not in known.links:
            if known.is_open:
                raise checker.problems.follow_up(rest, span)
            raise checker.problems.unknown(
                dotted[2],
                span,
                f"{dotted[1]} has no attribute `{dotted[2]}`",
                suggest(dotted[2], known.attributes, "attributes"),
            )
        type_ = attribute_type(dotted[1], dotted[2], scope)
        if type_ is None:
            raise checker.problems.follow_up(rest, span)
        return type_, label
    levels = re.fullmatch(r"category\s*\(([\w\s,]*)\)", rest)
    if levels:
        found = tuple(level.strip() for level in levels[1].split(",") if level.strip())
        if not found or len(set(found)) < len(found):
            raise checker.problems.reject(span, "a category lists different names", "as in `category(online, onsite)`")
        return Category(found), label
    known_types = [*WRITTEN_TYPES, *scope.names.populations]
    if not rest or rest == "label":
        raise checker.problems.reject(text.span, "a type is missing after `label`", "as in `label bool`")
    if rest.endswith(" label"):
        hint = f"write `label {rest.removesuffix(' label')}`"
        raise checker.problems.reject(span, f"unknown type `{rest}`", hint)
    hint = suggest(rest, known_types) or "types: " + ", ".join([*WRITTEN_TYPES, "category(a, b)", "a population"])
    raise checker.problems.unknown(rest, span, f"unknown type `{rest}`", hint)


def instant_expression(checker: ExpressionChecker, text: Text, scope: Scope, what: str) -> Expr:
    """A time given as a duration since the start, a date, or an expression for either; typed as an instant."""
    node = parse(checker, text)
    if isinstance(node, syntax.TimeOfDay):
        hint = f"give the date, as in `2026-03-01 {node.value}`, or the time since the start, as in `16 hours`"
        raise checker.problems.reject(text.span, f"`{text.value}` comes every day; {what} is one time", hint)
    expr = checker.check(node, scope)
    if expr.type == DURATION:
        start = Const(0, type=INSTANT, span=text.span)
        if isinstance(expr, Const) and isinstance(expr.value, float):
            return Const(round(expr.value), type=INSTANT, span=text.span)
        return Binary("+", start, expr, type=INSTANT, span=text.span)
    if expr.type != INSTANT and re.match(r"\d{4}-\d{1,2}-\d{1,2}\b", text.value):
        hint = "dates are written 2026-01-31 or 2026-01-31 12:30"
        raise checker.problems.reject(text.span, f"`{text.value}` is not a date", hint)
    if expr.type != INSTANT:
        hint = "as in `45 days` or `2026-03-01 09:00`"
        raise checker.problems.reject(text.span, f"{what} must be a time, not {a_type(expr.type)}", hint)
    return expr


_LONGEST_MOMENT = 200
_MOMENT = re.compile(r"(?:every\s+)?(?:(?P<days>[a-z][a-z0-9,\s-]*?)\s*)?(?P<time>\d{1,2}:\d{2}(?::\d{2})?)?", re.I)


def calendar_moment(checker: ExpressionChecker, text: Text) -> CalendarMoment | None:
    """A recurring local time such as ``09:00``, ``monday 09:00`` or ``day 25 08:30``; None if it is none."""
    written = text.value.strip()
    found = _MOMENT.fullmatch(written) if len(written) <= _LONGEST_MOMENT else None
    if found is None:
        first = written[:_LONGEST_MOMENT].lower().split(maxsplit=1)[:1]
        if first and (first[0] == "every" or _weekdays(first[0]) is not None):
            raise checker.problems.reject(text.span, f"`{written}` is not a time", MOMENT_HINT)
        return None
    days = (found["days"] or "").lower()
    if not days and not found["time"]:
        return None
    time = checker.time_of_day(found["time"], text.span) if found["time"] else 0
    if days in ("", "day", "daily"):
        return CalendarMoment(time)
    chosen = _weekdays(days)
    if chosen is not None:
        return CalendarMoment(time, weekdays=chosen)
    if days == "last day":
        return CalendarMoment(time, month_days=(-1,))
    numbers = re.fullmatch(r"day\s+(\d+(?:\s*,\s*\d+)*)", days)
    if numbers:
        month_days = tuple(sorted({int(part) for part in numbers[1].split(",")}))
        if not all(1 <= day <= 31 for day in month_days):
            raise checker.problems.reject(text.span, "days of the month go from 1 to 31", "the last is `last day`")
        return CalendarMoment(time, month_days=month_days)
    if not found["time"] and _weekdays(days.split()[0].strip(",")) is not None:
        raise checker.problems.reject(text.span, f"`{written}` is not a time", MOMENT_HINT)
    if found["time"] or days.startswith(("every", "day")):
        place = text.span_at(max(0, text.value.find(found["days"])), len(days))
        raise checker.problems.reject(place, f"`{days}` is not a day of the week or month", MOMENT_HINT)
    return None


MOMENT_HINT = "as in `09:00`, `monday 09:00`, `weekdays 08:30`, `day 25 12:00` or `last day 18:00`"


def _weekdays(words: str) -> tuple[int, ...] | None:
    chosen: set[int] = set()
    for word in re.split(r"[,\s]+", words.strip()):
        if word in ("weekday", "weekdays"):
            chosen.update(range(5))
        elif word in ("weekend", "weekends"):
            chosen.update((5, 6))
        else:
            match = [i for i, day in enumerate(WEEKDAYS) if day.startswith(word.removesuffix("s")) and len(word) >= 3]
            if not match:
                return None
            chosen.update(match)
    return tuple(sorted(chosen))


def plain_number(checker: ExpressionChecker, text: Text, what: str) -> float:
    """A number written out, such as a weight; notes a problem and raises `Reject` for anything else."""
    try:
        return float(text.value.replace("_", ""))
    except ValueError:
        raise checker.problems.reject(text.span, f"{what} must be a number, not `{text.value}`") from None


def here(text: Text | None, otherwise: Span) -> Span:
    """The place of ``text``, or of what it stands in."""
    return text.span if text is not None else otherwise
