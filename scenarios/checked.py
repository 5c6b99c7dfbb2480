"""From the text of a scenario to a checked one, and to one with other values or features.

This needs the grammar, the sections and all checks; `bustle.scenarios.scenario` does without, where it can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bustle.scenarios.check.checker import check_file
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.knobs import calendar_of, parameter_value
from bustle.scenarios.check.problems import Problems, Reject, TooManyProblems, given
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.including import include
from bustle.scenarios.model import Model
from bustle.scenarios.scenario import Scenario
from bustle.scenarios.structure import parse
from bustle.scenarios.written import written_value
from bustle.scenarios.yaml_nodes import MappingNode, Node
from bustle.scenarios.yaml_reader import read


def checked(content: str | bytes, file: str, folder: str, path: Path | None) -> Scenario:
    """The scenario that stands in a text.

    Args:
        content: The text.
        file: Its name in messages.
        folder: Where the files that it names are looked up.
        path: Where it was read from, if anywhere.

    Raises:
        ScenarioError: With every problem of the text.
    """
    problems = Problems()
    problems.add_source(file, content)
    try:
        scenario = _check(content, file, folder, path, problems)
    except TooManyProblems:
        scenario = None
    problems.raise_if_any()
    assert scenario is not None
    return scenario


def _check(content: str | bytes, file: str, folder: str, path: Path | None, problems: Problems) -> Scenario | None:
    """The scenario if nothing is wrong with it; what is wrong is noted."""
    node, diagnostics = read(content, file)
    for diagnostic in diagnostics:
        problems.keep(diagnostic)
    if node is None:
        return None
    uses: tuple[str, ...] = ()
    if isinstance(node, MappingNode):
        node, uses = include(node, file, folder, problems)
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return _understood(node, text, folder, path, uses, problems)


def _understood(
    node: Node, text: str, folder: str, path: Path | None, uses: tuple[str, ...], problems: Problems
) -> Scenario | None:
    """The scenario that stands in ``node`` if nothing is wrong with it; what is wrong is noted."""
    parsed = parse(node)
    for diagnostic in parsed.problems:
        problems.keep(diagnostic)
    problems.unclear |= parsed.unclear
    if parsed.file is None or not isinstance(node, MappingNode):
        return None
    model = check_file(parsed.file, problems, folder, uses)
    return None if model is None else Scenario(model, node, text, path)


def with_length(scenario: Scenario, length: str, problems: Problems) -> Model | None:
    """The model of ``scenario`` for a run of another length; None if it cannot be checked with it."""
    file = parse(scenario.root).file
    assert file is not None  # it has been checked
    clock = file.clock.model_copy(update={"length": given(length, "--length", problems)})
    model = check_file(file.model_copy(update={"clock": clock}), problems, scenario.model.folder, scenario.model.uses)
    if model is None:
        return None
    former = scenario.model
    default = {name: former.parameters[name].default for name in former.values}
    values = {n: model.parameters[n].default if v == default[n] else v for n, v in former.values.items()}
    return replace(model, values=values, scale=former.scale, seed=former.seed)


def with_parameters(model: Model, values: Mapping[str, object], problems: Problems) -> Model:
    """The same model with other values of parameters; those that cannot be are noted."""
    checker = ExpressionChecker(problems, calendar_of(model.clock), model.clock.length, model.folder)
    new = dict(model.values)
    for name, value in values.items():
        text = given(written_value(value), f"--set {name}", problems)
        parameter = model.parameters.get(name)
        if parameter is None:
            hint = suggest(name, model.parameters, "parameters")
            hint = hint if model.parameters else "the scenario has no parameters"
            problems.note(text.span, f"{model.name} has no parameter `{name}`", hint)
            continue
        try:
            new[name] = parameter_value(checker, parameter, text)
        except Reject:
            continue
    return replace(model, values=new)


def with_features(scenario: Scenario, content: bytes, file: str) -> Scenario:
    """``scenario`` as it stands in its file, with the features that another file, ``content``, asks for.

    Raises:
        ScenarioError: With every problem.
    """
    problems = Problems()
    problems.add_source(file, content)
    try:
        changed = _with_features(scenario, content, file, problems)
    except TooManyProblems:
        changed = None
    problems.raise_if_any()
    assert changed is not None
    return changed


def _with_features(scenario: Scenario, content: bytes, file: str, problems: Problems) -> Scenario | None:
    asked, diagnostics = read(content, file)
    for diagnostic in diagnostics:
        problems.keep(diagnostic)
    if asked is None:
        return None
    root, model = scenario.root, scenario.model
    record = root["record"] if "record" in root else None
    if not isinstance(asked, MappingNode) or not isinstance(record, MappingNode):
        problems.keep(asked.problem("features are asked for by table", "write `TABLE: {COLUMN: {count: true}}`"))
        return None
    tables: dict[str, Node] = dict(record)
    for name, features in asked.pairs():
        table = record.get(name.value)
        if isinstance(table, MappingNode):
            others = [pair for pair in table.pairs() if pair[0].value != "features"]
            tables[name.value] = table.with_entries([*others, (name.read_as("features"), features)])
        else:
            problems.keep(name.problem(f"there is no table `{name}`", suggest(name.value, record, "tables")))
    merged = record.with_entries((key, tables[key.value]) for key, _ in record.pairs())
    changed = root.with_entries((k, merged if k.value == "record" else node) for k, node in root.pairs())
    return _understood(changed, scenario.text, model.folder, scenario.path, model.uses, problems)
