"""`use:`: pulling the sections of other files into a scenario."""

from __future__ import annotations

from pathlib import Path

from bustle.scenarios.check.problems import Problems
from bustle.scenarios.files import find_file
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text
from bustle.scenarios.yaml_reader import read

SHARED = (
    "parameters",
    "world",
    "populations",
    "networks",
    "rhythms",
    "events",
    "behaviors",
    "interventions",
    "record",
)
"""The sections that files add to; all others are the main file's own."""

MOST_FILES = 100
"""Files that one scenario may pull in."""


def include(root: MappingNode, folder: str, problems: Problems) -> tuple[MappingNode, tuple[str, ...]]:
    """``root`` with the sections of the files that it uses, and of those that they use, added.

    Returns:
        The merged root, and the paths of the files used, relative to ``folder``. A name that
        two files define is noted as a problem, and so is a file that cannot be read.
    """
    used: dict[str, MappingNode] = {}
    _collect(root, folder, "", problems, used)
    merged = root
    for other in used.values():
        merged = _merge(merged, other, problems)
    return merged, tuple(used)


def _collect(root: MappingNode, folder: str, inside: str, problems: Problems, used: dict[str, MappingNode]) -> None:
    for text in _uses(root):
        path = str(Path(inside, text.value))
        if path in used:
            continue
        if len(used) >= MOST_FILES:
            problems.note(text.span, f"a scenario uses at most {MOST_FILES} files")
            return
        try:
            content = find_file(folder, path).read_bytes()
        except (ValueError, OSError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"{path} cannot be read: {error.strerror}"
            problems.note(text.span, reason)
            continue
        node, found = read(content, path)
        problems.add_source(path, content.decode("utf-8", "replace"))
        for diagnostic in found:
            problems.keep(diagnostic)
        if isinstance(node, MappingNode):
            used[path] = node
            _collect(node, folder, str(Path(path).parent), problems, used)
        elif node is not None:
            problems.note(text.span, f"{path} is not a mapping of sections")


def _uses(root: MappingNode) -> list[Text]:
    given: Node | None = root.get("use")
    items = given if isinstance(given, ListNode) else [given]
    return [item for item in items if isinstance(item, Text)]


def _merge(root: MappingNode, other: MappingNode, problems: Problems) -> MappingNode:
    """``root`` with what ``other`` adds to the shared sections."""
    sections = {key.value: (key, node) for key, node in root.pairs()}
    for key, node in other.pairs():
        if key.value not in SHARED:
            continue
        if key.value not in sections:
            sections[key.value] = (key, node)
            continue
        mine = sections[key.value][1]
        if isinstance(mine, MappingNode) and isinstance(node, MappingNode):
            sections[key.value] = (sections[key.value][0], _join(mine, node, problems))
    return root.with_entries(sections.values())


def _join(mine: MappingNode, theirs: MappingNode, problems: Problems) -> MappingNode:
    entries = list(mine.pairs())
    for key, node in theirs.pairs():
        if key.value in mine:
            first = next(k for k, _ in entries if k.value == key.value)
            problems.note(
                first.span, f"`{key.value}` is also defined in {key.span.file}", f"line {key.span.line} there"
            )
            continue
        entries.append((key, node))
    return mine.with_entries(entries)
