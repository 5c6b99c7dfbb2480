"""A scenario that was read and checked: the starting point of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bustle.scenarios import kept
from bustle.scenarios.check.problems import Problems, TooManyProblems, given
from bustle.scenarios.check.seed_and_scale import check_scale, check_seed
from bustle.scenarios.diagnostics import Diagnostic, ScenarioError, Span, suggest
from bustle.scenarios.files import files_looked_up
from bustle.scenarios.library import shipped
from bustle.scenarios.written import dump, written_scenario, written_values
from bustle.scenarios.yaml_nodes import MAX_BYTES, MappingNode

if TYPE_CHECKING:
    from bustle.scenarios.model import Model


@dataclass(frozen=True, eq=False)
class Scenario:
    """A checked scenario with the values it will run with.

    Attributes:
        model: The typed scenario.
        root: The sections as they stand in the file.
        text: The text of the main file.
        path: Where it was read from; None for a scenario made from text.
        known: A model and its `resolved_text`, where that has been worked out before.
    """

    model: Model
    root: MappingNode
    text: str
    path: Path | None = None
    known: tuple[Model, str] | None = None

    @classmethod
    def load(cls, scenario: str | Path) -> Scenario:
        """Read and check a scenario file, or a shipped scenario by its name.

        What has been checked before is taken from disk (`bustle.scenarios.kept`).

        Raises:
            ScenarioError: With every problem of the file.
            FileNotFoundError: If there is neither such a file nor such a shipped scenario.
        """
        path = find_scenario(scenario)
        content = _content(path)
        file, folder = str(scenario) if Path(scenario) == path else path.name, str(path.parent)
        taken = kept.take(content, file, folder)
        if taken is not None:
            model, root, resolved = taken
            return cls(model, root, content.decode("utf-8", "replace"), path, (model, resolved))
        from bustle.scenarios.checked import checked

        with files_looked_up() as others:
            found = checked(content, file, folder, path)
        kept.keep(content, file, folder, others, found.model, found.root, found.resolved_text)
        return found

    @classmethod
    def from_text(cls, text: str, file: str = "scenario.yaml", folder: str | Path = ".") -> Scenario:
        r"""Check a scenario given as text. ``folder`` is where the files it names are looked up.

        Raises:
            ScenarioError: With every problem of the text.

        >>> Scenario.from_text("scenario: empty\nclock: {start: 2026-01-01, length: 1 day}").name
        'empty'
        """
        from bustle.scenarios.checked import checked

        return checked(text, file, str(folder), None)

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
        from bustle.scenarios.checked import checked

        return checked(text, "scenario", str(folder), None)

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
            model = self._changed(values or {}, length, scale, seed, problems)
        except TooManyProblems:
            model = None
        problems.raise_if_any()
        assert model is not None
        return replace(self, model=model)

    def _changed(
        self,
        values: Mapping[str, object],
        length: str | None,
        scale: float | str | None,
        seed: int | None,
        problems: Problems,
    ) -> Model | None:
        """The model with other values; None if it cannot be checked with the new length."""
        model: Model | None = self.model
        if length is not None:
            from bustle.scenarios.checked import with_length

            model = with_length(self, length, problems)
        if model is not None and values:
            from bustle.scenarios.checked import with_parameters

            model = with_parameters(model, values, problems)
        if model is not None and scale is not None:
            model = replace(model, scale=check_scale(problems, given(str(scale), "--scale", problems)))
        if model is not None and seed is not None:
            model = replace(model, seed=check_seed(problems, given(str(seed), "--seed", problems)))
        return model

    def with_features(self, path: str | Path) -> Scenario:
        """The scenario as it stands in its file, with the features that another file asks for.

        That file is a mapping of tables: ``TABLE: {COLUMN: {windows: 7 days, count: true}}``. A table that it names has
        these features in place of those it had.

        Raises:
            ScenarioError: With every problem.
            FileNotFoundError: If the file cannot be read.
        """
        from bustle.scenarios.checked import with_features

        return with_features(self, _content(Path(path)), str(path))

    def resolved_text(self) -> str:
        """The scenario as one YAML text that makes the same run by itself: values, length, scale and seed filled in."""
        if self.known is not None and self.known[0] is self.model:
            return self.known[1]
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


def load(scenario: str | Path) -> Scenario:
    """Read and check a scenario file, or a shipped scenario by its name; see `Scenario.load`."""
    return Scenario.load(scenario)
