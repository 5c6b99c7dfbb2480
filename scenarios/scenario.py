"""A scenario that was read and checked: the starting point of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bustle.scenarios.check import check_file
from bustle.scenarios.check.expressions import ExpressionChecker
from bustle.scenarios.check.knobs import calendar_of, check_scale, check_seed, parameter_value
from bustle.scenarios.check.problems import Problems, Reject, TooManyProblems
from bustle.scenarios.diagnostics import Diagnostic, ScenarioError, Span, suggest
from bustle.scenarios.including import include
from bustle.scenarios.library import shipped
from bustle.scenarios.structure import parse
from bustle.scenarios.written import dump, written_scenario, written_value, written_values
from bustle.scenarios.yaml_nodes import MappingNode, Node, Source, Text
from bustle.scenarios.yaml_reader import MAX_BYTES, read

if TYPE_CHECKING:
    from bustle.scenarios.model import Model
    from bustle.scenarios.structure import ScenarioFile


@dataclass(frozen=True, eq=False)
class Scenario:
    """A checked scenario with the values it will run with.

    Attributes:
        model: The typed scenario.
        file: The sections as they stand in the file.
        text: The text of the main file.
        path: Where it was read from; None for a scenario made from text.
    """

    model: Model
    file: ScenarioFile
    root: MappingNode
    text: str
    path: Path | None = None

    @classmethod
    def load(cls, scenario: str | Path) -> Scenario:
        """Read and check a scenario file, or a shipped scenario by its name.

        Raises:
            ScenarioError: With every problem of the file.
            FileNotFoundError: If there is neither such a file nor such a shipped scenario.
        """
        path = find_scenario(scenario)
        content = _content(path)
        return _checked(content, str(scenario) if Path(scenario) == path else path.name, str(path.parent), path)

    @classmethod
    def from_text(cls, text: str, file: str = "scenario.yaml", folder: str | Path = ".") -> Scenario:
        r"""Check a scenario given as text. ``folder`` is where the files it names are looked up.

        Raises:
            ScenarioError: With every problem of the text.

        >>> Scenario.from_text("scenario: empty\nclock: {start: 2026-01-01, length: 1 day}").name
        'empty'
        """
        return _checked(text, file, str(folder), None)

    @classmethod
    def from_dict(cls, sections: Mapping[str, Any], folder: str | Path = ".") -> Scenario:
        """Check a scenario given as nested dictionaries, lists and plain values.

        Raises:
            ScenarioError: With every problem; places refer to the dictionary written as YAML.

        >>> Scenario.from_dict({"scenario": "empty", "clock": {"start": "2026-01-01", "length": "1 day"}}).name
        'empty'
        """
        import yaml

        try:
            text = dump(dict(sections))
        except (yaml.YAMLError, RecursionError) as error:
            message = f"this cannot be written as YAML: {error}"
            raise ScenarioError([Diagnostic(Span("scenario", 1, 1), message)]) from None
        return _checked(text, "scenario", str(folder), None)

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.model.name

    @property
    def parameters(self) -> dict[str, str]:
        r"""The value of every parameter as a scenario file would write it.

        >>> text = "scenario: a\nclock: {start: 2026-01-01, length: 1 day}\nparameters: {wait: 4 hours}"
        >>> Scenario.from_text(text).parameters
        {'wait': '4 hours'}
        """
        return written_values(self.model)

    def with_values(
        self,
        values: Mapping[str, object] | None = None,
        *,
        length: str | None = None,
        scale: float | str | None = None,
        seed: int | None = None,
    ) -> Scenario:
        """The same scenario with other parameter values, length, scale or seed.

        Args:
            values: By parameter name; texts are read as in a scenario file (``"4 hours"``).
            length: A duration, such as ``"30 days"``.
            scale: Factor on the size of every population.
            seed: The seed, from 0 to 2^63 - 1.

        Raises:
            ScenarioError: With every problem of the new values.
        """
        problems = Problems()
        try:
            changed = self._changed(values or {}, length, scale, seed, problems)
        except TooManyProblems:
            changed = None
        problems.raise_if_any()
        assert changed is not None
        return changed

    def with_features(self, path: str | Path) -> Scenario:
        """The scenario as it stands in its file, with the features that another file asks for.

        That file is a mapping of tables: ``TABLE: {COLUMN: {windows: 7 days, count: true}}``. A table that it names has
        these features in place of those it had.

        Raises:
            ScenarioError: With every problem.
            FileNotFoundError: If the file cannot be read.
        """
        content = _content(Path(path))
        problems = Problems()
        problems.add_source(str(path), content)
        try:
            scenario = self._with_features(content, str(path), problems)
        except TooManyProblems:
            scenario = None
        problems.raise_if_any()
        assert scenario is not None
        return scenario

    def _with_features(self, content: bytes, file: str, problems: Problems) -> Scenario | None:
        asked, diagnostics = read(content, file)
        for diagnostic in diagnostics:
            problems.keep(diagnostic)
        if asked is None:
            return None
        record = self.root["record"] if "record" in self.root else None
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
        root = self.root.with_entries((k, merged if k.value == "record" else node) for k, node in self.root.pairs())
        return _understood(root, self.text, self.model.folder, self.path, self.model.uses, problems)

    def _changed(
        self,
        values: Mapping[str, object],
        length: str | None,
        scale: float | str | None,
        seed: int | None,
        problems: Problems,
    ) -> Scenario | None:
        """The scenario with other values; None if its file cannot be checked with the new length."""
        file = self.file
        if length is not None:
            text = _given(length, "--length", problems)
            file = file.model_copy(update={"clock": file.clock.model_copy(update={"length": text})})
        model = check_file(file, problems, self.model.folder, self.model.uses)
        if model is None:
            return None
        checker = ExpressionChecker(problems, calendar_of(model.clock), model.clock.length, model.folder)
        former = {name: self.model.parameters[name].default for name in self.model.values}
        new = {n: model.parameters[n].default if v == former[n] else v for n, v in self.model.values.items()}
        for name, value in values.items():
            text = _given(written_value(value), f"--set {name}", problems)
            parameter = model.parameters.get(name)
            if parameter is None:
                hint = suggest(name, model.parameters, "parameters")
                hint = hint if model.parameters else "the scenario has no parameters"
                problems.note(text.span, f"{self.name} has no parameter `{name}`", hint)
                continue
            try:
                new[name] = parameter_value(checker, parameter, text)
            except Reject:
                continue
        factor = self.model.scale if scale is None else check_scale(problems, _given(str(scale), "--scale", problems))
        if seed is None:
            seed = self.model.seed
        else:
            seed = check_seed(problems, _given(str(seed), "--seed", problems))
        return replace(self, model=replace(model, values=new, scale=factor, seed=seed), file=file)

    def resolved_text(self) -> str:
        """The scenario as one YAML text that makes the same run by itself: values, length, scale and seed filled in."""
        return written_scenario(self.root, self.model)


def find_scenario(scenario: str | Path) -> Path:
    """The file of a scenario, given as a path or as the name of a shipped one; FileNotFoundError if there is none."""
    path = Path(scenario)
    if path.is_file():
        return path
    names = shipped()
    if str(scenario) in names:
        return names[str(scenario)]
    if path.is_dir():
        raise FileNotFoundError(f"{scenario} is a folder, not a scenario file")
    hint = suggest(str(scenario), names, "scenarios")
    raise FileNotFoundError(
        f"there is no scenario file or shipped scenario `{scenario}`" + (f" ({hint})" if hint else "")
    )


def _content(path: Path) -> bytes:
    """What stands in a file, up to one byte more than is allowed; FileNotFoundError if it cannot be read."""
    try:
        with path.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileNotFoundError(f"{path} cannot be read: {error.strerror}") from None


def _checked(content: str | bytes, file: str, folder: str, path: Path | None) -> Scenario:
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
    return None if model is None else Scenario(model, parsed.file, node, text, path)


def _given(value: str, file: str, problems: Problems) -> Text:
    """A text that did not come from a file, with a place that names where it did come from."""
    problems.add_source(file, value)
    return Text(value, Source(value, file), 0, len(value))


def load(scenario: str | Path) -> Scenario:
    """Read and check a scenario file, or a shipped scenario by its name; see `Scenario.load`."""
    return Scenario.load(scenario)
