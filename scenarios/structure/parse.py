"""From YAML nodes to a `ScenarioFile`, with every problem of the structure said at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure.audits import AuditFile
from bustle.scenarios.structure.features import FeaturesOfRows
from bustle.scenarios.structure.names import name_problem
from bustle.scenarios.structure.people import RoleSection
from bustle.scenarios.structure.scenario_file import ScenarioFile
from bustle.scenarios.structure.section import Section, Seen, empty_mapping, mapping_of, place_of
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text

S = TypeVar("S", bound=Section)

_EXPECTED = {
    "is_instance_of": "a single value",
    "list_type": "a list",
    "tuple_type": "a list of three",
    "mapping_expected": "a mapping",
}
_NEEDED = {
    "scenario": "start the file with `scenario: NAME`",
    "audit": "start it with `audit:`, then the name of the table and its columns",
    "clock": "add `clock: {start: 2026-01-01, length: 30 days}`",
}


@dataclass(frozen=True)
class Parsed:
    """The structure of a scenario file.

    Attributes:
        file: The sections; None if too little of the file's structure is whole. What is broken is left out.
        problems: What is wrong, in no order.
        unclear: Names whose declarations were left out.
    """

    file: ScenarioFile | None
    problems: list[Diagnostic]
    unclear: set[str] = field(default_factory=set)


def parse(node: Node) -> Parsed:
    """The structure of a scenario file and its problems.

    Args:
        node: The root, as `bustle.scenarios.yaml_reader.read` gives it, with the sections of the
            files that it uses.

    Returns:
        The file, its problems, and the names of what is missing in it, so that more can be said about the rest.
    """
    seen = Seen()
    problems, unclear = seen.problems, seen.unclear
    if not isinstance(node, MappingNode):
        hint = "a scenario starts with `scenario: NAME` and has its sections at the left edge"
        return Parsed(None, [node.problem(f"a scenario file is a mapping of sections, not {_kind(node)}", hint)])
    scenario_file: ScenarioFile | None = None
    try:
        scenario_file = ScenarioFile.model_validate(node, context=seen)
    except ValidationError as error:
        problems += _problems(error, node)
        scenario_file = _without_broken(node, error, unclear)
    if scenario_file is not None:
        problem = name_problem(scenario_file.scenario, "a scenario", refused=frozenset())
        problems += [problem] if problem else []
    return Parsed(scenario_file, problems, unclear)


def parse_audit_file(node: Node) -> tuple[AuditFile | None, list[Diagnostic]]:
    """The structure of a file that says how to audit tables, None if there are problems, and the problems."""
    return _parse_alone(AuditFile, node, "start with `audit:`")


def parse_features(node: Node) -> tuple[FeaturesOfRows | None, list[Diagnostic]]:
    """The structure of features of rows that no scenario made, None if there are problems, and the problems."""
    return _parse_alone(FeaturesOfRows, node, "start with `features:`")


def _parse_alone(section: type[S], node: Node, start: str) -> tuple[S | None, list[Diagnostic]]:
    """A section that is all there is in a file."""
    seen = Seen()
    if not isinstance(node, MappingNode):
        return None, [node.problem(f"a mapping is expected, not {_kind(node)}", start)]
    try:
        found = section.model_validate(node, context=seen)
    except ValidationError as error:
        return None, [*seen.problems, *_problems(error, node)]
    return found, seen.problems


# --- leaving out what is broken, so that the rest can be checked too

_MOST_ATTEMPTS = 8

_DEPTHS = dict.fromkeys(("parameters", "world", "networks", "rhythms", "events", "interventions", "audit"), 2)
"""How deep an entry lies that can be left out alone; elsewhere an entry of an entry's list of names can."""

_WHOLE = ("attributes", "links", "states", "one_per", "from_file", "arguments")
"""Entries that tell so much about their section that it cannot be understood without them."""


def _without_broken(root: MappingNode, error: ValidationError, unclear: set[str]) -> ScenarioFile | None:
    """The file without the entries that ``error`` is about; their names are added to ``unclear``."""
    for _ in range(_MOST_ATTEMPTS):
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            path = _keys(detail["loc"], root)
            if not path:
                substitute = _SUBSTITUTES.get(str(detail["loc"][0]) if detail["loc"] else "")
                if substitute is None:
                    return None
                path, root = [], _with(root, str(detail["loc"][0]), substitute)
                continue
            path = path[: _DEPTHS.get(path[0], 4)]
            if path[-1] in _WHOLE:
                path = path[:2]
            if len(path) == 1 and path[0] in ScenarioFile.sections_of_names():
                return None
            unclear.add(path[-1])
            is_state = path[0] == "populations" and path[2:3] == ["states"]
            root = _changed(root, path, empty_mapping(root) if is_state else None)
        try:
            return ScenarioFile.model_validate(root, context=Seen())
        except ValidationError as again:
            error = again
    return None


