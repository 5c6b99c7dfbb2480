"""Who the agents of somebody's model are: their ids, and their attributes for the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bustle.outputs.attach.convert import TimeReader, plain_id
from bustle.scenarios.model import Population

AgentColumns = Mapping[str, list[Any]]
"""Values of every attribute in held form, and ``born`` and ``retired`` (see `EventSink.write_agents`)."""


class Roster(Protocol):
    """Gives agents their ids while a model runs, and their attributes at the end."""

    @property
    def populations(self) -> Mapping[str, Mapping[str, str]]:
        """The attributes and their types of each population whose agents are recorded."""

    def agent_id(self, population: str, agent: Any) -> int:
        """The id of ``agent``. Raises TypeError or ValueError if it is none of ``population``."""

    def sizes(self) -> Mapping[str, int]:
        """How many agents each population has had."""

    def columns(self, population: Population, times: TimeReader) -> AgentColumns:
        """The agents of one of ``populations`` at the end, in order of id."""

    def detach(self) -> None:
        """Let go of the model: nothing that was added to it stays."""


class Ids:
    """The roster of a model whose agents are known by number alone."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}

    @property
    def populations(self) -> Mapping[str, Mapping[str, str]]:
        """None: there is nothing to record but ids."""
        return {}

    def agent_id(self, population: str, agent: Any) -> int:
        """``agent`` itself, a whole number from 0."""
        index = plain_id(population, agent)
        self._sizes[population] = max(self._sizes.get(population, 0), index + 1)
        return index

    def sizes(self) -> Mapping[str, int]:
        """One more than the largest id seen, for each population."""
        return dict(self._sizes)

    def columns(self, population: Population, times: TimeReader) -> AgentColumns:
        """Nothing is known."""
        raise KeyError(population.name)

    def detach(self) -> None:
        """Nothing was attached."""
