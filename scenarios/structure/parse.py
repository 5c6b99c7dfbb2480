"""From YAML nodes to a `ScenarioFile`, with every problem of the structure said at its place."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure.names import name_problem
from bustle.scenarios.structure.scenario_file import ScenarioFile
from bustle.scenarios.structure.section import place_of
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text

_EXPECTED = {
    "is_instance_of": "a single value",
    "list_type": "a list",
    "tuple_type": "a list of three",
    "mapping_expected": "a mapping",
}
_NEEDED = {
    "scenario": "start the file with `scenario: NAME`",
    "clock": "add `clock: {start: 2026-01-01, length: 30 days}`",
}


def parse(node: Node) -> tuple[ScenarioFile | None, list[Diagnostic]]:
    """The structure of a scenario file and its problems.

    Args:
        node: The root, as `bustle.scenarios.yaml_reader.read` gives it, with the sections of the
            files that it uses.

    Returns:
        The file, None if its structure is not whole, and all problems, in no order. A file
        with an unknown key or a bad name is still given, so that more can be said about it.
    """
    problems: list[Diagnostic] = []
    if not isinstance(node, MappingNode):
        hint = "a scenario starts with `scenario: NAME` and has its sections at the left edge"
        return None, [node.problem(f"a scenario file is a mapping of sections, not {_kind(node)}", hint)]
    try:
        scenario_file = ScenarioFile.model_validate(node, context=problems)
    except ValidationError as error:
        return None, problems + _problems(error, node)
    problem = name_problem(scenario_file.scenario, "a scenario", refused=frozenset())
    return scenario_file, problems + ([problem] if problem else [])


def _problems(error: ValidationError, root: MappingNode) -> list[Diagnostic]:
    """The diagnostics for a failed validation; of several alike on one line the first."""
    found: dict[tuple[int, str], Diagnostic] = {}
    for detail in error.errors(include_url=False):
        problem = _problem(detail, root)
        found.setdefault((problem.span.line, problem.message), problem)
    return list(found.values())


def _problem(detail: ErrorDetails, root: MappingNode) -> Diagnostic:
    """The diagnostic for one error of the validation."""
    key, parent = _place(detail["loc"], root)
    found: Any = detail["input"]
    name = f"`{key.value}`" if key else "the scenario"
    if detail["type"] in ("too_short", "too_long") or (detail["type"] == "missing" and isinstance(found, ListNode)):
        limits = detail.get("ctx", {"min_length": 3})
        wanted = limits.get("min_length", limits.get("max_length"))
        least = "at least " if key and key.value not in ("position", "columns", "correlated") else ""
        return found.problem(f"{name} needs {least}{wanted} value{'s' * (wanted != 1)}, not {len(found)}")  # type: ignore[no-any-return]
    if detail["type"] == "missing":
        lacking = str(detail["loc"][-1])
        if key is None:
            return place_of(root).problem(f"the scenario has no `{lacking}`", _NEEDED.get(lacking, ""))
        return key.problem(f"{name} lacks `{lacking}`", _example(parent))
    if detail["type"] == "empty_text":
        place = key or place_of(root)
        return place.problem(f"{name} has no value", "write a value after the colon, or remove the key")
    if detail["type"] in _EXPECTED:
        at: Node = key if isinstance(found, Text) and found.is_empty and key else found
        message = f"{name} must be {_EXPECTED[detail['type']]}, not {_kind(found)}"
        return at.problem(message, _kind_hint(detail["type"], found))
    other: Node = found if isinstance(found, Text | ListNode | MappingNode) else key or root
    return other.problem(f"{name}: {detail['msg']}")


def _place(steps: tuple[int | str, ...], root: MappingNode) -> tuple[Text | None, Node]:
    """The last key of the file on the way that ``steps`` describes, and the node under it.

    Steps that are not written in the file, such as the ``value`` of a bare value, are passed over.
    """
    key: Text | None = None
    node: Node = root
    for step in steps:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node:
            key, node = node.key_texts[step], node[step]
        elif isinstance(node, ListNode):
            if isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                pairs = [item for item in node if isinstance(item, MappingNode) and step in item]
                if pairs:
                    key, node = pairs[0].key_texts[str(step)], pairs[0][str(step)]
    return key, node


def _kind(node: Any) -> str:
    if isinstance(node, Text):
        return "nothing" if node.is_empty else "a single value"
    return "a list" if isinstance(node, ListNode) else "a mapping"


def _kind_hint(expected: str, found: Any) -> str:
    if expected == "is_instance_of":
        return "put quotes around a value that starts with `[` or `{`, or contains `: `"
    if expected == "mapping_expected":
        return "write `name: value` for each entry" + (", without `- `" * isinstance(found, ListNode))
    if expected == "tuple_type":
        return "write `[[one, other, 0.5]]`"
    return f"write `[{found}]`" if isinstance(found, Text) and not found.is_empty else "write `[]` for none"


def _example(parent: Node) -> str:
    """What the keys that are there look like, for a hint."""
    given = ", ".join(f"`{name}`" for name in parent) if isinstance(parent, MappingNode) else ""
    return f"given: {given}" if given else ""
