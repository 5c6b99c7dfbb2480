"""Who there is: globals, and populations with their attributes, links and states."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure.named import Named, NamedOrListed
from bustle.scenarios.structure.names import AGENT_COLUMNS, IDENTIFIER
from bustle.scenarios.structure.section import Section, check_exclusive, mapping_of, place_of, schema_exclusive
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text


class GlobalSection(Section):
    """A named value that rules read and write."""

    what: ClassVar[str] = "a global"
    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="Expression for the value at the start.")
    about: Text | None = Field(None, description="What it means.")


class AttributeSection(Section):
    """An attribute of each agent of a population."""

    what: ClassVar[str] = "an attribute"
    shorthand: ClassVar[str] = "value"
    column_names: ClassVar[frozenset[str]] = AGENT_COLUMNS

    value: Text = Field(description="Expression, drawn once for each agent: `gamma(mean=1.2, shape=2) per day`.")
    about: Text | None = Field(None, description="What it means.")
    type: Text | None = Field(
        None, description="Type, where the value does not tell: `episode`, `money`, a population."
    )
    unit: Text | None = Field(None, description="Unit in which it is shown to people.")


class LinkSection(Section):
    """A link to one agent of a population: ``home: merchant`` or ``home: pick(merchant)``.

    ``to``, ``value`` or both may be given; the shorthand is held in ``value`` in either case.
    """

    what: ClassVar[str] = "a link"
    shorthand: ClassVar[str] = "value"
    column_names: ClassVar[frozenset[str]] = AGENT_COLUMNS

    to: Text | None = Field(None, description="The population linked to.")
    value: Text | None = Field(None, description="Expression that chooses the agent: `pick(merchant)`.")
    about: Text | None = Field(None, description="What it means.")

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """A link leads somewhere."""
        if "to" not in mapping and "value" not in mapping:
            problems.append(place_of(mapping).problem("a link needs `to` or `value`", "write `home: merchant`"))


class StateSection(Section):
    """A state and the states it may turn into; any, if ``moves`` is left out."""

    what: ClassVar[str] = "a state"
    shorthand: ClassVar[str] = "moves"

    moves: list[Text] | None = Field(None, description="The states that may follow.")

    @classmethod
    def entries_of_list(cls, node: ListNode, problems: list[Diagnostic]) -> MappingNode:
        """States listed by name alone may turn into each other freely."""
        states: dict[str, tuple[Text, Node]] = {}
        for item in node:
            if not isinstance(item, Text) or item.is_empty:
                hint = "write `[active, blocked]`, or `{active: [blocked], blocked: []}` with the moves"
                problems.append(item.problem("a state is a single name", hint))
            elif item.value in states:
                problems.append(item.problem(f"the state `{item.value}` is listed twice", "remove one of them"))
            else:
                states[item.value] = (item, mapping_of({}, item))
        return node.as_mapping(states.values())


class ColumnNameSection(Section):
    """The column of the file that feeds an attribute."""

    what: ClassVar[str] = "an attribute"
    shorthand: ClassVar[str] = "column"
    column_names: ClassVar[frozenset[str]] = AGENT_COLUMNS

    column: Text = Field(description="Name of the column in the file.")


class FileSection(Section):
    """A file whose rows are agents. Without ``columns`` every column becomes an attribute of its name."""

    what: ClassVar[str] = "a file of agents"
    shorthand: ClassVar[str] = "path"

    path: Text = Field(description="CSV or Parquet file, relative to the scenario's folder.")
    columns: Named[ColumnNameSection] | None = Field(
        None, description="Which column feeds which attribute: `income: INCOME_EUR`."
    )


class RoleSection(Section):
    """``NAME as ROLE``, read into its two names; ``role`` is None where it is left out."""

    what: ClassVar[str] = "`NAME as ROLE`"

    name: Text
    role: Text | None = None

    @staticmethod
    def not_a_role(text: Text) -> tuple[str, str]:
        """What is wrong with a text that is not of this form, and a hint."""
        return f"`{text.value}` is not a name", "write `NAME` or `NAME as ROLE`"

    @classmethod
    def normal_form(cls, node: Node, problems: list[Diagnostic]) -> Node:
        """Takes ``NAME as ROLE`` apart."""
        if not isinstance(node, Text):
            return mapping_of({"name": node}, node)
        found = re.fullmatch(rf"\s*({IDENTIFIER})(?:\s+as\s+({IDENTIFIER}))?\s*", node.value)
        if found is not None:
            parts: dict[str, Node] = {"name": node.part(*found.span(1))}
            if found[2]:
                parts["role"] = node.part(*found.span(2))
            return mapping_of(parts, node)
        words = [word.span() for word in re.finditer(IDENTIFIER, node.value)]
        if not words:
            return node
        # The first and the last word are most likely what was meant.
        problems.append(node.problem(*cls.not_a_role(node)))
        parts = {"name": node.part(*words[0])}
        if len(words) > 1:
            parts["role"] = node.part(*words[-1])
        return mapping_of(parts, node)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """It is written as one text."""
        return {"type": "string", "pattern": rf"^\s*{IDENTIFIER}(\s+as\s+{IDENTIFIER})?\s*$"}


class PopulationSection(Section):
    """A population of agents. Exactly one of ``size``, ``one_per`` and ``from_file`` (which may have ``size`` too)."""

    model_config = ConfigDict(
        json_schema_extra=schema_exclusive("size", "one_per", "from_file", both=("size", "from_file"))
    )
    what: ClassVar[str] = "a population"

    size: Text | None = Field(None, description="Number of agents, an expression of parameters.")
    one_per: RoleSection | None = Field(
        None, description="One agent for each of another population: `cardholder as owner`."
    )
    from_file: FileSection | None = Field(
        None, description="A CSV or Parquet file with a row an agent; with `size`, rows are drawn from it."
    )
    scaled: Text | None = Field(
        None,
        description="`false` keeps the size as it is where the scenario is scaled; true if left out.",
    )
    about: Text | None = Field(None, description="Who they are.")
    attributes: Named[AttributeSection] = Field({}, description="Attributes of each agent: name and expression.")
    links: Named[LinkSection] = Field({}, description="Links to one agent of a population each.")
    states: NamedOrListed[StateSection] = Field(
        {}, description="Names of states, or each state with its allowed moves."
    )
    initial: Text | None = Field(None, description="State at the start, an expression; the first one if left out.")
    correlated: list[tuple[Text, Text, Text]] = Field(
        [], description="Rank correlations: `[[income, spending, 0.6]]` (Gaussian copula)."
    )
    python_class: Text | None = Field(
        None, alias="class", description="Agents written in Python: `file.py:ClassName` (needs --allow-code)."
    )

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """A population gets its members in one way."""
        ways = ["one_per", "from_file"] if "from_file" in mapping else ["size", "one_per", "from_file"]
        check_exclusive(mapping, ways, problems, cls.what)
        written = mapping.get("scaled")
        if written is not None and "one_per" in mapping:
            hint = "remove `scaled`: it has as many agents as the other population"
            problems.append(mapping.key_texts["scaled"].problem("`scaled` cannot go with `one_per`", hint))
        if isinstance(written, Text) and written.value not in ("true", "false"):
            problems.append(written.problem(f"`scaled` is true or false, not `{written.value}`", "write `false`"))
        if "initial" in mapping and "states" not in mapping:
            problems.append(mapping.key_texts["initial"].problem("`initial` needs `states`", "list the states"))
