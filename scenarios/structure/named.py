"""The types of entries that hold several things: sections by name, and lists that may be a single value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure.names import IDENTIFIER, name_problem
from bustle.scenarios.structure.section import Section, Seen, empty_mapping, seen_by
from bustle.scenarios.yaml_nodes import SCALAR, ListNode, MappingNode, Text

S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class _ByName:
    """Reads ``dict[str, S]``: checks the names, and gives each section its key.

    ``listed`` says what a list of them may hold, names alone or also pairs; empty where there is no list.
    ``of_others`` marks names that come from elsewhere, such as those of a file's columns, and may be any text.
    """

    listed: Literal["", "names", "pairs"] = ""
    of_others: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        section: type[Section] = get_args(source)[1]

        def read(data: Any, inner: core_schema.ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
            seen = seen_by(info)
            mapping = _mapping_of_sections(section, data, seen.problems)
            if section.refused_names is not None:
                mapping = _with_good_names(section, mapping, seen)
            result: dict[str, Section] = inner(mapping)
            for name, entry in result.items():
                entry._key = mapping.key_texts[name]
            return result

        return core_schema.with_info_wrap_validator_function(read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(schema)
        if not self.of_others:
            made["propertyNames"] = {"pattern": f"^{IDENTIFIER}$"}
        if not self.listed:
            return made
        pair = {"type": "object", "additionalProperties": made["additionalProperties"], "minProperties": 1}
        item = {"anyOf": [SCALAR, pair]} if self.listed == "pairs" else SCALAR
        return {"anyOf": [made, {"type": "array", "items": item}, SCALAR]}


def _with_good_names(section: type[Section], mapping: MappingNode, seen: Seen) -> MappingNode:
    """``mapping`` without the entries whose names cannot be used."""
    kept = []
    for key, node in mapping.pairs():
        problem = name_problem(key, section.what, section.refused_names or frozenset(), section.column_names)
        if problem is None:
            kept.append((key, node))
        else:
            seen.problems.append(problem)
            seen.unclear.update(re.findall(r"\w+", key.value))
    return mapping.with_entries(kept)


def _mapping_of_sections(section: type[Section], data: Any, problems: list[Diagnostic]) -> MappingNode:
    """The mapping that ``data`` stands for; nothing after the colon is a mapping without entries."""
    if isinstance(data, MappingNode):
        return data
    if isinstance(data, Text) and data.is_empty:
        return empty_mapping(data)
    if isinstance(data, Text | ListNode):
        listed = data if isinstance(data, ListNode) else data.as_list()
        mapping = section.entries_of_list(listed, problems)
        if mapping is not None:
            return mapping
    raise PydanticCustomError("mapping_expected", "a mapping is expected")


Named = Annotated[dict[str, S], _ByName()]
"""Sections by name, in the file's order, each with its ``key``."""


NamedElsewhere = Annotated[dict[str, S], _ByName(of_others=True)]
"""The same, where names are not the scenario's own, and so may be any text."""

NamedOrListed = Annotated[dict[str, S], _ByName("names")]
"""The same, where a list of names does as well."""

Columns = Annotated[dict[str, S], _ByName("pairs")]
"""The same, where a list of names and pairs does as well: ``[time, category: merchant.category]``."""


def _listed(data: Any) -> Any:
    return data.as_list() if isinstance(data, Text) and not data.is_empty else data


OneOrMany = Annotated[
    list[Text],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]}),
]
"""A list of texts, or a single one for a list of one."""
