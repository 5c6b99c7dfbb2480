"""The top level of a scenario file, its clock and its knobs."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from bustle.scenarios.structure.audits import AuditSection
from bustle.scenarios.structure.named import Named, NamedElsewhere, OneOrMany
from bustle.scenarios.structure.networks import NetworkSection
from bustle.scenarios.structure.people import GlobalSection, PopulationSection
from bustle.scenarios.structure.rules import BehaviorSection, EventSection, InterventionSection, RhythmSection
from bustle.scenarios.structure.section import Section
from bustle.scenarios.structure.tables import ExperimentSection, TableSection
from bustle.scenarios.yaml_nodes import Text


class ClockSection(Section):
    """Simulated time."""

    what: ClassVar[str] = "the clock"

    start: Text = Field(description="First instant, as a date `2026-01-01` or a date with a time of day.")
    length: Text = Field(description="How long the run lasts, such as `90 days`.")
    timezone: Text | None = Field(None, description="IANA name of the time zone, such as `Europe/Berlin`.")


class ParameterSection(Section):
    """A named knob, set by the command line, interventions and experiments."""

    what: ClassVar[str] = "a parameter"
    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="Default value, with its unit: `40`, `4 hours`, `0.2 percent`.")
    min: Text | None = Field(None, description="Smallest value that may be set.")
    max: Text | None = Field(None, description="Largest value that may be set.")
    choices: Annotated[list[Text], Field(min_length=1)] | None = Field(
        None, description="The only values that may be set."
    )
    unit: Text | None = Field(None, description="Unit in which the value is shown to people.")
    about: Text | None = Field(None, description="What the parameter means, in a few words.")
    because: Text | None = Field(None, description="Where the number comes from; it ends up in the dataset's card.")


class ScenarioFile(Section):
    """One scenario file: who, when, what happens, and what is recorded."""

    what: ClassVar[str] = "a scenario"

    scenario: Text = Field(description="Name of the scenario: letters, digits and underscores.")
    title: Text | None = Field(None, description="One line that says what the scenario makes.")
    about: Text | None = Field(None, description="A longer description, for the dataset's card.")
    seed: Text | None = Field(None, description="Default seed, a whole number from 0; 1 if left out.")
    scale: Text | None = Field(None, description="Factor on the size of every population; 1 if left out.")
    use: OneOrMany = Field([], description="Other scenario files whose sections are pulled in.")
    clock: ClockSection = Field(description="Start, length and time zone of simulated time.")
    parameters: Named[ParameterSection] = Field({}, description="Named knobs: all that may vary between runs.")
    world: Named[GlobalSection] = Field({}, description="Globals: named values that rules read and write.")
    populations: Named[PopulationSection] = Field({}, description="Who there is: populations of agents.")
    networks: Named[NetworkSection] = Field({}, description="Who is connected to whom.")
    rhythms: Named[RhythmSection] = Field({}, description="When things happen: relative intensity over local time.")
    events: Named[EventSection] = Field({}, description="What the event log holds: kinds of events and their fields.")
    behaviors: Named[BehaviorSection] = Field({}, description="The rules: who does what, and when.")
    interventions: Named[InterventionSection] = Field({}, description="Parameters that change at a given time.")
    record: Named[TableSection] = Field({}, description="The tables that are made from the event log.")
    audit: NamedElsewhere[AuditSection] = Field(
        {}, description="How the tables are audited: which column plays which part."
    )
    experiment: ExperimentSection | None = Field(None, description="Parameters to vary and what to measure.")

    @classmethod
    def sections_of_names(cls) -> tuple[str, ...]:
        """The sections that hold things by name."""
        return (
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
