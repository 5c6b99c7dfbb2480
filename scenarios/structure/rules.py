"""What happens and when: rhythms, events, behaviors and interventions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from bustle.scenarios.diagnostics import Diagnostic, suggest
from bustle.scenarios.structure.named import Named, OneOrMany
from bustle.scenarios.structure.names import EVENT_COLUMNS, RESERVED
from bustle.scenarios.structure.people import RoleSection
from bustle.scenarios.structure.section import Section, check_exclusive, mapping_of, place_of, schema_exclusive
from bustle.scenarios.yaml_nodes import SCALAR, ListNode, MappingNode, Node, Text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days as a rhythm names them, from Monday."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Months as a rhythm names them."""

TRIGGERS = ("rate", "every", "at", "on", "when", "enters")
"""What can set off a behavior; one without is only called by `after`."""


def _weights(count: int, names: tuple[str, ...] = ()) -> WithJsonSchema:
    """The schema of a list of ``count`` weights, or a mapping with one for each of ``names``."""
    listed: dict[str, Any] = {"type": "array", "items": SCALAR, "minItems": count, "maxItems": count}
    if not names:
        return WithJsonSchema(listed)
    entries: dict[str, Any] = {name: SCALAR for name in names}
    named = {"type": "object", "properties": entries, "required": list(names), "additionalProperties": False}
    return WithJsonSchema({"anyOf": [listed, named]})


class HolidaysSection(Section):
    """Days on which a rhythm is scaled by ``weight``."""

    what: ClassVar[str] = "holidays"

    dates: OneOrMany = Field(description="Local dates: `[2026-12-25, 2026-12-26]`.")
    weight: Text | None = Field(None, description="Relative intensity on these days; 0 if left out.")


class RhythmSection(Section):
    """Relative intensity over local time; parts that are given multiply."""

    what: ClassVar[str] = "a rhythm"

    hours: Annotated[list[Text], _weights(24)] | None = Field(
        None, description="24 weights, one for each hour of the day from midnight."
    )
    weekdays: Annotated[list[Text], _weights(7, WEEKDAYS)] | None = Field(
        None, description="7 weights from Monday, or `{mon: 1, tue: 1, ...}`."
    )
    months: Annotated[list[Text], _weights(12, MONTHS)] | None = Field(
        None, description="12 weights from January, or `{jan: 1, feb: 1, ...}`."
    )
    time_of_day: Text | None = Field(
        None, description="A distribution of the time of day: `normal(mean=12 hours, sd=2 hours)`."
    )
    holidays: HolidaysSection | None = Field(None, description="Dates that are different, and by how much.")
    about: Text | None = Field(None, description="What the rhythm stands for.")

    @classmethod
    def normal_form(cls, node: Node, problems: list[Diagnostic]) -> Node:
        """Weights by the names of days or months become a list."""
        node = super().normal_form(node, problems)
        if not isinstance(node, MappingNode):
            return node
        orders = {"weekdays": WEEKDAYS, "months": MONTHS}
        return node.with_entries(
            (key, _in_order(key, value, orders[key.value], problems) if key.value in orders else value)
            for key, value in node.pairs()
        )

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """There is one weight for each hour, day and month."""
        for name, count in (("hours", 24), ("weekdays", 7), ("months", 12)):
            weights = mapping.get(name)
            if isinstance(weights, ListNode) and len(weights) != count:
                message = f"`{name}` needs {count} weights; here are {len(weights)}"
                problems.append(mapping.key_texts[name].problem(message))
        if not any(name in mapping for name in cls.entry_names() if name != "about"):
            problems.append(
                place_of(mapping).problem("a rhythm needs `hours`, `weekdays`, `months`, `time_of_day` or `holidays`")
            )


def _in_order(key: Text, weights: Node, order: tuple[str, ...], problems: list[Diagnostic]) -> Node:
    """The weights of a mapping as a list in the calendar's order."""
    if not isinstance(weights, MappingNode):
        return weights
    unknown = [name for name in weights if name not in order]
    for name in unknown:
        message = f"`{name}` is not one of {', '.join(order)}"
        problems.append(weights.key_texts[name].problem(message, suggest(name.lower()[:3], order)))
    missing = [name for name in order if name not in weights]
    if missing and not unknown:
        hint = "give a weight for every one; 1 is the usual"
        problems.append(key.problem(f"`{key.value}` lacks {', '.join(missing)}", hint))
    return ListNode((weights.get(name, key.read_as("1")) for name in order), weights.source, *weights.bounds)


