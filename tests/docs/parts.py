"""Parts of scenarios, as the language reference shows them, checked within a whole scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bustle.scenarios import Scenario, ScenarioError
from bustle.scenarios.model import AssignLocal
from bustle.scenarios.yaml_reader import read


def completed(part: str, whole: Path) -> Scenario:
    """``part`` merged into the scenario in ``whole``: mappings entry by entry, anything else replaced.

    Raises:
        ScenarioError: The part is not well-formed, or the scenario has problems with it.
    """
    _, problems = read(part, "part")
    if problems:
        raise ScenarioError(problems)
    return Scenario.from_dict(_merged(_structure(whole.read_text(encoding="utf-8")), _structure(part)), Path.cwd())


def checked_rule(statements: str, who: str, whole: Path) -> Scenario:
    """``whole`` with a behavior of ``who`` that does ``statements`` in the middle of the second day."""
    return _with_trials([statements], who, whole)


def types_of(expressions: Sequence[str], who: str, whole: Path) -> list[str]:
    """The types that expressions have in a rule of ``who``, as messages name them.

    Raises:
        ScenarioError: One of them has none.
    """
    behaviors = _with_trials([f"result = {expression}" for expression in expressions], who, whole).model.behaviors
    bodies = [behaviors[f"trial_{number}"].body for number in range(len(expressions))]
    return [str(body[-1].value.type) for body in bodies if isinstance(body[-1], AssignLocal)]


def _with_trials(rules: Sequence[str], who: str, whole: Path) -> Scenario:
    behaviors = {f"trial_{number}": {"who": who, "at": "36 hours", "do": rule} for number, rule in enumerate(rules)}
    return completed(yaml.safe_dump({"behaviors": behaviors}), whole)


def edited(text: str, edit: str) -> str:
    """``text`` with an edit: lines that start with ``-`` go, lines with ``+`` come, others stand around them."""
    lines = edit.splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+")) + "\n"
    after = "\n".join(line[1:] for line in lines if not line.startswith("-")) + "\n"
    assert text.count(before) == 1, f"found {text.count(before)} times, not once:\n{textwrap.indent(before, '  ')}"
    return text.replace(before, after)


def _structure(text: str) -> Any:
    """Mappings, lists and texts of a YAML text, without implicit types."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def _merged(whole: Any, part: Any) -> Any:
    if not isinstance(whole, dict) or not isinstance(part, dict):
        return part
    return {**whole, **{key: _merged(whole[key], value) if key in whole else value for key, value in part.items()}}
