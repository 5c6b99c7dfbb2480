"""The agents a column of values is computed for, and the world they look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from bustle.agents.network import Csr
from bustle.agents.population import Array, Indices

Held = float | int | bool | str
"""A single value in held form."""


class Surroundings(Protocol):
    """What expressions can read of the world around an agent."""

    @property
    def seed(self) -> int:
        """The run's seed."""

    def size(self, population: str) -> int:
        """Number of agents of ``population``."""

    def column(self, population: str, name: str) -> Array:
        """A whole column of ``population``: an attribute, a link, or ``state``."""

    def network(self, name: str) -> Csr:
        """A network."""

    def parameter(self, name: str) -> Held:
        """A parameter's value."""

    def world_value(self, name: str) -> Held:
        """A global's value."""

    def file_column(self, path: str, column: str) -> Array:
        """A column of a file, for `Empirical` draws."""

    def moment(self, function: str, instants: Indices) -> Array:
        """``hour``, ``weekday``, ``day``, ``month`` or ``time_of_day`` of instants."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """One lane a value: whose value it is, and how its draws are keyed.

    Attributes:
        size: Number of lanes.
        agents: int64 index of the acting agent of each lane; None for the world.
        identities: int64 identity that keys the lane's draws; None means 0 everywhere (the world).
        own: Reads a column of the acting agents themselves, which need not be in the world yet; its
            values are taken at ``rows``. None: the world's columns are read at ``agents``.
        rows: int64 place of each lane in the columns that ``own`` gives.
        candidates: int64 index of the agent looked at by ``where`` or ``by``; None outside of them.
        occurrence: Number of the firing, for all lanes or each.
        now: int64 instants, for all lanes or each.
        quantiles: For correlated attributes: probabilities (float64, by row of ``own``) that take the place
            of a fresh draw, by purpose.
    """

    size: int
    agents: Indices | None = None
    identities: Indices | None = None
    own: Callable[[str], Array] | None = None
    rows: Indices | None = None
    candidates: Indices | None = None
    occurrence: Indices | int = 0
    now: Indices | int = 0
    quantiles: Mapping[str, Array] = field(default_factory=dict)

    def take(self, chosen: Array) -> Lanes:
        """The lanes at ``chosen`` (indices or a mask)."""

        def part(values: Indices | None) -> Indices | None:
            return None if values is None else values[chosen]

        size = int(np.count_nonzero(chosen)) if chosen.dtype == np.bool_ else len(chosen)
        return replace(
            self,
            size=size,
            agents=part(self.agents),
            identities=part(self.identities),
            rows=part(self.rows),
            candidates=part(self.candidates),
            occurrence=self.occurrence if isinstance(self.occurrence, int) else self.occurrence[chosen],
            now=self.now if isinstance(self.now, int) else self.now[chosen],
        )

    def looking_at(self, candidates: Indices) -> Lanes:
        """The same lanes, each looking at a candidate."""
        return replace(self, candidates=candidates)

    def keys(self) -> Indices:
        """The int64 identities that key draws."""
        return np.zeros(self.size, dtype=np.int64) if self.identities is None else self.identities


WORLD = Lanes(size=1)
"""One lane without an agent, for sizes, options of networks and globals."""


def population_lanes(size: int) -> Lanes:
    """All agents of a population that is in the world."""
    every = np.arange(size, dtype=np.int64)
    return Lanes(size=size, agents=every, identities=every)
