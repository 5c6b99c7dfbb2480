"""Who there is: populations, their attributes and links, and the networks between them."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bustle.scenarios.structure.section import Named, Section
from bustle.scenarios.yaml_nodes import Text


class GlobalSection(Section):
    """A named value that rules read and write."""

    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="Expression for the value at the start.")
    about: Text | None = Field(None, description="What it means.")


class AttributeSection(Section):
    """An attribute of each agent of a population."""

    shorthand: ClassVar[str] = "value"

    value: Text = Field(description="Expression, drawn once for each agent: `gamma(mean=1.2, shape=2) per day`.")
    about: Text | None = Field(None, description="What it means.")
    unit: Text | None = Field(None, description="Unit in which it is shown to people.")


class LinkSection(Section):
    """A link to one agent of a population.

    Either form may have been written: ``to`` alone, ``value`` alone, or both. The shorthand
    ``home: merchant`` or ``home: pick(merchant)`` is held in ``value``.
    """

    shorthand: ClassVar[str] = "value"

    to: Text | None = Field(None, description="The population linked to.")
    value: Text | None = Field(None, description="Expression that chooses the agent: `pick(merchant)`.")
    about: Text | None = Field(None, description="What it means.")


class StateSection(Section):
    """A state; ``moves`` are the states it may turn into, None for any."""

    shorthand: ClassVar[str] = "moves"

    moves: list[Text] | None = Field(None, description="The states that may follow.")


class ColumnNameSection(Section):
    """The column of a file that feeds the attribute ``key``."""

    shorthand: ClassVar[str] = "column"

    column: Text = Field(description="Name of the column in the file.")


class FileSection(Section):
    """A file whose rows are agents. Without ``columns`` every column becomes an attribute of its name."""

    shorthand: ClassVar[str] = "path"

    path: Text = Field(description="CSV or Parquet file, relative to the scenario's folder.")
    columns: Named[ColumnNameSection] | None = Field(
        None, description="Which column feeds which attribute: `income: INCOME_EUR`."
    )


class RoleSection(Section):
    """``NAME as ROLE``, read into its two names; ``role`` is None where it is left out."""

    name: Text
    role: Text | None = None


class PopulationSection(Section):
    """A population of agents. Exactly one of ``size``, ``one_per`` and ``from_file`` (which may have ``size`` too)."""

    size: Text | None = Field(None, description="Number of agents, an expression of parameters.")
    one_per: RoleSection | None = Field(
        None, description="One agent for each of another population: `cardholder as owner`."
    )
    from_file: FileSection | None = Field(
        None, description="A CSV or Parquet file with a row an agent; with `size`, rows are drawn from it."
    )
    about: Text | None = Field(None, description="Who they are.")
    attributes: Named[AttributeSection] = Field({}, description="Attributes of each agent: name and expression.")
    links: Named[LinkSection] = Field({}, description="Links to one agent of a population each.")
    states: Named[StateSection] = Field({}, description="Names of states, or each state with its allowed moves.")
    initial: Text | None = Field(None, description="State at the start, an expression; the first one if left out.")
    correlated: list[tuple[Text, Text, Text]] = Field(
        [], description="Rank correlations: `[[income, spending, 0.6]]` (Gaussian copula)."
    )
    python_class: Text | None = Field(
        None, alias="class", description="Agents written in Python: `file.py:ClassName` (needs --allow-code)."
    )


class NetworkSection(Section):
    """A network between two populations (``source`` and ``target``), or within one (``among``)."""

    source: Text | None = Field(None, alias="from", description="Population whose agents have the neighbours.")
    target: Text | None = Field(None, alias="to", description="Population that the neighbours belong to.")
    among: Text | None = Field(None, description="Population connected to itself.")
    kind: Text | None = Field(
        None,
        description="random, preferential_attachment, small_world, nearest, blocks, file or complete; "
        "random if left out.",
    )
    degree: Text | None = Field(None, description="Number of neighbours of each agent, an expression.")
    weight: Text | None = Field(None, description="Relative chance of each candidate to be a neighbour.")
    links: Text | None = Field(None, description="New links of each node (preferential attachment).")
    neighbours: Text | None = Field(None, description="Number of nearest neighbours (small world, nearest).")
    rewire: Text | None = Field(None, description="Share of links that are rewired (small world).")
    radius: Text | None = Field(None, description="Largest distance of a neighbour (nearest).")
    position: list[Text] | None = Field(None, description="The two attributes that give the place: `[x, y]` (nearest).")
    by: Text | None = Field(None, description="Attribute that tells the blocks apart (blocks).")
    within: Text | None = Field(None, description="Chance of a link between two of the same block (blocks).")
    between: Text | None = Field(None, description="Chance of a link between two of different blocks (blocks).")
    file: Text | None = Field(None, description="CSV or Parquet file of edges (file).")
    columns: list[Text] | None = Field(None, description="Columns of the file with the two ends of an edge.")
    about: Text | None = Field(None, description="What the network means.")
