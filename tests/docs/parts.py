"""Parts of scenarios, as the language reference shows them, completed by a whole scenario so that they can be checked."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import yaml

from bustle.scenarios import Scenario
from bustle.scenarios.model import AssignLocal

_TRIAL = "trial"


def completed(part: str, whole: Path) -> Scenario:
    """``part`` merged into the scenario in ``whole``: mappings entry by entry, anything else replaced."""
    return Scenario.from_dict(_merged(_structure(whole.read_text(encoding="utf-8")), _structure(part)), Path.cwd())


def checked_rule(statements: str, who: str, whole: Path) -> Scenario:
    """``whole`` with a behavior of ``who`` that does ``statements`` at noon of the second day."""
    behavior = {"who": who, "at": "36 hours", "do": statements}
    return completed(yaml.safe_dump({"behaviors": {_TRIAL: behavior}}), whole)


def type_of(expression: str, who: str, whole: Path) -> str:
    """The type that ``expression`` has in a rule of ``who``, as messages name it."""
    statements = checked_rule(f"result = {expression}", who, whole).model.behaviors[_TRIAL].body
    assert isinstance(statements[-1], AssignLocal)
    return str(statements[-1].value.type)


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
