"""What is recorded and measured: tables and experiments."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure.features import FeatureSection
from bustle.scenarios.structure.named import Columns, Named, OneOrMany
from bustle.scenarios.structure.section import Section, check_exclusive, schema_exclusive
from bustle.scenarios.yaml_nodes import ListNode, MappingNode, Node, Text

KINDS: dict[str, tuple[str, ...]] = {
    "each": ("where", "window", "by", "labels", "known", "features"),
    "of": ("where", "at", "labels"),
    "every": (),
    "edges": ("where", "from", "to", "labels"),
}
"""The kinds of tables by their key, with the entries that not all of them have."""


class ColumnSection(Section):
    """A column of a table; ``amount`` alone stands for ``amount: amount``."""

    what: ClassVar[str] = "a column"
    shorthand: ClassVar[str] = "value"
    refused_names: ClassVar[frozenset[str] | None] = frozenset()

    value: Text = Field(description="Expression for the column.")
    about: Text | None = Field(None, description="What it means.")

    @classmethod
    def entries_of_list(cls, node: ListNode, problems: list[Diagnostic]) -> MappingNode:
        """Reads ``[time, amount, category: merchant.category]``."""
        columns: dict[str, tuple[Text, Node]] = {}
        for item in node:
            pairs = list(item.pairs()) if isinstance(item, MappingNode) else []
            if isinstance(item, Text) and not item.is_empty:
                pairs = [(item, item)]
            if not pairs or (isinstance(item, Text) and not item.value.replace("_", "a").isalnum()):
                hint = "write the name of a field, or `name: expression`"
                problems.append(item.problem("a column needs a name", hint))
                continue
            for key, value in pairs:
                if key.value in columns:
                    message = f"the column `{key.value}` is listed twice"
                    problems.append(key.problem(message, "give one of them another name: `name: expression`"))
                else:
                    columns[key.value] = (key, value)
        return node.as_mapping(columns.values())


class TableSection(Section):
    """A table. Exactly one of ``each``, ``of``, ``every`` and ``edges``.

    ``known`` may also be written among the labels, as ``labels: [fraud, known: time + 9 days]``.
    """

    model_config = ConfigDict(json_schema_extra=schema_exclusive(*KINDS))
    what: ClassVar[str] = "a table"

    each: Text | None = Field(None, description="An event: one row for each, or for each window of them.")
    of: Text | None = Field(None, description="A population: one row for each agent.")
    every: Text | None = Field(None, description="A duration: one row each time it has passed.")
    edges: Text | None = Field(None, description="A network, or an event with `from` and `to`: one row for each pair.")
    columns: Columns[ColumnSection] = Field({}, description="Columns: `[time, amount, category: merchant.category]`.")
    labels: Columns[ColumnSection] = Field({}, description="Columns that are ground truth, never features.")
    known: ColumnSection | None = Field(None, description="When the labels of a row become known, an instant.")
    where: Text | None = Field(None, description="Only rows for which this is true.")
    window: Text | None = Field(None, description="Length of the windows of time that rows are summed up over.")
    by: Columns[ColumnSection] = Field({}, description="What the rows of a window are grouped by.")
    source: Text | None = Field(None, alias="from", description="First end of a pair: a field of the event.")
    target: Text | None = Field(None, alias="to", description="Second end of a pair: a field of the event.")
    features: Named[FeatureSection] = Field({}, description="Columns computed from the rows up to each one.")
    at: OneOrMany = Field([], description="When agents are recorded; at the end if left out.")
    about: Text | None = Field(None, description="What the table holds.")

    @classmethod
    def normal_form(cls, node: Node, problems: list[Diagnostic]) -> Node:
        """Takes ``known`` out of the labels."""
        node = super().normal_form(node, problems)
        if not isinstance(node, MappingNode) or "labels" not in node:
            return node
        labels = node["labels"]
        listed = ColumnSection.entries_of_list(labels, problems) if isinstance(labels, ListNode) else labels
        if not isinstance(listed, MappingNode) or "known" not in listed:
            return node.with_entries((key, listed if key.value == "labels" else value) for key, value in node.pairs())
        known = listed.key_texts["known"]
        if "known" in node:
            problems.append(known.problem("`known` is given twice", "remove one of them"))
        others = listed.with_entries(pair for pair in listed.pairs() if pair[0].value != "known")
        pairs = [(key, others if key.value == "labels" else value) for key, value in node.pairs()]
        return node.with_entries([*(pair for pair in pairs if pair[0].value != "known"), (known, listed["known"])])

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """It is of one kind, and has only that kind's entries."""
        check_exclusive(mapping, KINDS, problems, cls.what)
        kinds = [kind for kind in KINDS if kind in mapping]
        if len(kinds) != 1:
            return
        special = {name for names in KINDS.values() for name in names}
        for key, _ in mapping.pairs():
            if key.value in special and key.value not in KINDS[kinds[0]]:
                owners = " or ".join(f"`{kind}`" for kind, names in KINDS.items() if key.value in names)
                message = f"`{key.value}` cannot stand beside `{kinds[0]}`"
                problems.append(key.problem(message, f"a table with {owners} has it"))
        if "by" in mapping and "window" not in mapping:
            problems.append(mapping.key_texts["by"].problem("`by` needs `window`", "write `window: 1 day`"))
        if "features" in mapping and "window" in mapping:
            hint = "a table with a row for each event has features"
            problems.append(mapping.key_texts["features"].problem("`features` cannot stand beside `window`", hint))
        columns = mapping.get("columns")
        is_missing = not columns or (isinstance(columns, Text) and columns.is_empty)
        if is_missing and ("columns" in mapping or kinds[0] != "edges"):
            place = mapping.key_texts.get("columns", mapping.key_texts[kinds[0]])
            problems.append(place.problem("a table needs `columns`", "write `columns: [time]`"))


class VarySection(Section):
    """The values that one parameter takes in turn."""

    what: ClassVar[str] = "a parameter"
    shorthand: ClassVar[str] = "values"
    refused_names: ClassVar[frozenset[str] | None] = None

    values: Annotated[list[Text], Field(min_length=1)] = Field(description="The values.")


class MeasureSection(Section):
    """A number that each run of an experiment gives."""

    what: ClassVar[str] = "a measure"
    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="Expression over the run's events and agents.")
    about: Text | None = Field(None, description="What it means.")


class ExperimentSection(Section):
    """Parameters to vary, how often, and what to measure."""

    what: ClassVar[str] = "an experiment"

    vary: Named[VarySection] = Field({}, description="Parameters and the values that each takes.")
    replications: Text | None = Field(
        None, description="Runs with different seeds for each combination; 1 if left out."
    )
    measure: Named[MeasureSection] = Field({}, description="What to measure: name and expression.")
