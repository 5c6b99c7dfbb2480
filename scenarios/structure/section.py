"""The building block of the structure: a section, which a mapping of a scenario file is read into.

Pydantic checks the kind of every entry. What it cannot say with a place - unknown keys, names,
entries that exclude each other - is added to the list of problems in the validation's context,
so that one pass finds all problems of a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from bustle.scenarios.diagnostics import LONGEST_NAME, Diagnostic, suggest
from bustle.scenarios.structure.names import RESERVED
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text


class Section(BaseModel):
    """A mapping of the file; ``key`` is the name it stands under, as text with its place."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    what: ClassVar[str] = ""
    """What the section describes, with its article: ``a population``."""
    shorthand: ClassVar[str] = ""
    """The entry that a bare value stands for, as ``thieves: 40`` does for ``thieves: {value: 40}``."""
    refused_names: ClassVar[frozenset[str] | None] = RESERVED
    """Words that cannot name it; None where the name refers to something else and is checked later."""
    column_names: ClassVar[frozenset[str]] = frozenset()
    """Names that the log gives to columns of its own."""

    _key: Text | None = PrivateAttr(None)
    _keys: dict[str, Text] = PrivateAttr(default_factory=dict)

    @property
    def key(self) -> Text:
        """The key in the file that this section stands under."""
        assert self._key is not None
        return self._key

    def key_of(self, entry: str) -> Text:
        """The key of one of this section's own entries, as written in the file; KeyError if it is not given."""
        return self._keys[entry]

    @classmethod
    def normal_form(cls, node: Node, problems: list[Diagnostic]) -> Node:
        """The mapping that ``node`` stands for; ``node`` itself if there is none."""
        if isinstance(node, Text) and node.is_empty and not cls.shorthand:
            return empty_mapping(node)
        if cls.shorthand and not isinstance(node, MappingNode):
            return mapping_of({cls.shorthand: node}, node)
        return node

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """Adds what is wrong with the entries taken together."""

    @classmethod
    def entries_of_list(cls, node: ListNode, problems: list[Diagnostic]) -> MappingNode | None:
        """The mapping that a list of such sections stands for, None where a list has no meaning."""
        return None

    @classmethod
    def entry_names(cls) -> list[str]:
        """The keys of the section, as written in the file."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        seen = seen_by(info)
        problems = seen.problems
        mapping = cls.normal_form(data, problems)
        if not isinstance(mapping, MappingNode):
            raise PydanticCustomError("mapping_expected", "a mapping is expected")
        known = cls.entry_names()
        mapping = cls._with_known_keys(mapping, known, seen)
        cls.check(mapping, problems)
        mapping = mapping.with_entries((key, node) for key, node in mapping.pairs() if key.value in known)
        section = handler(mapping)
        section._keys = mapping.key_texts
        for name, entry in cls.model_fields.items():
            value = getattr(section, name)
            if isinstance(value, Section):
                value._key = mapping.key_texts.get(entry.alias or name)
        return section

    @classmethod
    def _with_known_keys(cls, mapping: MappingNode, known: list[str], seen: Seen) -> MappingNode:
        """``mapping`` after noting unknown keys; one that is clearly a misspelt key is read as that key."""
        entries: list[tuple[Text, Node]] = []
        taken = set(mapping)
        for key, node in mapping.pairs():
            if key.value not in known:
                where = f" of {cls.what}" if cls.what else ""
                hint = suggest(key.value, known, "keys")
                seen.problems.append(key.problem(f"unknown key `{key.value}`{where}", hint))
                meant = difflib.get_close_matches(key.value, set(known) - taken, n=1)
                if meant and len(key.value) <= LONGEST_NAME:
                    taken.add(meant[0])
                    key = key.read_as(meant[0])
                elif isinstance(node, MappingNode):
                    seen.unclear.update(node)
            entries.append((key, node))
        return mapping.with_entries(entries)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The mapping, or the bare value where there is a shorthand."""
        reference = handler(schema)
        if cls.shorthand:
            whole = handler.resolve_ref_schema(reference)
            full = dict(whole)
            bare = {name: part for name, part in full["properties"][cls.shorthand].items() if name != "title"}
            whole.clear()
            whole.update({"description": full.pop("description"), "anyOf": [bare, full]})
        return reference


@dataclass(frozen=True)
class Seen:
    """What a validation has seen to be wrong: the problems, and the names of what it leaves out."""

    problems: list[Diagnostic] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)


def seen_by(info: ValidationInfo) -> Seen:
    """What the validation has seen so far."""
    seen: Seen | None = info.context
    assert seen is not None
    return seen


def mapping_of(entries: dict[str, Node], at: Node) -> MappingNode:
    """A mapping that is written otherwise in the file, with the place of ``at``."""
    span = at.span
    start = at.source.line_start(span.line) + span.column - 1
    end = start + span.length
    pairs = ((Text(name, at.source, start, end, "literal"), node) for name, node in entries.items())
    mapping = MappingNode(pairs, at.source, start, end)
    mapping.name = at.name if isinstance(at, MappingNode) else None
    return mapping


def empty_mapping(at: Node) -> MappingNode:
    """A mapping without entries at the place of ``at``."""
    return mapping_of({}, at)


def check_exclusive(
    mapping: MappingNode, names: Collection[str], problems: list[Diagnostic], what: str, at_least_one: bool = True
) -> None:
    """Adds a problem unless exactly one (or at most one) of ``names`` is given."""
    given = [mapping.key_texts[name] for name in mapping if name in names]
    listed = ", ".join(f"`{name}`" for name in names)
    for other in given[1:]:
        message = f"`{other.value}` cannot stand beside `{given[0].value}`"
        problems.append(
            other.problem(message, f"{what} has {'exactly' if at_least_one else 'at most'} one of {listed}")
        )
    if at_least_one and not given:
        problems.append(place_of(mapping).problem(f"{what} needs one of {listed}"))


def schema_exclusive(*names: str, both: tuple[str, ...] = (), at_least_one: bool = True) -> dict[str, Any]:
    """What `check_exclusive` says, as JSON Schema; the names of ``both`` may stand together."""
    pairs = [list(pair) for pair in combinations(names, 2) if pair != both]
    made: dict[str, Any] = {"not": {"anyOf": [{"required": pair} for pair in pairs]}}
    return made | ({"anyOf": [{"required": [name]} for name in names]} if at_least_one else {})


def place_of(mapping: MappingNode) -> Text | MappingNode:
    """Where to point at a mapping: at the key it stands under, or at its first key."""
    return mapping.name or next(iter(mapping.key_texts.values()), mapping)
