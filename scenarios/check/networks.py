"""Checking networks: the populations they join, and the settings of their kinds."""

from __future__ import annotations

from dataclasses import replace

from bustle.scenarios.check.declared import parse
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.people import AT_BIRTH
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.files import column_types
from bustle.scenarios.model import Const, Expr, Network
from bustle.scenarios.structure import NetworkSection
from bustle.scenarios.structure.networks import KINDS, NEEDED
from bustle.scenarios.types import Quantity
from bustle.scenarios.yaml_nodes import Text

_WITHIN_ONE = ("preferential_attachment", "small_world", "blocks", "complete")


def network_ends(checker: ExpressionChecker, section: NetworkSection, names: Names) -> tuple[str, str]:
    """The populations a network joins."""
    source, target = section.among or section.source, section.among or section.target
    if source is None or target is None:
        raise Reject(section.key.value)  # the structure has been found wrong already
    for text in (source, target):
        if text.value not in names.populations:
            raise checker.problems.unknown(
                text.value,
                text.span,
                f"unknown population `{text.value}`",
                suggest(text.value, names.populations, "populations"),
            )
    return source.value, target.value


def check_network(checker: ExpressionChecker, name: str, section: NetworkSection, names: Names) -> Network:
    """A network with the options of its kind."""
    source, target = names.networks[name]
    kind = section.kind.value if section.kind else "random"
    given = [option for option in KINDS.get(kind, ()) if getattr(section, option) is not None]
    if kind not in KINDS or any(option not in given for option in NEEDED.get(kind, ())):
        raise Reject(name)  # the structure has been found wrong already
    if kind in _WITHIN_ONE and source != target:
        raise checker.problems.reject(
            section.key.span, f"a network of kind {kind} lies within one population", "write `among:`"
        )
    options: dict[str, Expr | tuple[str, ...] | str] = {}
    for option in given:
        options[option] = _option(checker, name, section, option, names, source, target)
    if "columns" in options:
        ends = options.pop("columns")
        assert isinstance(ends, tuple)
        options["from_column"], options["to_column"] = ends
    return Network(name, source, target, kind, options, section.about.value if section.about else "")


def _option(
    checker: ExpressionChecker, name: str, section: NetworkSection, option: str, names: Names, source: str, target: str
) -> Expr | tuple[str, ...] | str:
    problems = checker.problems
    value = getattr(section, option)
    if option == "file":
        try:
            column_types(checker.folder, value.value)
        except ValueError as error:
            raise problems.reject(value.span, str(error)) from None
        return str(value.value)
    if option == "columns":
        return tuple(text.value for text in value)
    if option in ("position", "by"):
        texts = value if option == "position" else [value]
        for text in texts:
            for population in dict.fromkeys((source, target)):
                _numeric_attribute(checker, text, population, names, any_type=option == "by")
        return tuple(text.value for text in value) if option == "position" else str(value.value)
    forbidden = {**AT_BIRTH, "pick": "a network has its own way to choose", "episode": "a network has none"}
    scope = Scope(names, Purposes(name, option), acting=source, forbidden=forbidden)
    if option == "weight":
        scope = replace(scope, acting=None).looking_at(target)
    elif option != "degree":
        scope = replace(scope, acting=None, forbidden={**forbidden, "draw": f"`{option}` is one number for all"})
    expr = checker.check(parse(checker, value), scope)
    if not isinstance(expr.type, Quantity) or (not expr.type.is_plain and option != "weight"):
        raise problems.reject(value.span, f"`{option}` must be a number, not {a_type(expr.type)}")
    _check_bounds(checker, option, expr, value)
    return checker.plain(expr)


def _check_bounds(checker: ExpressionChecker, option: str, expr: Expr, text: Text) -> None:
    if not isinstance(expr, Const) or not isinstance(expr.value, int | float):
        return
    if expr.value < 0:
        raise checker.problems.reject(text.span, f"`{option}` must be at least 0")
    if option in ("rewire", "within", "between") and expr.value > 1:
        raise checker.problems.reject(text.span, f"`{option}` is a probability, at most 1")


def _numeric_attribute(checker: ExpressionChecker, text: Text, population: str, names: Names, any_type: bool) -> None:
    known = names.populations[population].attributes
    if text.value not in known:
        if names.populations[population].is_open:
            raise checker.problems.follow_up(text.value, text.span)
        raise checker.problems.unknown(
            text.value,
            text.span,
            f"{population} has no attribute `{text.value}`",
            suggest(text.value, known, "attributes"),
        )
    type_ = names.attribute_type(population, text.value)
    if type_ is None:
        raise checker.problems.follow_up(text.value, text.span)
    if not any_type and not (isinstance(type_, Quantity) and type_.is_plain):
        raise checker.problems.reject(text.span, f"a position is a plain number, not {a_type(type_)}")
