"""What a scenario declares, and what a name means at one place of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bustle.scenarios.types import Type


@dataclass(slots=True)
class PopulationNames:
    """The names of one population. ``attributes`` maps to a type, or None while it is not known.

    ``one_per`` is the link that pairs it with another population; ``is_open`` marks a population with more
    attributes than are known here, since its file cannot be read.
    """

    name: str
    attributes: dict[str, Type | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    one_per: str = ""
    is_open: bool = False


@dataclass(slots=True)
class BehaviorNames:
    """Who does a behavior (None is the world), and what a call to it must give."""

    who: str | None
    arguments: dict[str, Type | None] = field(default_factory=dict)
    is_broken: bool = False


@dataclass(slots=True)
class Names:
    """Everything that has a name, for looking it up. A type is None when its declaration is broken.

    ``networks`` gives the populations that each joins; until they are known, ``later_networks`` has their names.
    """

    parameters: dict[str, Type | None] = field(default_factory=dict)
    world: dict[str, Type | None] = field(default_factory=dict)
    populations: dict[str, PopulationNames] = field(default_factory=dict)
    networks: dict[str, tuple[str, str]] = field(default_factory=dict)
    later_networks: set[str] = field(default_factory=set)
    rhythms: tuple[str, ...] = ()
    events: dict[str, dict[str, Type | None]] = field(default_factory=dict)
    behaviors: dict[str, BehaviorNames] = field(default_factory=dict)
    attribute_type: Callable[[str, str], Type | None] = lambda population, name: None

    def linking(self, population: str, to: str) -> list[str]:
        """The links of ``population`` that lead to ``to``."""
        return [link for link, target in self.populations[population].links.items() if target == to]


class Purposes:
    """Hands out the purpose of each draw: the owner's name and the name being drawn.

    The second draw for the same name is called ``name#2``, and so on in the order of the text.
    """

    def __init__(self, owner: str, label: str = "") -> None:
        self.owner = owner
        self.label = label
        self.used: dict[str, int] = {}

    def next(self, fallback: str) -> str:
        """The purpose for the next draw under the current label."""
        label = self.label or fallback
        self.used[label] = self.used.get(label, 0) + 1
        number = self.used[label]
        name = label if number == 1 else f"{label}#{number}"
        return f"{self.owner}.{name}" if name else self.owner


@dataclass(frozen=True, slots=True)
class LocalName:
    """A local name: its place in the frame; its type is None when its assignment was broken.

    ``sure`` is False where only some of the ways to this place have given it a value.
    """

    slot: int
    type: Type | None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression at one place may see.

    ``acting`` is the population of ``self``; ``candidate`` the population whose members ``where``, ``by``
    or an aggregate look at; ``event`` the event of an ``on`` behavior. In tables ``row`` is the event whose
    rows columns read one by one, ``rows_of`` the one whose rows they sum up; ``numbered`` adds the number of
    the row, ``agent_table`` adds ``born`` and ``retired``. ``event_sets`` lets aggregates run over events.
    ``forbidden`` maps a feature to the reason why it cannot stand here.
    """

    names: Names
    purposes: Purposes
    acting: str | None = None
    candidate: str | None = None
    event: str | None = None
    row: str | None = None
    rows_of: str | None = None
    numbered: bool = False
    agent_table: bool = False
    event_sets: bool = False
    locals: dict[str, LocalName] = field(default_factory=dict)
    forbidden: dict[str, str] = field(default_factory=dict)

    def looking_at(self, population: str) -> Scope:
        """The scope inside ``where=``, ``by=`` or an aggregate over ``population``."""
        reason = "a condition or weight of a candidate cannot draw or pick; draw before and use the name"
        return replace(self, candidate=population, forbidden=self.forbidden | {"draw": reason, "pick": reason})
