"""Checking correlations between the attributes of a population."""

from __future__ import annotations

from collections.abc import Mapping

from bustle.scenarios.check.declared import parse
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Attribute, Binary, Const, Draw, Expr
from bustle.scenarios.structure import PopulationSection
from bustle.scenarios.types import NUMBER, Quantity
from bustle.scenarios.yaml_nodes import Text


def check_correlations(
    checker: ExpressionChecker,
    names: Names,
    name: str,
    section: PopulationSection,
    attributes: Mapping[tuple[str, str], Attribute | None],
) -> tuple[tuple[str, str, Expr], ...]:
    """Pairs of attributes with the strength of their correlation; what is wrong is noted."""
    found: list[tuple[str, str, Expr]] = []
    problems = checker.problems
    for first, second, strength in section.correlated:
        try:
            for attribute in (first, second):
                _refuse_unfit(checker, names, name, attribute, attributes)
            if first.value == second.value:
                raise problems.reject(second.span, "an attribute is not correlated with itself")
            scope = Scope(
                names,
                Purposes(name),
                forbidden=dict.fromkeys(("draw", "pick", "now", "aggregate", "episode"), "a correlation is fixed"),
            )
            rho = checker.value(parse(checker, strength), scope, NUMBER, "a correlation")
            if isinstance(rho, Const) and isinstance(rho.value, float) and not -1 < rho.value < 1:
                raise problems.reject(strength.span, "a correlation lies between -1 and 1")
            found.append((first.value, second.value, rho))
        except Reject:
            continue
    return tuple(found)


def _refuse_unfit(
    checker: ExpressionChecker,
    names: Names,
    name: str,
    text: Text,
    attributes: Mapping[tuple[str, str], Attribute | None],
) -> None:
    """Only what is drawn from one continuous distribution can be correlated."""
    known = names.populations[name].attributes
    if text.value not in known:
        if names.populations[name].is_open:
            raise checker.problems.follow_up(text.value, text.span)
        raise checker.problems.unknown(
            text.value,
            text.span,
            f"{name} has no attribute `{text.value}`",
            suggest(text.value, known, "attributes"),
        )
    attribute = attributes.get((name, text.value))
    if attribute is None:
        raise checker.problems.follow_up(text.value, text.span)
    value = attribute.value
    if isinstance(value, Binary) and isinstance(value.right, Const):
        value = value.left
    if not isinstance(value, Draw) or (isinstance(attribute.type, Quantity) and attribute.type.held_whole):
        raise checker.problems.reject(
            text.span, f"`{text.value}` cannot be correlated", "only attributes that are one continuous draw can"
        )
