"""`use:`: pulling the sections of other files into a scenario.

A used file adds to the sections that hold things by name. It may also have a name, a title, a description and
a clock, so that it can be checked by itself; those are ignored, for the file that uses it has its own. Anything
else in it (a seed, a scale, an experiment, an unknown section) would be lost, and is a problem.

The main file may give a parameter of a used file another value, by its bare name. Files that come with bustle are
used from anywhere, by paths that begin with `bustle/`.
"""

from __future__ import annotations

from pathlib import Path

from bustle.scenarios.check.problems import Problems
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.files import find_file
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text
from bustle.scenarios.yaml_reader import MAX_BYTES, read

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
    "audit",
)
"""The sections that files add to."""

IGNORED = ("scenario", "title", "about", "clock")
"""What a used file may have for itself."""

MAIN_ONLY = ("seed", "scale", "experiment")
"""What only the file that is run can say."""

SHIPPED = "bustle/"
"""How paths of files that come with bustle begin: they lie in the library, not in the scenario's folder."""

LIBRARY = Path(__file__).parent / "library"
"""Where those files are."""

MOST_FILES = 100
"""Files that one scenario may pull in."""


def include(root: MappingNode, file: str, folder: str, problems: Problems) -> tuple[MappingNode, tuple[str, ...]]:
    """``root`` with the sections of the files that it uses, and of those that they use, added.

    Args:
        root: The sections of the main file.
        file: The main file as messages name it.
        folder: Where the main file stands; all files must lie in it.
        problems: Takes what is wrong: a file that cannot be read, a name that two files define.

    Returns:
        The merged root, and the paths of the files used, relative to ``folder``.
    """
    collector = _Collector(file, folder, problems)
    collector.follow(root, "")
    merged = root
    for other in collector.used.values():
        merged = _merge(merged, other, file, problems)
    return merged, tuple(collector.used)


class _Collector:
    """Reads the used files, each once, in the order in which they are named."""

    def __init__(self, file: str, folder: str, problems: Problems) -> None:
        self.file = Path(file)
        self.folder = folder
        self.problems = problems
        self.used: dict[str, MappingNode] = {}
        self.seen: set[str] = set()

    def follow(self, root: MappingNode, inside: str) -> None:
        """Reads what ``root``, a file in the folder ``inside``, uses."""
        for text in _uses(root):
            path = str(Path(inside, text.value))
            if path in self.seen:
                continue
            if path == self.file.name:
                self.problems.note(text.span, f"{path} uses itself", "remove this")
                continue
            if len(self.seen) >= MOST_FILES:
                self.problems.note(text.span, f"a scenario uses at most {MOST_FILES} files")
                return
            self.seen.add(path)
            node = self._read(text, path)
            if node is None:
                self.problems.is_incomplete = True
            else:
                self.used[path] = node
                self.follow(node, str(Path(path).parent))

    def _read(self, text: Text, path: str) -> MappingNode | None:
        is_shipped = path.startswith(SHIPPED)
        folder, within = (LIBRARY, path.removeprefix(SHIPPED)) if is_shipped else (self.folder, path)
        try:
            with find_file(folder, within, (".yaml", ".yml")).open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except (ValueError, OSError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"{path} cannot be read: {error.strerror}"
            if is_shipped:
                reason = reason.replace("in the scenario's folder", "among those that come with bustle")
            self.problems.note(text.span, reason)
            return None
        shown = path if is_shipped else str(self.file.parent / path)
        node, found = read(content, shown)
        self.problems.add_source(shown, content)
        for diagnostic in found:
            self.problems.keep(diagnostic)
        if isinstance(node, MappingNode):
            return node
        if node is not None:
            self.problems.note(
                node.span, "a scenario file is a mapping of sections", "write `parameters:`, `populations:`, ..."
            )
        return None


def _uses(root: MappingNode) -> list[Text]:
    given: Node | None = root.get("use")
    items = given if isinstance(given, ListNode) else [given]
    return [item for item in items if isinstance(item, Text) and not item.is_empty]


def _merge(root: MappingNode, other: MappingNode, main: str, problems: Problems) -> MappingNode:
    """``root`` with what ``other`` adds to the shared sections; ``main`` may set parameters of others."""
    sections = {key.value: (key, node) for key, node in root.pairs()}
    for key, node in other.pairs():
        name = key.value
        if name in MAIN_ONLY:
            hint = "move it to the file that is run, or remove it"
            problems.note(key.span, f"`{name}` has no effect in a file that others use", hint)
        elif name not in SHARED:
            if name not in (*IGNORED, "use"):
                problems.note(key.span, f"unknown key `{name}` of a used file", suggest(name, SHARED, "keys"))
                problems.unclear.update(node if isinstance(node, MappingNode) else ())
        elif name not in sections or _is_begun(sections[name][1]):
            sections[name] = (key, node)
        elif not _is_begun(node):
            mine = sections[name][1]
            if not isinstance(node, MappingNode):
                kind = "a list" if isinstance(node, ListNode) else "a single value"
                problems.note(
                    node.span, f"`{name}` must be a mapping, not {kind}", "write `name: value` for each entry"
                )
            elif isinstance(mine, MappingNode):
                setter = main if name == "parameters" else ""
                sections[name] = (sections[name][0], _join(mine, node, setter, problems))
    return root.with_entries(sections.values())


def _is_begun(node: Node) -> bool:
    """Whether nothing stands after the key's colon."""
    return isinstance(node, Text) and node.is_empty


def _join(mine: MappingNode, theirs: MappingNode, setter: str, problems: Problems) -> MappingNode:
    """``mine`` with the entries of ``theirs``; a bare value that the file ``setter`` gives is a value for theirs."""
    entries = {key.value: (key, node) for key, node in mine.pairs()}
    for key, node in theirs.pairs():
        if key.value not in entries:
            entries[key.value] = (key, node)
            continue
        first, value = entries[key.value]
        if isinstance(value, Text) and not value.is_empty and first.span.file == setter:
            if isinstance(node, MappingNode):
                parts = [(part, value if part.value == "value" else other) for part, other in node.pairs()]
                entries[key.value] = (first, node.with_entries(parts))
            else:
                entries[key.value] = (key, value)  # theirs now: a third file that has it too is told of
            continue
        problems.note(
            first.span,
            f"`{key.value}` is also defined in {key.span.file}, line {key.span.line}",
            "rename or remove one of them",
        )
    return mine.with_entries(entries.values())
