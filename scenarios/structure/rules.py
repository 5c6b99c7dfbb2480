"""What happens and when: rhythms, events, behaviors and interventions."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bustle.scenarios.structure.people import RoleSection
from bustle.scenarios.structure.section import Named, OneOrMany, Section
from bustle.scenarios.yaml_nodes import Text


class HolidaysSection(Section):
    """Days on which a rhythm is scaled by ``weight``."""

    dates: OneOrMany[Text] = Field(description="Local dates: `[2026-12-25, 2026-12-26]`.")
    weight: Text | None = Field(None, description="Relative intensity on these days; 0 if left out.")


class RhythmSection(Section):
    """Relative intensity over local time; parts that are given multiply."""

    hours: list[Text] | None = Field(None, description="24 weights, one for each hour of the day from midnight.")
    weekdays: list[Text] | None = Field(None, description="7 weights from Monday, or `{mon: 1, tue: 1, ...}`.")
    months: list[Text] | None = Field(None, description="12 weights from January, or `{jan: 1, feb: 1, ...}`.")
    time_of_day: Text | None = Field(
        None, description="A distribution of the time of day: `normal(mean=12 hours, sd=2 hours)`."
    )
    holidays: HolidaysSection | None = Field(None, description="Dates that are different, and by how much.")
    about: Text | None = Field(None, description="What the rhythm stands for.")


class FieldSection(Section):
    """A field of an event."""

    shorthand: ClassVar[str] = "type"

    type: Text = Field(description="Type: a population, `money`, `number`, `label bool`, `category(a, b)`, ...")
    about: Text | None = Field(None, description="What it means.")
    unit: Text | None = Field(None, description="Unit in which it is shown to people.")


class EventSection(Section):
    """A kind of event. Written as its fields, or as ``{fields: {...}, about: ...}``."""

    fields: Named[FieldSection] = Field({}, description="Fields of the event: name and type.")  # type: ignore[assignment]
    about: Text | None = Field(None, description="What the event means.")


class ArgumentSection(Section):
    """An argument of a behavior."""

    shorthand: ClassVar[str] = "type"

    type: Text = Field(description="Type of the argument.")


class BehaviorSection(Section):
    """A rule. At most one of ``rate``, ``every``, ``at``, ``on``, ``when`` and ``enters``."""

    who: Text | None = Field(None, description="Population whose agents do it, or `world`.")
    rate: Text | None = Field(None, description="Poisson process of this rate: `owner.pace`, `3 per day`.")
    every: Text | None = Field(None, description="Gap until the next time, drawn anew each time.")
    at: OneOrMany[Text] = Field([], description="Given times: `30 days`, `2026-03-01 09:00`, `every monday 08:00`.")
    on: RoleSection | None = Field(None, description="An event, and the field with the agent: `purchase as merchant`.")
    when: Text | None = Field(None, description="Condition that turns true.")
    enters: OneOrMany[Text] = Field([], description="State or states that the agent enters.")
    rhythm: OneOrMany[Text] = Field([], description="Rhythm or rhythms that shape `rate` or `every`.")
    while_states: OneOrMany[Text] = Field([], alias="while", description="Only in this state, or these.")
    unless: OneOrMany[Text] = Field([], description="Not in this state, or these.")
    condition: Text | None = Field(None, alias="if", description="Only if this is true when it fires.")
    arguments: Named[ArgumentSection] = Field({}, description="Arguments that `after` passes: name and type.")
    do: Text | None = Field(None, description="What happens: the statements of the rule.")
    about: Text | None = Field(None, description="What the rule stands for.")


class ValueSection(Section):
    """A value under the name of a parameter."""

    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="The value.")


class InterventionSection(Section):
    """Parameters that take new values at a given time."""

    at: Text = Field(description="When: `45 days` or a date.")
    until: Text | None = Field(None, description="When the former values come back.")
    values: Named[ValueSection] = Field(alias="set", description="Parameters and their new values.")
    about: Text | None = Field(None, description="What happens.")
