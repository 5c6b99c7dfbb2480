"""Features of a table's rows, as they are asked for."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.structure.named import NamedElsewhere, OneOrMany
from bustle.scenarios.structure.section import Section, place_of
from bustle.scenarios.yaml_nodes import MappingNode, Text

OF_LABELS = ("known", "found", "risk")
"""Measures of labels."""

IN_WINDOWS = ("count", "sum", "mean", "distinct", *OF_LABELS)
"""Measures that are taken over windows."""

MEASURES = (*IN_WINDOWS, "since_last")
"""All measures, in the order in which their columns stand."""


class FeatureSection(Section):
    """What is measured of the rows that share a value of one column: of a card, say, or of a merchant."""

    what: ClassVar[str] = "features"
    refused_names: ClassVar[frozenset[str] | None] = None

    windows: OneOrMany = Field([], description="Lengths of the windows, each of which ends with the row.")
    count: Text | None = Field(None, description="`true` for the number of rows, this one included.")
    sum: OneOrMany = Field([], description="Columns to sum over the rows.")
    mean: OneOrMany = Field([], description="Columns to average over the rows.")
    distinct: OneOrMany = Field([], description="Columns of which to count the different values.")
    since_last: Text | None = Field(None, description="`true` for the time since the row before.")
    known: OneOrMany = Field([], description="Labels to count once they are known.")
    found: OneOrMany = Field([], description="Labels to count once they are known to be true.")
    risk: OneOrMany = Field([], description="Labels to take the share of true ones of, once they are known.")
    delay: Text | None = Field(None, description="When labels are known, as a time after the row; else `known` tells.")

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """Something is measured, and what is given is of use."""
        measured = [name for name in mapping if name in MEASURES]
        if not measured:
            hint = "write `count: true`, or " + ", ".join(f"`{name}:`" for name in MEASURES[1:])
            problems.append(place_of(mapping).problem("nothing is measured here", hint))
            return
        needing = next((name for name in measured if name in IN_WINDOWS), None)
        if needing is not None and "windows" not in mapping:
            key = mapping.key_texts[needing]
            problems.append(key.problem(f"`{needing}` needs `windows`", "write `windows: [1 day, 7 days]`"))
        if needing is None and "windows" in mapping:
            problems.append(mapping.key_texts["windows"].problem("nothing here is measured over windows"))
        if "delay" in mapping and not any(name in OF_LABELS for name in measured):
            hint = "it says when labels are known: of `known`, `found` and `risk`"
            problems.append(mapping.key_texts["delay"].problem("`delay` is of no use here", hint))


class FeaturesOfRows(Section):
    """Features by the column that says which rows belong together, for rows that no scenario made."""

    features: NamedElsewhere[FeatureSection] = Field(description="Features by column.")
