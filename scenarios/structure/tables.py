"""What is recorded and measured: tables and experiments."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bustle.scenarios.structure.rules import ValueSection
from bustle.scenarios.structure.section import Named, OneOrMany, Section
from bustle.scenarios.yaml_nodes import Text


class ColumnSection(Section):
    """A column of a table; ``amount`` alone stands for ``amount: amount``."""

    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="Expression for the column.")
    about: Text | None = Field(None, description="What it means.")


class TableSection(Section):
    """A table. Exactly one of ``each``, ``of``, ``every`` and ``edges``."""

    each: Text | None = Field(None, description="An event: one row for each, or for each window of them.")
    of: Text | None = Field(None, description="A population: one row for each agent.")
    every: Text | None = Field(None, description="A duration: one row each time it has passed.")
    edges: Text | None = Field(None, description="A network, or an event with `from` and `to`: one row for each pair.")
    columns: Named[ColumnSection] = Field({}, description="Columns: `[time, amount, category: merchant.category]`.")
    labels: Named[ColumnSection] = Field({}, description="Columns that are ground truth, never features.")
    known: ColumnSection | None = Field(None, description="When the labels of a row become known, an instant.")
    where: Text | None = Field(None, description="Only rows for which this is true.")
    window: Text | None = Field(None, description="Length of the windows of time that rows are summed up over.")
    by: Named[ColumnSection] = Field({}, description="What the rows of a window are grouped by.")
    source: Text | None = Field(None, alias="from", description="First end of a pair: a field of the event.")
    target: Text | None = Field(None, alias="to", description="Second end of a pair: a field of the event.")
    at: OneOrMany[Text] = Field([], description="When agents are recorded; at the end if left out.")
    about: Text | None = Field(None, description="What the table holds.")


class VarySection(Section):
    """The values that one parameter takes in turn."""

    shorthand: ClassVar[str] = "values"

    values: list[Text] = Field(description="The values.")


class ExperimentSection(Section):
    """Parameters to vary, how often, and what to measure."""

    vary: Named[VarySection] = Field({}, description="Parameters and the values that each takes.")
    replications: Text | None = Field(None, description="Runs with different seeds for each combination; 1 if left out.")
    measure: Named[ValueSection] = Field({}, description="What to measure: name and expression.")
