"""The structure of a scenario file: its sections, read from YAML nodes into models whose leaves are text with a place."""

from __future__ import annotations

from bustle.scenarios.structure.people import (
    AttributeSection,
    ColumnNameSection,
    FileSection,
    GlobalSection,
    LinkSection,
    NetworkSection,
    PopulationSection,
    RoleSection,
    StateSection,
)
from bustle.scenarios.structure.rules import (
    ArgumentSection,
    BehaviorSection,
    EventSection,
    FieldSection,
    HolidaysSection,
    InterventionSection,
    RhythmSection,
    ValueSection,
)
from bustle.scenarios.structure.scenario_file import ClockSection, ParameterSection, ScenarioFile
from bustle.scenarios.structure.section import Named, OneOrMany, Section
from bustle.scenarios.structure.tables import ColumnSection, ExperimentSection, TableSection, VarySection

__all__ = [
    "ArgumentSection",
    "AttributeSection",
    "BehaviorSection",
    "ClockSection",
    "ColumnNameSection",
    "ColumnSection",
    "EventSection",
    "ExperimentSection",
    "FieldSection",
    "FileSection",
    "GlobalSection",
    "HolidaysSection",
    "InterventionSection",
    "LinkSection",
    "Named",
    "NetworkSection",
    "OneOrMany",
    "ParameterSection",
    "PopulationSection",
    "RhythmSection",
    "RoleSection",
    "ScenarioFile",
    "Section",
    "StateSection",
    "TableSection",
    "ValueSection",
    "VarySection",
]
