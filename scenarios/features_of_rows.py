"""Features of rows that no scenario made, asked for as a scenario would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.features import Given, check_features
from bustle.scenarios.check.knobs import calendar_of
from bustle.scenarios.check.problems import Problems, TooManyProblems
from bustle.scenarios.model import Clock, Feature
from bustle.scenarios.structure.parse import parse_features
from bustle.scenarios.types import MICROSECONDS
from bustle.scenarios.written import dump
from bustle.scenarios.yaml_reader import read

FILE = "features"
"""What messages call the place of what was asked for."""


def features_of_rows(asked: Mapping[str, Any], given: Mapping[str, Given]) -> tuple[Feature, ...]:
    """The features of a table.

    Args:
        asked: what stands under ``features:`` of a table in a scenario, as mappings, lists and plain values.
        given: the columns of the table.

    Raises:
        ScenarioError: with every problem; places refer to ``asked`` written as YAML.
    """
    content = dump({"features": dict(asked)})
    problems = Problems()
    problems.add_source(FILE, content)
    features: tuple[Feature, ...] = ()
    try:
        features = _checked(content, given, problems)
    except TooManyProblems:
        pass
    problems.raise_if_any()
    return features


def _checked(content: str, given: Mapping[str, Given], problems: Problems) -> tuple[Feature, ...]:
    node, found = read(content, FILE)
    for problem in found:
        problems.keep(problem)
    if node is None:
        return ()
    section, found = parse_features(node)
    for problem in found:
        problems.keep(problem)
    if section is None:
        return ()
    clock = Clock(start_local=0, length=MICROSECONDS["day"], timezone=None)  # nothing here reads it
    checker = ExpressionChecker(problems, calendar_of(clock), clock.length, ".")
    return check_features(checker, section.features, given)
