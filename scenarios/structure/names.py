"""What a name may be: an identifier that is not a word of the language."""

from __future__ import annotations

import re

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.types import MICROSECONDS
from bustle.scenarios.yaml_nodes import Text

IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
"""Pattern of a name: letters, digits and underscores, not starting with a digit."""

UNITS = frozenset(MICROSECONDS) | {f"{unit}s" for unit in MICROSECONDS}
"""Every word that is a unit of time, singular and plural."""

_STATEMENTS = "if elif else for in emit become after cancel spawn retire stop pass pick"
_VALUES = "and or not none true false self now start end never world state id time event per where by count episode"
RESERVED = frozenset(_STATEMENTS.split()) | frozenset(_VALUES.split()) | UNITS
"""Words of the language, which cannot be names."""

EVENT_COLUMNS = frozenset({"time", "behavior", "agent", "occurrence", "index"})
"""Columns that the log of every event has."""

AGENT_COLUMNS = frozenset({"id", "state", "born", "retired"})
"""Columns that the log of every population has."""


def name_problem(
    name: Text, what: str, refused: frozenset[str] = RESERVED, columns: frozenset[str] = frozenset()
) -> Diagnostic | None:
    """The problem with ``name`` as the name of ``what``, if there is one.

    Args:
        name: The name, as it stands in the file.
        what: What it names, with its article: ``a population``.
        refused: Words that cannot be used.
        columns: Names that the log gives to columns of its own.
    """
    value = name.value
    message = f"`{value}` cannot be the name of {what}"
    if not re.fullmatch(IDENTIFIER, value):
        fixed = re.sub(r"[^A-Za-z0-9_]+", "_", value).strip("_")
        fixed = f"_{fixed}" if fixed[:1].isdigit() else fixed
        rule = "a name has letters, digits and `_`, and does not start with a digit"
        return name.problem(message, f"{rule}: `{fixed}`" if fixed else rule)
    if value in columns:
        return name.problem(f"{message}: the log has a column `{value}` of its own", "use another name")
    if value in refused:
        kind = "a unit of time" if value in UNITS else "a word of the language"
        return name.problem(f"{message}: it is {kind}", f"use another name, such as `{value}_`")
    return None
