"""Checking features: that they are made of what is seen, and of labels once they are known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from bustle.scenarios.check.declared import fixed_duration
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import Feature, Measure
from bustle.scenarios.structure import FeatureSection
from bustle.scenarios.structure.features import OF_LABELS
from bustle.scenarios.types import (
    DURATION,
    MICROSECONDS,
    NUMBER,
    WHOLE,
    Agent,
    Bool,
    Category,
    Episode,
    Quantity,
    State,
    Type,
)
from bustle.scenarios.types import Text as TextType
from bustle.scenarios.yaml_nodes import Text

_SHORT = {"day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms", "microsecond": "us"}
"""Units of time as the names of columns have them."""


@dataclass(frozen=True, slots=True)
class Given:
    """A column that features may name: its type and role (``input``, ``label`` or ``known``)."""

    type: Type
    role: str


def check_features(
    checker: ExpressionChecker,
    sections: Mapping[str, FeatureSection],
    given: Mapping[str, Given],
    broken: Collection[str] = (),
) -> tuple[Feature, ...]:
    """The features of a table, in the order of their columns.

    Args:
        checker: notes problems.
        sections: what is asked for, by the column that says which rows belong together.
        given: the columns of the table.
        broken: columns of which a problem has been noted already.
    """
    features: list[Feature] = []
    taken = set(given)
    for entity, section in sections.items():
        for feature, span in _EntityFeatures(checker, entity, section, given, broken).checked():
            if feature.name in taken:
                hint = "give that column another name" if feature.name in given else "remove one of them"
                checker.problems.note(span, f"the column `{feature.name}` is there twice", hint)
            else:
                taken.add(feature.name)
                features.append(feature)
    return tuple(features)


@dataclass(slots=True)
class _EntityFeatures:
    """The features of one entity."""

    checker: ExpressionChecker
    entity: str
    section: FeatureSection
    given: Mapping[str, Given]
    broken: Collection[str]

    def checked(self) -> Iterator[tuple[Feature, Span]]:
        """Each feature with the place that asks for it; problems are noted."""
        section = self.section
        try:
            self._entity()
            windows = list(self._windows())
            delay = None if section.delay is None else fixed_duration(self.checker, section.delay, "`delay`")
        except Reject:
            return
        if section.count is not None and self._is_true(section.count, "count"):
            yield from self._over(windows, "count", None, WHOLE, section.count)
        for measure, column, type_ in self._measured():
            yield from self._over(windows, measure, column, type_, column, delay if measure in OF_LABELS else None)
        if section.since_last is not None and self._is_true(section.since_last, "since_last"):
            name = f"{self.entity}_since_last"
            yield Feature(name, "since_last", self.entity, DURATION), section.since_last.span

    def _over(
        self,
        windows: list[int],
        measure: Measure,
        column: Text | None,
        type_: Type,
        place: Text,
        delay: int | None = None,
    ) -> Iterator[tuple[Feature, Span]]:
        of = None if column is None else column.value
        name = "_".join(filter(None, (self.entity, measure, of)))
        feature = Feature(name, measure, self.entity, type_, of, delay=delay)
        for window in windows:
            yield replace(feature, name=f"{name}_{short_duration(window)}", window=window), place.span

    def _measured(self) -> Iterator[tuple[Measure, Text, Type]]:
        section = self.section
        asked: tuple[tuple[Measure, list[Text]], ...] = (
            ("sum", section.sum),
            ("mean", section.mean),
            ("distinct", section.distinct),
            ("known", section.known),
            ("found", section.found),
            ("risk", section.risk),
        )
        for measure, columns in asked:
            for column in columns:
                try:
                    yield measure, column, self._type(measure, column)
                except Reject:
                    continue

    def _type(self, measure: Measure, column: Text) -> Type:
        """The type of a measure of ``column``, which must be fit for it."""
        given = self._column(column.value, column.span)
        if measure in OF_LABELS:
            return self._label(measure, column, given)
        self._refuse_labels(column.value, column.span, given)
        if measure == "distinct":
            self._refuse_measured(given.type, column.span, "counts the different values")
            return WHOLE
        if isinstance(given.type, Bool):
            return WHOLE if measure == "sum" else NUMBER
        if isinstance(given.type, Quantity):
            return given.type if measure == "sum" else replace(given.type, whole=False)
        raise self.checker.problems.reject(
            column.span, f"a {measure} is taken of numbers, not of {a_type(given.type)}", "`distinct:` counts values"
        )

    def _label(self, measure: Measure, column: Text, given: Given) -> Type:
        if given.role != "label":
            raise self.checker.problems.reject(
                column.span,
                f"`{measure}` counts labels, and `{column}` is none",
                "`mean:` gives the share of true values of other columns",
            )
        if not isinstance(given.type, Bool):
            comparison = f"{column} != none" if isinstance(given.type, Episode) else f"{column} > 0"
            raise self.checker.problems.reject(
                column.span,
                f"`{measure}` counts labels that are true or false, not {a_type(given.type)}",
                f"add a label that is: `is_{column}: {comparison}`",
            )
        if self.section.delay is None and not any(other.role == "known" for other in self.given.values()):
            raise self.checker.problems.reject(
                column.span,
                "labels count once they are known, and nothing says when that is",
                "give the table `known:`, as in `known: time + 9 days`, or write `delay: 7 days` here",
            )
        return NUMBER if measure == "risk" else WHOLE

    def _entity(self) -> None:
        span = self.section.key.span
        given = self._column(self.entity, span)
        self._refuse_labels(self.entity, span, given)
        self._refuse_measured(given.type, span, "puts rows together by the value")

    def _column(self, name: str, span: Span) -> Given:
        if name in self.given:
            return self.given[name]
        if name in self.broken:
            raise self.checker.problems.follow_up(name, span)
        raise self.checker.problems.reject(
            span, f"the table has no column `{name}`", suggest(name, self.given, "columns")
        )

    def _refuse_labels(self, name: str, span: Span, given: Given) -> None:
        if given.role == "label":
            raise self.checker.problems.reject(
                span,
                f"`{name}` is a label and would give the answer away",
                "`known:`, `found:` and `risk:` count labels once they are known",
            )
        if given.role == "known":
            raise self.checker.problems.reject(span, f"`{name}` would tell when a label is known before it is")

    def _refuse_measured(self, type_: Type, span: Span, does: str) -> None:
        """Refuse amounts, times and the like, which rows share by chance only."""
        whole = isinstance(type_, Quantity) and type_.is_plain and type_.whole
        if not whole and not isinstance(type_, Agent | Category | State | TextType | Bool):
            raise self.checker.problems.reject(
                span, f"this {does} of an agent, a category, a text or a whole number, not of {a_type(type_)}"
            )

    def _windows(self) -> Iterator[int]:
        found: set[int] = set()
        for text in self.section.windows:
            window = fixed_duration(self.checker, text, "a window")
            if window in found:
                self.checker.problems.note(text.span, f"the window `{text}` is listed twice", "remove one of them")
                continue
            found.add(window)
            yield window

    def _is_true(self, text: Text, key: str) -> bool:
        if text.value not in ("true", "false"):
            self.checker.problems.note(text.span, f"`{key}` is true or false", f"`{key}: true`")
        return text.value == "true"


def short_duration(microseconds: int) -> str:
    """A duration as names of columns have it: a whole number of the largest unit that fits.

    >>> short_duration(604_800_000_000), short_duration(129_600_000_000), short_duration(90_000_000)
    ('7d', '36h', '90s')
    """
    unit = next(unit for unit in _SHORT if microseconds % MICROSECONDS[unit] == 0)
    return f"{microseconds // MICROSECONDS[unit]}{_SHORT[unit]}"
