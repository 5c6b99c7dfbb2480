"""Who is connected to whom."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from bustle.scenarios.diagnostics import Diagnostic, suggest
from bustle.scenarios.structure.section import Section, place_of
from bustle.scenarios.yaml_nodes import MappingNode, Text

KINDS: dict[str, tuple[str, ...]] = {
    "random": ("degree", "weight"),
    "preferential_attachment": ("links",),
    "small_world": ("neighbours", "rewire"),
    "nearest": ("neighbours", "radius", "position"),
    "blocks": ("by", "within", "between"),
    "file": ("file", "columns"),
    "complete": (),
}
"""The kinds of networks, each with the settings that only it (or few others) has."""

NEEDED: dict[str, tuple[str, ...]] = {
    "random": ("degree",),
    "preferential_attachment": ("links",),
    "small_world": ("neighbours", "rewire"),
    "nearest": ("position",),
    "blocks": ("by", "within", "between"),
    "file": ("file",),
}
"""The settings that a kind of network cannot do without."""

Pair = Annotated[list[Text], Field(min_length=2, max_length=2)]
"""A list of two."""


class NetworkSection(Section):
    """A network from one population to another (``from``, ``to``), or within one (``among``)."""

    what: ClassVar[str] = "a network"

    source: Text | None = Field(None, alias="from", description="Population whose agents have the neighbours.")
    target: Text | None = Field(None, alias="to", description="Population that the neighbours belong to.")
    among: Text | None = Field(None, description="Population connected to itself.")
    kind: Text | None = Field(
        None,
        json_schema_extra={"enum": list(KINDS)},
        description="random, preferential_attachment, small_world, nearest, blocks, file or complete; "
        "random if left out.",
    )
    degree: Text | None = Field(None, description="Number of neighbours of each agent, an expression.")
    weight: Text | None = Field(None, description="Relative chance of each candidate to be a neighbour.")
    links: Text | None = Field(None, description="New links of each node (preferential attachment).")
    neighbours: Text | None = Field(None, description="Number of nearest neighbours (small world, nearest).")
    rewire: Text | None = Field(None, description="Share of links that are rewired (small world).")
    radius: Text | None = Field(None, description="Largest distance of a neighbour (nearest).")
    position: Pair | None = Field(None, description="The two attributes that give the place: `[x, y]` (nearest).")
    by: Text | None = Field(None, description="Attribute that tells the blocks apart (blocks).")
    within: Text | None = Field(None, description="Chance of a link between two of the same block (blocks).")
    between: Text | None = Field(None, description="Chance of a link between two of different blocks (blocks).")
    file: Text | None = Field(None, description="CSV or Parquet file of edges (file).")
    columns: Pair | None = Field(None, description="Columns of the file with the two ends of an edge.")
    about: Text | None = Field(None, description="What the network means.")

    @classmethod
    def check(cls, mapping: MappingNode, problems: list[Diagnostic]) -> None:
        """It has two ends, and only the settings of its kind."""
        if "among" in mapping:
            for end in ("from", "to"):
                if end in mapping:
                    message, hint = f"`{end}` cannot stand beside `among`", "give `among`, or `from` and `to`"
                    problems.append(mapping.key_texts[end].problem(message, hint))
        elif "from" not in mapping or "to" not in mapping:
            hint = "write `from: buyer` and `to: shop`, or `among: person`"
            problems.append(place_of(mapping).problem("a network needs `from` and `to`, or `among`", hint))
        written = mapping.get("kind")
        kind = written.value if isinstance(written, Text) else "random"
        if kind not in KINDS:
            assert isinstance(written, Text)
            if not written.is_empty:
                problems.append(written.problem(f"unknown kind of network `{kind}`", suggest(kind, KINDS, "kinds")))
            return
        settings = {name for names in KINDS.values() for name in names}
        for key, _ in mapping.pairs():
            if key.value in settings and key.value not in KINDS[kind]:
                owners = " or ".join(other for other, names in KINDS.items() if key.value in names)
                hint = f"`kind: {owners}` has it"
                problems.append(key.problem(f"a network of kind {kind} has no `{key.value}`", hint))
        for name in NEEDED.get(kind, ()):
            if name not in mapping:
                problems.append(place_of(mapping).problem(f"a network of kind {kind} needs `{name}`"))
        if kind == "nearest" and ("neighbours" in mapping) == ("radius" in mapping):
            hint = "give one of them: the number of neighbours, or the largest distance"
            problems.append(place_of(mapping).problem("a network of kind nearest needs `neighbours` or `radius`", hint))
