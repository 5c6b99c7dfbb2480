"""What is recorded and measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bustle.scenarios.model.expressions import Expr
from bustle.scenarios.model.features import Feature


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    ``role`` is ``input``, ``label`` or ``known``: the instant at which the table's labels become known.
    """

    name: str
    value: Expr
    role: Literal["input", "label", "known"] = "input"
    about: str = ""


@dataclass(frozen=True, slots=True)
class EachTable:
    """One row per event; with ``window`` (microseconds) and ``by`` (fields), aggregates per window and group.

    ``features`` are further columns of a table without ``window``, computed from its rows up to each one.
    """

    name: str
    event: str
    columns: tuple[Column, ...]
    where: Expr | None = None
    window: int | None = None
    by: tuple[Column, ...] = ()
    about: str = ""
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentTable:
    """One row per agent of ``population``, at the end or at each of ``at`` (instants, with a column ``time``)."""

    name: str
    population: str
    columns: tuple[Column, ...]
    where: Expr | None = None
    at: tuple[Expr, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class SampleTable:
    """One row every ``every`` microseconds (with a column ``time``), of aggregates over the populations."""

    name: str
    every: int
    columns: tuple[Column, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """One row per pair of agents.

    The pairs are the edges of ``network``, or the agents ``source`` and ``target`` of ``event``,
    then with aggregate columns.
    """

    name: str
    network: str | None
    event: str | None
    source: Expr | None
    target: Expr | None
    columns: tuple[Column, ...]
    where: Expr | None = None
    about: str = ""


Table = EachTable | AgentTable | SampleTable | EdgeTable


@dataclass(frozen=True, slots=True)
class Experiment:
    """Parameters to vary, replications and measures; run by a later stage."""

    vary: tuple[tuple[str, tuple[Expr, ...]], ...]
    replications: int
    measures: tuple[tuple[str, Expr], ...]
