"""The structure of a scenario file: its sections, models whose leaves are text with a place."""

from __future__ import annotations

from bustle.scenarios.structure.audits import (
    AuditBalanceSection,
    AuditBandSection,
    AuditColumnSection,
    AuditFile,
    AuditFilterSection,
    AuditLabelSection,
    AuditPayeesSection,
    AuditSection,
    AuditSkipSection,
    AuditTimeSection,
)
from bustle.scenarios.structure.features import FeatureSection, FeaturesOfRows
from bustle.scenarios.structure.named import Named, OneOrMany
from bustle.scenarios.structure.networks import NetworkSection
from bustle.scenarios.structure.parse import Parsed, parse
from bustle.scenarios.structure.people import (
    AttributeSection,
    ColumnNameSection,
    FileSection,
    GlobalSection,
    LinkSection,
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
from bustle.scenarios.structure.section import Section
from bustle.scenarios.structure.tables import (
    ColumnSection,
    ExperimentSection,
    MeasureSection,
    TableSection,
    VarySection,
)

__all__ = [
    "ArgumentSection",
    "AttributeSection",
    "AuditBalanceSection",
    "AuditBandSection",
    "AuditColumnSection",
    "AuditFile",
    "AuditFilterSection",
    "AuditLabelSection",
    "AuditPayeesSection",
    "AuditSection",
    "AuditSkipSection",
    "AuditTimeSection",
    "BehaviorSection",
    "ClockSection",
    "ColumnNameSection",
    "ColumnSection",
    "EventSection",
    "ExperimentSection",
    "FeatureSection",
    "FeaturesOfRows",
    "FieldSection",
    "FileSection",
    "GlobalSection",
    "HolidaysSection",
    "InterventionSection",
    "LinkSection",
    "MeasureSection",
    "Named",
    "NetworkSection",
    "OneOrMany",
    "ParameterSection",
    "Parsed",
    "PopulationSection",
    "RhythmSection",
    "RoleSection",
    "ScenarioFile",
    "Section",
    "StateSection",
    "TableSection",
    "ValueSection",
    "VarySection",
    "parse",
]
