"""Who is next to whom: neighbours in networks, and agents gathered by a link."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from operator import attrgetter

from bustle.agents.network import Csr, from_pairs
from bustle.sim.reference.society import AnyAgent

_NOBODY: tuple[AnyAgent, ...] = ()
_BY_ID = attrgetter("id")


def csr_backwards(csr: Csr, targets: int) -> Csr:
    """The network with every edge turned round, sources in order of id."""
    ours, theirs = csr.pairs()
    return from_pairs(theirs, ours, targets)


class NeighbourLists:
    """Neighbours as lists of agents, each made from the CSR arrays when first asked for.

    Attributes:
        lists: those made so far, by index of the agent; each stays the same list for the whole run.
    """

    __slots__ = ("_agents", "_csr", "lists")

    def __init__(self, csr: Csr, agents: list[AnyAgent]) -> None:
        self._csr = csr
        self._agents = agents
        self.lists: dict[int, list[AnyAgent]] = {}

    def of(self, agent: AnyAgent) -> Sequence[AnyAgent]:
        """The neighbours in canonical order, retired ones too; nobody for ``none`` and for agents made later."""
        if agent is None:
            return _NOBODY
        index = agent.id
        found = self.lists.get(index)
        if found is None:
            agents = self._agents
            found = self.lists[index] = [agents[i] for i in self._csr.neighbours(index).tolist()]
        return found


class GroupIndex:
    """The agents that point at each agent by one link, in order of id."""

    __slots__ = ("_groups", "_link")

    def __init__(self, agents: Sequence[AnyAgent], link: Callable[[AnyAgent], AnyAgent]) -> None:
        self._link = link
        self._groups: dict[AnyAgent, list[AnyAgent]] = {}
        for agent in agents:
            self.added(agent)

    def of(self, agent: AnyAgent) -> Sequence[AnyAgent]:
        """The agents linked to ``agent``, retired ones too; nobody for ``none``."""
        return self._groups.get(agent, _NOBODY)

    def added(self, agent: AnyAgent) -> None:
        """Take in an agent made during the run; its index is the highest."""
        target = self._link(agent)
        if target is not None:
            self._groups.setdefault(target, []).append(agent)

    def moved(self, agent: AnyAgent, former: AnyAgent) -> None:
        """Move an agent whose link was changed from ``former``."""
        if former is not None:
            self._groups[former].remove(agent)
        target = self._link(agent)
        if target is not None:
            insort(self._groups.setdefault(target, []), agent, key=_BY_ID)
