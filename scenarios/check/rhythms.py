"""Checking rhythms: weights over local time."""

from __future__ import annotations

from bustle.scenarios.calendar import parse_local
from bustle.scenarios.check.declared import parse, plain_number
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.model import Const, Draw, Rhythm
from bustle.scenarios.structure import RhythmSection
from bustle.scenarios.types import DURATION
from bustle.scenarios.yaml_nodes import Text

_DAY = 86_400_000_000
_FIXED = dict.fromkeys(("pick", "now", "aggregate", "episode", "a parameter", "a global"), "a rhythm is fixed")


def check_rhythm(checker: ExpressionChecker, name: str, section: RhythmSection, names: Names) -> Rhythm:
    """A rhythm; each part's weights are at least 0 and not all 0."""
    parts: dict[str, tuple[float, ...] | None] = {}
    for part in ("hours", "weekdays", "months"):
        texts: list[Text] | None = getattr(section, part)
        parts[part] = None if texts is None else _weights(checker, section, part, texts)
    if section.time_of_day is not None and parts["hours"] is not None:
        raise checker.problems.reject(
            section.key_of("hours").span, "a rhythm has `hours` or `time_of_day`, not both", "remove one of them"
        )
    holidays, weight = _holidays(checker, section)
    return Rhythm(
        name,
        parts["hours"],
        parts["weekdays"],
        parts["months"],
        _time_of_day(checker, section.time_of_day, names),
        holidays,
        weight,
        section.about.value if section.about else "",
    )


def _weights(
    checker: ExpressionChecker, section: RhythmSection, part: str, texts: list[Text]
) -> tuple[float, ...] | None:
    """The weights; each one that is none is noted by itself."""
    weights: list[float] = []
    for text in texts:
        try:
            weights.append(_weight(checker, text, "a weight"))
        except Reject:
            continue
    if len(weights) == len(texts) and not any(weights):
        raise checker.problems.reject(
            section.key_of(part).span, f"all weights of `{part}` are 0", "at least one must be above 0"
        )
    return tuple(weights)


def _weight(checker: ExpressionChecker, text: Text, what: str) -> float:
    weight = plain_number(checker, text, what)
    if not 0 <= weight < float("inf"):
        raise checker.problems.reject(text.span, f"{what} must be at least 0, not `{text.value}`")
    return weight


def _time_of_day(checker: ExpressionChecker, text: Text | None, names: Names) -> Draw | None:
    if text is None:
        return None
    expr = checker.check(parse(checker, text), Scope(names, Purposes("rhythm"), forbidden=_FIXED))
    usage = "as in `normal(mean=12 hours, sd=2 hours)`"
    if not isinstance(expr, Draw) or expr.type != DURATION:
        raise checker.problems.reject(
            text.span, "`time_of_day` is one distribution of a duration since midnight", usage
        )
    if not all(isinstance(argument, Const) for argument in expr.arguments):
        raise checker.problems.reject(text.span, "the parameters of `time_of_day` must be constants", usage)
    return expr


def _holidays(checker: ExpressionChecker, section: RhythmSection) -> tuple[tuple[int, ...], float]:
    if section.holidays is None:
        return (), 1.0
    days = []
    for text in section.holidays.dates:
        try:
            days.append(parse_local(text.value) // _DAY)
        except ValueError:
            checker.problems.note(text.span, f"`{text.value}` is not a date", "dates are written 2026-12-25")
    weight = 0.0
    if section.holidays.weight is not None:
        weight = _weight(checker, section.holidays.weight, "the weight of holidays")
    return tuple(sorted(set(days))), weight