class FieldSection(Section):
    """A field of an event."""

    what: ClassVar[str] = "a field"
    shorthand: ClassVar[str] = "type"
    refused_names: ClassVar[frozenset[str] | None] = RESERVED - {"episode"}
    column_names: ClassVar[frozenset[str]] = EVENT_COLUMNS

    type: Text = Field(description="Type: a population, `money`, `number`, `label bool`, `category(a, b)`, ...")
    about: Text | None = Field(None, description="What it means.")
    unit: Text | None = Field(None, description="Unit in which it is shown to people.")


class EventSection(Section):
    """A kind of event. Written as its fields, or as ``{fields: {...}, about: ...}``."""

    what: ClassVar[str] = "an event"

    fields: Named[FieldSection] = Field({}, description="Fields of the event: name and type.")
    about: Text | None = Field(None, description="What the event means.")

    @classmethod
    def normal_form(cls, node: Node, problems: list[Diagnostic]) -> Node:
        """A mapping without the key ``fields`` holds the fields themselves."""
        node = super().normal_form(node, problems)
        if isinstance(node, MappingNode) and "fields" not in node:
            return mapping_of({"fields": node}, node)
        return node

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The fields themselves, or the mapping with ``fields``."""
        reference = handler(schema)
        whole = handler.resolve_ref_schema(reference)
        full = dict(whole)
        bare = full["properties"]["fields"]
        whole.clear()
        full["required"] = ["fields"]
        bare = bare | {"not": {"type": "object", "required": ["fields"]}}
        whole.update({"description": full.pop("description"), "anyOf": [bare, full]})
        return reference


class ArgumentSection(Section):
    """An argument of a behavior."""

    what: ClassVar[str] = "an argument"
    shorthand: ClassVar[str] = "type"

    type: Text = Field(description="Type of the argument.")


class BehaviorSection(Section):
    """A rule. At most one of ``rate``, ``every``, ``at``, ``on``, ``when`` and ``enters``."""

    model_config = ConfigDict(json_schema_extra=schema_exclusive(*TRIGGERS, at_least_one=False))
    what: ClassVar[str] = "a behavior"

    who: Text = Field(description="Population whose agents do it, or `world`.")
    rate: Text | None = Field(None, description="Poisson process of this rate: `owner.pace`, `3 per day`.")
    every: Text | None = Field(None, description="Gap until the next time, drawn anew each time.")
    at: OneOrMany = Field([], description="Given times: `30 days`, `2026-03-01 09:00`, `every monday 08:00`.")
    on: RoleSection | None = Field(None, description="An event, and the field with the agent: `purchase as merchant`.")
    when: Text | None = Field(None, description="Condition that turns true.")
    enters: OneOrMany = Field([], description="State or states that the agent enters.")
    rhythm: OneOrMany = Field([], description="Rhythm or rhythms that shape `rate` or `every`.")
    while_states: OneOrMany = Field([], alias="while", description="Only in this state, or these.")
    unless: OneOrMany = Field([], description="Not in this state, or these.")
    condition: Text | None = Field(None, alias="if", description="Only if this is true when it fires.")
    arguments: Named[ArgumentSection] = Field({}, description="Arguments that `after` passes: name and type.")
    do: Text = Field(description="What happens: the statements of the rule.")
    about: Text | None = Field(None, description="What the rule stands for.")

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """One thing sets it off, and only a clock has a rhythm."""
        check_exclusive(mapping, TRIGGERS, problems, cls.what, at_least_one=False)
        if "rhythm" in mapping and "rate" not in mapping and "every" not in mapping:
            hint = "a rhythm shapes when a clock fires; `at` takes times of day itself"
            problems.append(mapping.key_texts["rhythm"].problem("`rhythm` needs `rate` or `every`", hint))


class ValueSection(Section):
    """The new value of a parameter."""

    what: ClassVar[str] = "a parameter"
    shorthand: ClassVar[str] = "value"
    refused_names: ClassVar[frozenset[str] | None] = None

    value: Text = Field(description="The value.")


class InterventionSection(Section):
    """Parameters that take new values at a given time."""

    what: ClassVar[str] = "an intervention"

    at: Text = Field(description="When: `45 days` or a date.")
    until: Text | None = Field(None, description="When the former values come back.")
    values: Named[ValueSection] = Field(alias="set", description="Parameters and their new values.")
    about: Text | None = Field(None, description="What happens.")