_SUBSTITUTES: dict[str, dict[str, str] | str] = {
    "scenario": "unnamed",
    "clock": {"start": "2026-01-01", "length": "1 day"},
}
"""What stands in for entries that a scenario cannot do without."""


def _keys(steps: tuple[int | str, ...], root: MappingNode) -> list[str]:
    """The keys of mappings, from the root down, on the way that ``steps`` describes."""
    keys: list[str] = []
    node: Node = root
    for step in steps:
        if not isinstance(node, MappingNode):
            break
        if isinstance(step, str) and step in node:
            keys.append(step)
            node = node[step]
    return keys


def _changed(node: MappingNode, path: list[str], replacement: MappingNode | None) -> MappingNode:
    """``node`` with ``replacement`` for the entry at ``path``, or without that entry."""
    entries: list[tuple[Text, Node]] = []
    for key, value in node.pairs():
        if key.value != path[0]:
            entries.append((key, value))
        elif len(path) > 1 and isinstance(value, MappingNode):
            entries.append((key, _changed(value, path[1:], replacement)))
        elif replacement is not None:
            entries.append((key, replacement))
    return node.with_entries(entries)


def _with(node: MappingNode, name: str, value: dict[str, str] | str) -> MappingNode:
    """``node`` with an entry that is not in the file."""
    place = place_of(node)

    def text(written: str) -> Text:
        return Text(written, node.source, *node.bounds, "literal")

    made: Node = text(value) if isinstance(value, str) else mapping_of({k: text(v) for k, v in value.items()}, place)
    return node.with_entries([*node.pairs(), (text(name), made)])


def _problems(error: ValidationError, root: MappingNode) -> list[Diagnostic]:
    """The diagnostics for a failed validation; of several alike on one line the first."""
    found: dict[tuple[int, str], Diagnostic] = {}
    lacking: dict[tuple[int | str, ...], list[str]] = {}
    for detail in error.errors(include_url=False):
        *way, last = detail["loc"]
        if detail["type"] == "missing" and way and isinstance(detail["input"], MappingNode):
            lacking.setdefault(tuple(way), []).append(f"`{last}`")
            continue
        problem = _problem(detail, root)
        found.setdefault((problem.span.line, problem.message), problem)
    return [*found.values(), *(_lack(way, names, root) for way, names in lacking.items())]


def _lack(way: tuple[int | str, ...], names: list[str], root: MappingNode) -> Diagnostic:
    """The diagnostic for a section without the entries it cannot do without."""
    key, parent = _place(way, root)
    name = f"`{key.value}`" if key else "the scenario"
    return (key or place_of(root)).problem(f"{name} lacks {' and '.join(names)}", _example(parent))


def _problem(detail: ErrorDetails, root: MappingNode) -> Diagnostic:
    """The diagnostic for one error of the validation."""
    key, _ = _place(detail["loc"], root)
    found: Any = detail["input"]
    name = f"`{key.value}`" if key else "the scenario"
    if detail["type"] in ("too_short", "too_long") or (detail["type"] == "missing" and isinstance(found, ListNode)):
        limits = detail.get("ctx", {"min_length": 3})
        wanted = limits.get("min_length", limits.get("max_length"))
        least = "at least " if key and key.value not in ("position", "columns", "correlated") else ""
        return found.problem(f"{name} needs {least}{wanted} value{'s' * (wanted != 1)}, not {len(found)}")  # type: ignore[no-any-return]
    if detail["type"] == "missing":
        lacking = str(detail["loc"][-1])
        return place_of(root).problem(f"the scenario has no `{lacking}`", _NEEDED.get(lacking, ""))
    if detail["type"] == "empty_text":
        place = key or place_of(root)
        return place.problem(f"{name} has no value", "write a value after the colon, or remove the key")
    if key is not None and key.value in ("one_per", "on") and isinstance(found, Text) and not found.is_empty:
        return found.problem(*RoleSection.not_a_role(found))
    if detail["type"] in _EXPECTED:
        at: Node = key if isinstance(found, Text) and found.is_empty and key else found
        message = f"{name} must be {_EXPECTED[detail['type']]}, not {_kind(found)}"
        return at.problem(message, _kind_hint(detail["type"], found, key))
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


def _kind_hint(expected: str, found: Any, key: Text | None) -> str:
    if key is not None and key.value == "do":
        return "write `do: |`, and the statements on the lines below it"
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
