"""Checking experiments: the parameters to vary, how often, and what to measure."""

from __future__ import annotations

import re

from bustle.scenarios.check.declared import parse
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.knobs import parameter_value
from bustle.scenarios.check.names import Names, Purposes, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Const, Experiment, Expr, Parameter
from bustle.scenarios.structure import ExperimentSection, MeasureSection
from bustle.scenarios.types import Quantity

MOST_REPLICATIONS = 1_000_000
"""Largest number of runs for each combination of values."""


def check_experiment(
    checker: ExpressionChecker, section: ExperimentSection, names: Names, parameters: dict[str, Parameter]
) -> Experiment:
    """An experiment: which values each parameter takes, how often, and what is measured."""
    vary: list[tuple[str, tuple[Expr, ...]]] = []
    for name, entry in section.vary.items():
        parameter = parameters.get(name)
        if parameter is None:
            if name not in names.parameters:
                checker.problems.unknown(
                    name, entry.key.span, f"unknown parameter `{name}`", suggest(name, names.parameters, "parameters")
                )
            continue
        values: list[Expr] = []
        for text in entry.values:
            try:
                values.append(Const(parameter_value(checker, parameter, text), type=parameter.type, span=text.span))
            except Reject:
                continue
        if not entry.values:
            checker.problems.note(entry.key.span, f"`{name}` has no values to take")
        vary.append((name, tuple(values)))
    replications = 1
    if section.replications is not None:
        written = section.replications.value.replace("_", "")
        if not re.fullmatch("[0-9]{1,7}", written) or not 1 <= int(written) <= MOST_REPLICATIONS:
            checker.problems.note(
                section.replications.span, f"`replications` is a whole number from 1 to {MOST_REPLICATIONS:,}"
            )
        else:
            replications = int(written)
    measures: list[tuple[str, Expr]] = []
    for name, measure in section.measure.items():
        scope = Scope(
            names,
            Purposes(name),
            event_sets=True,
            forbidden={"draw": "a measure draws nothing", "pick": "a measure picks nothing"},
        )
        try:
            measures.append((name, _measure(checker, measure, scope)))
        except Reject:
            continue
    return Experiment(tuple(vary), replications, tuple(measures))


def _measure(checker: ExpressionChecker, section: MeasureSection, scope: Scope) -> Expr:
    expr = checker.check(parse(checker, section.value), scope)
    if not isinstance(expr.type, Quantity):
        hint = "as in `sum(amount for purchase where fraud)`"
        raise checker.problems.reject(section.value.span, f"a measure is a number, not {a_type(expr.type)}", hint)
    return expr
