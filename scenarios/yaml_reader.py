"""Reads YAML as structure with places and nothing else: no implicit types, no tags, no surprises.

The parser is PyYAML's own event stream in its Python form, the same on every installation.
Nodes are put together here rather than by ``compose`` so that depth, aliases and duplicate
keys are seen before they can do harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import yaml

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.yaml_errors import parse_problem
from bustle.scenarios.yaml_nodes import MAX_BYTES, ListNode, MappingNode, Node, Source, Style, Text

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "ListNode", "MappingNode", "Node", "Text", "read"]

MAX_DEPTH = 40
"""Deepest nesting of lists and mappings."""
MAX_NODES = 20_000
"""Most values of a file, with those that aliases repeat counted each time."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_FORBIDDEN_VALUE = re.compile("[\x00\ud800-\udfff]")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s*)+")
_STYLES: dict[str | None, Style] = {None: "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


def read(content: str | bytes, file: str) -> tuple[Node | None, list[Diagnostic]]:
    """The tree of a YAML file and its problems.

    Args:
        content: The file's text, or its bytes (UTF-8).
        file: Its name in messages.

    Returns:
        The root, None if the file cannot be read at all, and every problem found. A file
        with a duplicate key or a tag still has a root, so that more can be said about it.
    """
    text, problem = _decoded(content, file)
    if problem:
        return None, [problem]
    reader = _Reader(Source(text, file))
    try:
        root = reader.tree()
    except _Unreadable as unreadable:
        return None, [*reader.problems, unreadable.problem]
    return root, reader.problems


def _decoded(content: str | bytes, file: str) -> tuple[str, Diagnostic | None]:
    """The file's text without a byte order mark, or the reason why it is none."""
    size = len(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    if size > MAX_BYTES:
        hint = "keep data in CSV or Parquet files, and split a long scenario with `use:`"
        message = f"the file has more than {MAX_BYTES:,} bytes"
        return "", Source("", file).problem(Source("", file).span(0, 0), message, hint)
    if isinstance(content, bytes):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            source = Source(content.decode("utf-8", errors="replace"), file)
            at = len(content[: error.start].decode("utf-8"))
            message = f"the file is not UTF-8 text (byte 0x{content[error.start]:02x})"
            return "", source.problem(source.span(at, at + 1), message, "save it with the encoding UTF-8")
    else:
        text = content
    text = text.removeprefix("\ufeff")
    found = _FORBIDDEN.search(text)
    if found:
        source = Source(text, file)
        shown = Source(_FORBIDDEN.sub("\ufffd", text), file)
        message = f"the character U+{ord(found[0]):04X} cannot stand in a scenario file"
        return "", shown.problem(
            source.span(found.start(), found.end()), message, "remove it, or save the file as UTF-8 text"
        )
    return text, None


class _Unreadable(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Diagnostic) -> None:
        self.problem = problem
        super().__init__(problem.message)


@dataclass
class _Open:
    """A list or mapping that is being read; a mapping's ``nodes`` are keys and values in turn."""

    event: yaml.CollectionStartEvent
    nodes: list[Node] = field(default_factory=list)
    size: int = 1


class _Reader:
    """Puts nodes together from the events of one document."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._split: set[int] = set()
        self._reached = 0

    def tree(self) -> Node:
        """The document's root."""
        documents = 0
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(
                        event, "a second document starts here", "a scenario file holds one document; remove `---`"
                    )
            elif isinstance(event, yaml.AliasEvent):
                self._add(*self._anchored(event))
            elif isinstance(event, yaml.ScalarEvent):
                self._add_made(event, self._text(event), 1)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._check_tag(event)
                if len(self._open) >= MAX_DEPTH:
                    self._stop(event, f"lists and mappings are nested more than {MAX_DEPTH} deep", "")
                if event.anchor:
                    self._anchors[event.anchor] = None
                self._open.append(_Open(event))
            elif isinstance(event, yaml.CollectionEndEvent):
                done = self._open.pop()
                self._add_made(done.event, self._collection(done, _index(event.end_mark)), done.size)
        if self._root is None or (isinstance(self._root, Text) and self._root.is_empty):
            hint = "a scenario starts with `scenario: NAME` and `clock: {start: 2026-01-01, length: 30 days}`"
            raise _Unreadable(self.source.problem(self.source.span(0, 0), "the file is empty", hint))
        return self._root

    def _events(self) -> Iterator[yaml.Event]:
        """The parser's events; what it objects to becomes a diagnostic."""
        try:
            for event in yaml.parse(self.source.text, Loader=yaml.SafeLoader):
                self._reached = _index(event.end_mark)
                yield event
        except yaml.MarkedYAMLError as error:
            raise _Unreadable(parse_problem(error, self.source)) from error
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # an escape such as "\U00110000" fails inside the parser without a place
            span = self.source.span(self._reached, self._reached)
            problem = self.source.problem(span, f"what follows is not valid YAML: {error}")
            raise _Unreadable(problem) from error

    def _stop(self, event: yaml.Event, message: str, hint: str) -> None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        raise _Unreadable(self.source.problem(self.source.span(start, end), message, hint))

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is None:
            return
        start = _index(event.start_mark)
        found = re.compile(r"(?:&\S*\s+)?(!\S*)").match(self.source.text, start)
        span = self.source.span(*found.span(1)) if found else self.source.span(start, start + 1)
        hint = "the language gives values their types; remove the tag, or quote a value that starts with `!`"
        self.problems.append(self.source.problem(span, "YAML tags have no meaning in a scenario file", hint))

    def _text(self, event: yaml.ScalarEvent) -> Text:
        """A scalar, without the anchor or tag before it."""
        self._check_tag(event)
        start, end = _index(event.start_mark), _index(event.end_mark)
        if event.anchor or event.tag:
            found = _PROPERTIES.match(self.source.text, start, end)
            start = found.end() if found else start
        text = Text(event.value, self.source, start, end, _STYLES[event.style or None])
        found = _FORBIDDEN_VALUE.search(event.value)
        if found:
            message = f"the escape stands for U+{ord(found[0]):04X}, which cannot be part of a text"
            self.problems.append(text.problem(message, offset=found.start()))
            text = Text(_FORBIDDEN_VALUE.sub("\ufffd", event.value), self.source, start, end, text.style)
        return text

    def _anchored(self, event: yaml.AliasEvent) -> tuple[Node, int]:
        """The node that an alias repeats, and how many values it holds."""
        name = event.anchor or ""
        if name not in self._anchors:
            self._stop(
                event, f"`*{name}` refers to no anchor", f"write `&{name}` before the value to repeat, or use quotes"
            )
        anchored = self._anchors[name]
        if anchored is None:
            self._stop(event, f"`*{name}` stands inside the value it repeats", "")
        assert anchored is not None
        return anchored

    def _add_made(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, node: Node, size: int) -> None:
        """Adds a node read from the file, and remembers it under its anchor."""
        if event.anchor:
            self._anchors[event.anchor] = (node, size)
        self._add(node, size)

    def _add(self, node: Node, size: int) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.nodes.append(node)
        parent.size += size
        if parent.size > MAX_NODES:
            message = f"the file has more than {MAX_NODES:,} values, with those repeated by aliases"
            raise _Unreadable(self.source.problem(node.span, message, "keep data in CSV or Parquet files"))

    def _collection(self, done: _Open, end: int) -> ListNode | MappingNode:
        start = _index(done.event.start_mark)
        if done.event.flow_style:
            done.nodes = self._without_split_values(done)
        if isinstance(done.event, yaml.SequenceStartEvent):
            return ListNode(done.nodes, self.source, start, end)
        return MappingNode(self._entries(done.nodes), self.source, start, end)

    def _entries(self, nodes: list[Node]) -> Iterator[tuple[Text, Node]]:
        """Keys and values of a mapping; of a duplicate key the first is kept."""
        seen: dict[str, Text] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Text):
                self.problems.append(key.problem("a key must be a name, not a list or a mapping", "put it in quotes"))
            elif key.value == "<<" and key.style == "plain":
                hint = "use an alias for a whole value, or `use:` to share sections between files"
                self.problems.append(key.problem("merge keys (`<<`) are not part of the language", hint))
            elif not key.value:
                self.problems.append(key.problem("a key is missing before `:`", "write `name: value`"))
            elif key.value in seen:
                first = seen[key.value].span
                message = f"`{key.value}` is given twice; the first is on line {first.line}"
                self.problems.append(key.problem(message, "remove one of them, or give it another name"))
            else:
                seen[key.value] = key
                if isinstance(value, MappingNode) and value.name is None:
                    value.name = key
                yield key, value

    def _without_split_values(self, done: _Open) -> list[Node]:
        """The nodes of a ``{...}`` or ``[...]``, less the rest of values that a comma inside parentheses has split."""
        step = 2 if isinstance(done.event, yaml.MappingStartEvent) else 1
        kept: list[Node] = []
        missing = 0
        for at in range(0, len(done.nodes), step):
            nodes = done.nodes[at : at + step]
            opened = sum(_unclosed(node) for node in nodes)
            if missing > 0 and opened <= 0:
                missing += opened
                continue
            kept += nodes
            missing = opened
            if missing > 0:
                last = _last_text(nodes[-1])
                if last is None or id(last) in self._split:
                    continue
                last.is_cut = True
                self._split.add(id(last))
                hint = 'inside `{...}` and `[...]` quote a value with commas: "normal(mean=1, sd=2)"'
                self.problems.append(last.problem("the comma after this ends the value inside its parentheses", hint))
        return kept


class _Mark(Protocol):
    index: int


def _index(mark: _Mark | None) -> int:
    """The character index of a place of the parser, which always gives one."""
    return mark.index if mark else 0


def _last_text(node: Node) -> Text | None:
    """The text itself, or the value of the single pair of ``[name: value]``."""
    if isinstance(node, MappingNode):
        node = next(iter(node.values())) if len(node) == 1 else node
    return node if isinstance(node, Text) else None


def _unclosed(node: Node) -> int:
    """How many parentheses a plain text leaves open; negative where it closes more than it opens."""
    text = _last_text(node)
    if text is None or text.style != "plain":
        return 0
    return text.value.count("(") - text.value.count(")")
