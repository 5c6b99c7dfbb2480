"""Checking the clock, the parameters and the globals."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from bustle.scenarios import syntax
from bustle.scenarios.calendar import Calendar, parse_local
from bustle.scenarios.check.declared import parse
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Problems, Reject
from bustle.scenarios.check.showing import show
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Attribute, Clock, Const, Parameter
from bustle.scenarios.structure import ClockSection, GlobalSection, ParameterSection
from bustle.scenarios.types import DURATION, MONEY, TEXT, Category, Nothing, Quantity, Type
from bustle.scenarios.yaml_nodes import Text

LONGEST = 200 * 366 * 86_400_000_000
"""Longest run, in microseconds: 200 years, so that durations in float64 microseconds stay exact."""

CONSTANT_ONLY = dict.fromkeys(
    ("draw", "pick", "now", "aggregate", "episode", "a parameter", "a global"), "this must be a constant"
)


def constant_scope(names: Names | None = None) -> Scope:
    """A scope in which only constants stand."""
    return Scope(names or Names(), Purposes(""), forbidden=CONSTANT_ONLY)


def check_clock(problems: Problems, section: ClockSection) -> Clock:
    """The clock; a broken part is noted and replaced by a plain one so that checking goes on."""
    start, length, zone = 0, 86_400_000_000, None
    try:
        start = parse_local(section.start.value)
    except ValueError:
        problems.note(
            section.start.span,
            f"`{section.start.value}` is not a date",
            "dates are written 2026-01-31 or 2026-01-31 12:30",
        )
    checker = ExpressionChecker(problems, Calendar(Clock(start, length, None)), length, "")
    try:
        length = check_length(checker, section.length)
    except Reject:
        pass
    if section.timezone is not None:
        try:
            calendar_of(Clock(start, length, section.timezone.value))
            zone = section.timezone.value
        except ValueError as error:
            message, _, meant = str(error).partition("; ")
            problems.note(section.timezone.span, message, meant or "an IANA name, such as Europe/Berlin")
    return Clock(start, length, zone)


@functools.lru_cache(maxsize=8)
def calendar_of(clock: Clock) -> Calendar:
    """The calendar of a clock. Raises ValueError for an unknown time zone."""
    return Calendar(clock)


def check_length(checker: ExpressionChecker, text: Text) -> int:
    """The length of a run in microseconds."""
    expr = checker.value(parse(checker, text), constant_scope(), DURATION, "the length")
    if not isinstance(expr, Const) or not isinstance(expr.value, float):
        raise checker.problems.reject(text.span, "the length must be a constant", "as in `90 days`")
    if not 1 <= expr.value <= LONGEST:
        raise checker.problems.reject(
            text.span, "the length must be above 0 and at most 200 years", "as in `90 days` or `52 weeks`"
        )
    return round(expr.value)


def check_parameter(checker: ExpressionChecker, name: str, section: ParameterSection, names: Names) -> Parameter:
    """A parameter with its type, default and bounds."""
    choices = tuple(choice.value for choice in section.choices or ())
    if choices and len(set(choices)) < len(choices):
        raise checker.problems.reject(section.key_of("choices").span, "a choice is listed twice")
    unit = section.unit.value if section.unit else ""
    type_, value = _default(checker, section, choices, unit, names)
    parameter = Parameter(
        name,
        type_,
        value,
        choices=choices,
        unit=unit,
        about=section.about.value if section.about else "",
        because=section.because.value if section.because else "",
        written=section.value.value,
    )
    low, high = (
        _bound(checker, text, type_, f"the {bound} of `{name}`")
        for bound, text in (("minimum", section.min), ("maximum", section.max))
    )
    if low is not None and high is not None and low > high and section.min is not None:
        checker.problems.note(section.min.span, f"the minimum of `{name}` is above its maximum", "swap them")
        return parameter
    parameter = replace(parameter, minimum=low, maximum=high)
    try:
        within(checker, parameter, value, section.value)
    except Reject:
        pass  # noted; its type is known all the same
    return parameter


def _default(
    checker: ExpressionChecker, section: ParameterSection, choices: tuple[str, ...], unit: str, names: Names
) -> tuple[Type, Any]:
    text = section.value
    if choices:
        if text.value not in choices:
            raise checker.problems.reject(
                text.span, f"`{text.value}` is not one of the choices", suggest(text.value, choices, "choices")
            )
        return Category(choices), choices.index(text.value)
    node = parse(checker, text)
    if isinstance(node, syntax.Name) and node.name not in (*_VALUES, *names.parameters, *names.world):
        raise checker.problems.reject(
            text.span, f"`{node.name}` is a name, and a parameter's value must be a constant", _WORD_HINT
        )
    expr = checker.check(node, constant_scope(names))
    if unit == "money" and isinstance(expr.type, Quantity) and expr.type.is_plain:
        expr = checker.convert(expr, MONEY, "", text.span)
    if isinstance(expr.type, Nothing) or not isinstance(expr, Const):
        raise checker.problems.reject(
            text.span, "a parameter's value must be a constant", "as in `40`, `4 hours` or `2 per day`"
        )
    return expr.type, expr.value


_VALUES = ("true", "false", "none", "now", "start", "end", "never", "self")
_WORD_HINT = "list the words it may be under `choices:`; a text stands in quotes inside quotes: '\"text\"'"


def _bound(checker: ExpressionChecker, text: Text | None, type_: Type, what: str) -> float | None:
    """A bound in the held form of ``type_``; None if there is none, or a broken one, which is noted."""
    if text is None:
        return None
    try:
        if not isinstance(type_, Quantity):
            raise checker.problems.reject(text.span, f"{a_type(type_)} has no bounds", "only numbers have")
        wider = type_ if type_.is_money else replace(type_, whole=False)
        expr = checker.value(parse(checker, text), constant_scope(), wider, what)
        if not isinstance(expr, Const):
            raise checker.problems.reject(text.span, f"{what} must be a constant")
    except Reject:
        return None
    assert isinstance(expr.value, int | float)
    return expr.value


def parameter_value(checker: ExpressionChecker, parameter: Parameter, text: Text) -> Any:
    """A value given to ``parameter`` (by an experiment or the command line) in its held form, within its bounds."""
    type_ = parameter.type
    if isinstance(type_, Category):
        if text.value not in type_.levels:
            raise checker.problems.reject(
                text.span, f"`{parameter.name}` cannot be `{text.value}`", suggest(text.value, type_.levels, "choices")
            )
        return type_.levels.index(text.value)
    if type_ == TEXT:
        value = text.value.strip("\"'")
        if "\n" in value or ("'" in value and '"' in value):
            hint = "a text stands on one line, and holds one kind of quotes at most"
            raise checker.problems.reject(text.span, f"`{parameter.name}` cannot be this text", hint)
        return value
    expr = checker.check(parse(checker, text), constant_scope(), type_)
    if isinstance(type_, Quantity) and type_.whole and isinstance(expr, Const) and expr.type == Quantity():
        raise checker.problems.reject(
            text.span, f"`{parameter.name}` is a whole number, not `{text.value}`", "write it without a decimal point"
        )
    expr = checker.convert(expr, type_, f"`{parameter.name}`", text.span)
    if not isinstance(expr, Const):
        raise checker.problems.reject(text.span, f"`{parameter.name}` must be a constant")
    within(checker, parameter, expr.value, text)
    return expr.value


def within(checker: ExpressionChecker, parameter: Parameter, value: Any, text: Text) -> None:
    """Note a problem and raise `Reject` if ``value`` is out of the bounds of ``parameter``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if parameter.minimum is not None and value < parameter.minimum:
        raise checker.problems.reject(
            text.span, f"`{parameter.name}` is below its minimum, {show(parameter, parameter.minimum)}"
        )
    if parameter.maximum is not None and value > parameter.maximum:
        raise checker.problems.reject(
            text.span, f"`{parameter.name}` is above its maximum, {show(parameter, parameter.maximum)}"
        )


def check_global(checker: ExpressionChecker, name: str, section: GlobalSection, names: Names) -> Attribute:
    """A global with its value at the start, an expression of parameters."""
    fixed = dict.fromkeys(CONSTANT_ONLY, "a global starts with a fixed value")
    fixed.pop("a parameter")
    scope = Scope(names, Purposes(""), forbidden=fixed | {"a global": "a global's start is made of parameters alone"})
    expr = checker.check(parse(checker, section.value), scope)
    if isinstance(expr.type, Nothing):
        raise checker.problems.reject(section.value.span, "a global cannot start as `none`")
    return Attribute(name, expr.type, expr, mutable=True, about=section.about.value if section.about else "")
