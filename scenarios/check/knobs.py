"""Checking the clock, the parameters and the globals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bustle.scenarios.calendar import Calendar, parse_local
from bustle.scenarios.check.declared import parse
from bustle.scenarios.check.expressions import ExpressionChecker, a_type
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Problems, Reject
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Attribute, Clock, Const, Parameter
from bustle.scenarios.structure import ClockSection, GlobalSection, ParameterSection
from bustle.scenarios.syntax import RuleSyntaxError, parse_expression
from bustle.scenarios.types import DURATION, MONEY, TEXT, Category, Nothing, Quantity, Type
from bustle.scenarios.yaml_nodes import Text

LONGEST = 200 * 366 * 86_400_000_000
"""Longest run, in microseconds: 200 years, so that durations in float64 microseconds stay exact."""

CONSTANT_ONLY = dict.fromkeys(("draw", "pick", "now", "aggregate", "episode"), "this must be a constant")


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
            section.start.span, f"`{section.start.value}` is not a date", "write 2026-01-31 or 2026-01-31 12:30"
        )
    if section.timezone is not None:
        try:
            Calendar(Clock(start, length, section.timezone.value))
            zone = section.timezone.value
        except ValueError as error:
            problems.note(section.timezone.span, str(error), "an IANA name, such as Europe/Berlin")
    checker = ExpressionChecker(problems, Calendar(Clock(start, length, None)), length, "")
    try:
        length = check_length(checker, section.length)
    except Reject:
        pass
    return Clock(start, length, zone)


def check_length(checker: ExpressionChecker, text: Text) -> int:
    """The length of a run in microseconds."""
    expr = checker.value(parse(checker, text), constant_scope(), DURATION, "the length")
    if not isinstance(expr, Const) or not isinstance(expr.value, float):
        raise checker.problems.reject(text.span, "the length must be a constant", "as in `90 days`")
    if not 1 <= expr.value <= LONGEST:
        raise checker.problems.reject(text.span, "the length must be above 0 and at most 200 years")
    return round(expr.value)


def check_parameter(checker: ExpressionChecker, name: str, section: ParameterSection) -> Parameter:
    """A parameter with its type, default and bounds."""
    choices = tuple(choice.value for choice in section.choices or ())
    if choices and len(set(choices)) < len(choices):
        raise checker.problems.reject(section.key_of("choices").span, "a choice is listed twice")
    unit = section.unit.value if section.unit else ""
    type_, value = _default(checker, section, choices, unit)
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
    bounds: dict[str, float] = {}
    for bound, text in (("minimum", section.min), ("maximum", section.max)):
        if text is not None:
            if not isinstance(type_, Quantity):
                raise checker.problems.reject(text.span, f"{a_type(type_)} has no bounds")
            limit = _constant(checker, text, type_, f"the {bound} of `{name}`")
            bounds[bound] = limit
    parameter = replace(parameter, minimum=bounds.get("minimum"), maximum=bounds.get("maximum"))
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and low > high and section.min is not None:
        raise checker.problems.reject(section.min.span, f"the minimum of `{name}` is above its maximum")
    within(checker, parameter, value, section.value)
    return parameter


def _default(
    checker: ExpressionChecker, section: ParameterSection, choices: tuple[str, ...], unit: str
) -> tuple[Type, Any]:
    text = section.value
    if choices:
        if text.value not in choices:
            raise checker.problems.reject(
                text.span, f"`{text.value}` is not one of the choices", suggest(text.value, choices, "choices")
            )
        return Category(choices), choices.index(text.value)
    try:
        node = parse_expression(text)
    except RuleSyntaxError as error:
        checker.problems.keep(error.diagnostic)
        raise Reject(text.value) from None
    expr = checker.check(node, constant_scope())
    if unit == "money" and isinstance(expr.type, Quantity) and expr.type.is_plain:
        expr = checker.convert(expr, MONEY, "", text.span)
    if isinstance(expr.type, Nothing) or not isinstance(expr, Const):
        raise checker.problems.reject(
            text.span, "a parameter's value must be a constant", "as in `40`, `4 hours` or `2 per day`"
        )
    return expr.type, expr.value


def _constant(checker: ExpressionChecker, text: Text, type_: Type, what: str) -> Any:
    wider = replace(type_, whole=False) if isinstance(type_, Quantity) and not type_.is_money else type_
    expr = checker.value(parse(checker, text), constant_scope(), wider, what)
    if not isinstance(expr, Const):
        raise checker.problems.reject(text.span, f"{what} must be a constant")
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
        return text.value.strip("\"'")
    expr = checker.check(parse(checker, text), constant_scope(), type_)
    if isinstance(type_, Quantity) and type_.whole and isinstance(expr, Const) and expr.type == Quantity():
        raise checker.problems.reject(text.span, f"`{parameter.name}` is a whole number, not `{text.value}`")
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
            text.span, f"`{parameter.name}` is below its minimum of {show(parameter, parameter.minimum)}"
        )
    if parameter.maximum is not None and value > parameter.maximum:
        raise checker.problems.reject(
            text.span, f"`{parameter.name}` is above its maximum of {show(parameter, parameter.maximum)}"
        )


def show(parameter: Parameter, value: Any) -> str:
    """A value of ``parameter`` as a scenario would write it."""
    type_ = parameter.type
    if isinstance(type_, Category):
        return str(type_.levels[value])
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(type_, Quantity):
        return str(value)
    if type_.is_money:
        return f"{value / 100:.2f}".removesuffix(".00")
    if type_.is_plain:
        return (
            f"{value:d}" if isinstance(value, int) else f"{value!r}".removesuffix(".0") if type_.whole else repr(value)
        )
    sign = "per " if type_.time < 0 else ""
    return _shown_time(value, type_.time, sign)


def _shown_time(value: float, exponent: int, sign: str) -> str:
    lengths = {
        "day": 86_400e6,
        "hour": 3_600e6,
        "minute": 60e6,
        "second": 1e6,
        "microsecond": 1.0,
    }
    if exponent not in (1, -1):
        return f"{value!r} per microsecond"
    if value == 0:
        return "0 seconds" if exponent == 1 else "0 per day"
    best = ""
    for unit, length in lengths.items():
        scaled = value / length if exponent == 1 else value * length
        text = f"{scaled:.15g}"
        exact = (float(text) * length if exponent == 1 else float(text) / length) == value
        if exact and (not best or len(text) < len(best.split()[0])):
            plural = "s" if exponent == 1 and float(text) != 1 else ""
            best = f"{text} {sign}{unit}{plural}"
    if best:
        return best
    return f"{value!r} microseconds" if exponent == 1 else f"{value!r} per microsecond"


def check_global(checker: ExpressionChecker, name: str, section: GlobalSection, names: Names) -> Attribute:
    """A global with its value at the start, an expression of parameters."""
    scope = replace(constant_scope(names), forbidden={**CONSTANT_ONLY, "draw": "a global starts with a fixed value"})
    expr = checker.check(parse(checker, section.value), scope)
    if isinstance(expr.type, Nothing):
        raise checker.problems.reject(section.value.span, "a global cannot start as `none`")
    return Attribute(name, expr.type, expr, mutable=True, about=section.about.value if section.about else "")
