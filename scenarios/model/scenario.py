"""The clock, and the whole of a checked scenario."""

from __future__ import annotations

from dataclasses import dataclass, field

from bustle.scenarios.model.audits import Audit
from bustle.scenarios.model.happenings import Behavior, Event, Intervention, Rhythm
from bustle.scenarios.model.people import Attribute, Network, Parameter, Population
from bustle.scenarios.model.tables import Experiment, Table


@dataclass(frozen=True, slots=True)
class Clock:
    """Start (naive local time as microseconds since 1970-01-01), length in microseconds, and IANA zone."""

    start_local: int
    length: int
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """A whole checked scenario. Dictionaries keep the file's order."""

    name: str
    title: str
    about: str
    seed: int
    clock: Clock
    parameters: dict[str, Parameter]
    world: dict[str, Attribute]
    populations: dict[str, Population]
    networks: dict[str, Network]
    rhythms: dict[str, Rhythm]
    events: dict[str, Event]
    behaviors: dict[str, Behavior]
    interventions: dict[str, Intervention]
    tables: dict[str, Table]
    experiment: Experiment | None
    values: dict[str, float | int | bool | str]
    scale: float
    folder: str
    uses: tuple[str, ...] = ()
    audits: dict[str, Audit] = field(default_factory=dict)
