"""Parameters, populations with their attributes and links, and networks."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.scenarios.model.expressions import Expr
from bustle.scenarios.types import Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named knob. ``minimum`` and ``maximum`` are in the held form of ``type``."""

    name: str
    type: Type
    default: float | int | bool | str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    about: str = ""
    because: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: sampled from ``value`` when the agent is made. ``mutable`` if a rule assigns it."""

    name: str
    type: Type
    value: Expr
    mutable: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """An attribute taken from a column of the population's file."""

    attribute: str
    column: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one agent of ``population``.

    ``one_per`` links are one to one, in order; others are sampled by ``value``.
    """

    name: str
    population: str
    one_per: bool
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """A population. ``attributes`` stand in an order in which each needs only earlier ones.

    ``scaled`` is false if the scenario's scale leaves its size as it is.
    """

    name: str
    size: Expr | None
    attributes: tuple[Attribute, ...] = ()
    links: tuple[Link, ...] = ()
    states: tuple[str, ...] = ()
    moves: frozenset[tuple[int, int]] = frozenset()
    initial_state: Expr | None = None
    correlations: tuple[tuple[str, str, Expr], ...] = ()
    file: str | None = None
    file_columns: tuple[FileColumn, ...] = ()
    python_class: str | None = None
    about: str = ""
    scaled: bool = True

    def attribute(self, name: str) -> Attribute:
        """The attribute called ``name``; KeyError if there is none."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Network:
    """A network from one population to another (or the same).

    ``kind`` is one of ``random``, ``preferential_attachment``, ``small_world``, ``nearest``,
    ``blocks``, ``file``, ``complete``; ``options`` holds the kind's own settings, as expressions
    (``degree``, ``weight``, ``links``, ``neighbours``, ``rewire``, ``radius``, ``within``, ``between``),
    names (``position``: attribute names, ``by``: an attribute name) or text (``file``, ``from_column``, ``to_column``).
    """

    name: str
    source: str
    target: str
    kind: str
    options: dict[str, Expr | tuple[str, ...] | str]
    about: str = ""
