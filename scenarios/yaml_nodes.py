"""The nodes of a scenario file: text leaves, lists and mappings that know where they stand.

Every scalar is `Text`: what it means is decided by the language, not by YAML.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from bustle.scenarios.diagnostics import Diagnostic, Span
from bustle.scenarios.yaml_positions import LINE_BREAK, positions_of

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

MAX_BYTES = 1_000_000
"""Longest scenario file; data belongs in files that a scenario refers to."""

SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
"""JSON Schema of a text leaf: editors read YAML with its own types, so it may arrive as any of them."""

LONGEST_SHOWN = 400
"""Longest source line that a message repeats."""

Style = Literal["plain", "single", "double", "literal", "folded"]


class Source:
    """The text of one file, addressed by character index or by line."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._starts = [0]
        self._ends: list[int] = []
        for found in LINE_BREAK.finditer(text):
            self._ends.append(found.start())
            self._starts.append(found.end())
        self._ends.append(len(text))

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1), without its line break; empty past the end."""
        if not 1 <= number <= len(self._starts):
            return ""
        return self.text[self._starts[number - 1] : self._ends[number - 1]]

    def line_start(self, number: int) -> int:
        """The character index at which line ``number`` (from 1) starts."""
        return self._starts[number - 1]

    def line_of(self, index: int) -> int:
        """The line (from 1) that holds the character at ``index``."""
        return bisect.bisect_right(self._starts, index)

    def span(self, start: int, end: int) -> Span:
        """The stretch from ``start`` to ``end``, cut at the end of its first line, at least one long."""
        start = min(start, len(self.text))
        line = self.line_of(start)
        end = min(end, self._ends[line - 1])
        return Span(self.file, line, start - self._starts[line - 1] + 1, max(1, end - start))

    def problem(self, span: Span, message: str, hint: str = "") -> Diagnostic:
        """A diagnostic at ``span`` with its source line filled in, unless it is too long to be shown."""
        line = self.line(span.line)
        return Diagnostic(span, message, hint, line if len(line) <= LONGEST_SHOWN else "")


class Text:
    """A scalar: ``value`` is its text, ``span`` its place, ``span_at`` the place of a part of it.

    ``is_cut`` marks one that lacks its end, which has been said: what it would mean whole is not known.
    Two texts are equal when their values are; places do not count.
    """

    def __init__(
        self, value: str, source: Source, start: int, end: int, style: Style = "plain", offset: int = 0, whole: str = ""
    ) -> None:
        self.value = value
        self.style: Style = style
        self.source = source
        self._start, self._end = start, end
        self._offset = offset
        self._whole = whole or value
        self._part_of: Text | None = None
        self.is_cut = False

    @cached_property
    def span(self) -> Span:
        """The place of the whole scalar (its first line)."""
        if self._whole != self.value:
            return self.span_at(0, len(self.value))
        return self.source.span(self._start, self._end)

    @property
    def is_empty(self) -> bool:
        """True for a key without a value, as in ``about:``; an empty quoted text is not empty."""
        return self.style == "plain" and not self.value

    @cached_property
    def _positions(self) -> list[int] | None:
        if self._part_of is not None:
            return self._part_of._positions
        return positions_of(self._whole, self.source.text[self._start : self._end], self.style)

    def span_at(self, offset: int, length: int = 1) -> Span:
        """The place in the file of ``value[offset : offset + length]``, cut at the end of its first line.

        Exact for plain, quoted and literal text. Where folding cannot be followed, the place of the scalar.
        """
        positions = self._positions
        if positions is None:
            return self.source.span(self._start, self._end)
        last = len(positions) - 1
        first = self._start + positions[min(self._offset + max(offset, 0), last)]
        end = self._start + positions[min(self._offset + max(offset, 0) + max(length, 1) - 1, last)] + 1
        return self.source.span(first, max(end, first + 1))

    def part(self, start: int, stop: int) -> Text:
        """The text ``value[start:stop]``, which knows its own place."""
        made = Text(
            self.value[start:stop], self.source, self._start, self._end, self.style, self._offset + start, self._whole
        )
        made._part_of = self
        return made

    def read_as(self, value: str) -> Text:
        """Another value at the place of this text."""
        return Text(value, self.source, self._start, self._end, "literal")

    def as_list(self) -> ListNode:
        """A list of this text alone, at its place."""
        return ListNode([self], self.source, self._start, self._end)

    def problem(self, message: str, hint: str = "", offset: int | None = None, length: int = 1) -> Diagnostic:
        """A diagnostic at this text, or at the ``length`` characters from ``offset``."""
        span = self.span if offset is None else self.span_at(offset, length)
        return self.source.problem(span, message, hint)

    def __eq__(self, other: object) -> bool:
        return self.value == other.value if isinstance(other, Text) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        """The value."""
        return self.value

    def __repr__(self) -> str:
        return f"Text({self.value!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic takes a `Text` as it is, unless there is nothing after the key's colon."""
        from pydantic_core import PydanticCustomError, core_schema

        def written(text: Text) -> Text:
            if text.is_empty:
                raise PydanticCustomError("empty_text", "there is no value")
            return text

        return core_schema.no_info_after_validator_function(written, core_schema.is_instance_schema(cls))

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A scalar of any of YAML's types."""
        return dict(SCALAR)


class ListNode(list["Node"]):
    """A YAML list with its place."""

    def __init__(self, items: Iterable[Node], source: Source, start: int, end: int) -> None:
        super().__init__(items)
        self.source = source
        self._start, self._end = start, end

    @property
    def span(self) -> Span:
        """The place of the list (its first line)."""
        return self.source.span(self._start, self._end)

    def as_mapping(self, pairs: Iterable[tuple[Text, Node]]) -> MappingNode:
        """A mapping at the place of the list."""
        return MappingNode(pairs, self.source, self._start, self._end)

    def problem(self, message: str, hint: str = "") -> Diagnostic:
        """A diagnostic at the list."""
        return self.source.problem(self.span, message, hint)


class MappingNode(dict[str, "Node"]):
    """A YAML mapping with its place.

    ``key_texts`` holds the keys as they stand in the file, and ``name`` the key it stands under itself.
    """

    def __init__(self, entries: Iterable[tuple[Text, Node]], source: Source, start: int, end: int) -> None:
        pairs = list(entries)
        super().__init__((key.value, node) for key, node in pairs)
        self.key_texts = {key.value: key for key, _ in pairs}
        self.name: Text | None = None
        self.source = source
        self._start, self._end = start, end

    @property
    def span(self) -> Span:
        """The place of the mapping (its first line)."""
        return self.source.span(self._start, self._end)

    @property
    def bounds(self) -> tuple[int, int]:
        """The character indices of its start and end in the source."""
        return self._start, self._end

    def problem(self, message: str, hint: str = "") -> Diagnostic:
        """A diagnostic at the mapping."""
        return self.source.problem(self.span, message, hint)

    def pairs(self) -> Iterator[tuple[Text, Node]]:
        """Keys, as texts with places, and values, in the file's order."""
        for name, node in self.items():
            yield self.key_texts[name], node

    def with_entries(self, entries: Iterable[tuple[Text, Node]]) -> MappingNode:
        """A mapping of other entries at the same place."""
        made = MappingNode(entries, self.source, self._start, self._end)
        made.name = self.name
        return made


Node = Text | ListNode | MappingNode
