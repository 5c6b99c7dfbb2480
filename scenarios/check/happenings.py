"""Checking events and interventions."""

from __future__ import annotations

from bustle.scenarios.check.declared import instant_expression, parse, written_type
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.knobs import constant_scope, within
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Const, Event, EventField, Expr, Intervention, Parameter
from bustle.scenarios.structure import EventSection, InterventionSection
from bustle.scenarios.types import Quantity, Type
from bustle.scenarios.yaml_nodes import Text


def check_event(checker: ExpressionChecker, name: str, section: EventSection, names: Names) -> Event:
    """An event with the types of its fields."""
    scope = constant_scope(names)
    fields: list[EventField] = []
    for field_name, entry in section.fields.items():
        names.events[name][field_name] = None
        try:
            type_, label = written_type(checker, entry.type, scope)
        except Reject:
            continue
        names.events[name][field_name] = type_
        fields.append(EventField(field_name, type_, label, entry.about.value if entry.about else ""))
    return Event(name, tuple(fields), section.about.value if section.about else "")


def check_intervention(
    checker: ExpressionChecker,
    name: str,
    section: InterventionSection,
    names: Names,
    parameters: dict[str, Parameter],
) -> Intervention:
    """An intervention: when, until when, and the new values, which may use the former ones."""
    reasons = dict.fromkeys(("draw", "pick", "now", "aggregate", "episode"), "an intervention is fixed before the run")
    scope = Scope(names, Purposes(name), forbidden=reasons)
    at = instant_expression(checker, section.at, scope, "`at`")
    until = None if section.until is None else instant_expression(checker, section.until, scope, "`until`")
    if isinstance(at, Const) and isinstance(until, Const) and section.until is not None:
        if isinstance(at.value, int) and isinstance(until.value, int) and until.value <= at.value:
            raise checker.problems.reject(section.until.span, "`until` must come after `at`")
    values: list[tuple[str, Expr]] = []
    for parameter_name, entry in section.values.items():
        parameter = parameters.get(parameter_name)
        if parameter is None:
            if parameter_name not in names.parameters:
                checker.problems.unknown(
                    parameter_name,
                    entry.key.span,
                    f"unknown parameter `{parameter_name}`",
                    suggest(parameter_name, names.parameters, "parameters") or "declare it under `parameters:`",
                )
            continue
        try:
            values.append((parameter_name, _new_value(checker, parameter, entry.value, scope)))
        except Reject:
            continue
    return Intervention(name, at, until, tuple(values), section.about.value if section.about else "")


def _new_value(checker: ExpressionChecker, parameter: Parameter, text: Text, scope: Scope) -> Expr:
    type_: Type = parameter.type
    if isinstance(type_, Quantity) and type_.whole:
        expr = checker.check(parse(checker, text), scope, type_)
        if expr.type == Quantity():
            raise checker.problems.reject(text.span, f"`{parameter.name}` is a whole number", "use `round(...)`")
        expr = checker.convert(expr, type_, f"`{parameter.name}`", text.span)
    else:
        expr = checker.value(parse(checker, text), scope, type_, f"`{parameter.name}`")
    if isinstance(expr, Const):
        within(checker, parameter, expr.value, text)
    return expr
