"""What the compiled parts of one run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bustle.agents.build import World
from bustle.agents.randomness import purpose_key
from bustle.scenarios.calendar import Calendar
from bustle.scenarios.model import Model
from bustle.sim.facts import Facts
from bustle.sim.reference.networks import GroupIndex, NeighbourLists, csr_backwards
from bustle.sim.reference.scheduler import Scheduler
from bustle.sim.reference.society import AnyAgent, Society
from bustle.sim.reference.watch import Watch

if TYPE_CHECKING:
    from bustle.sim.reference.emission import Outlet
    from bustle.sim.reference.rules import Rule
    from bustle.sim.reference.spawning import Spawner
    from bustle.sim.reference.transitions import Transitions


@dataclass(slots=True)
class Runtime:
    """The state of a run, and the parts that rules reach.

    Attributes:
        model: the checked scenario.
        seed: keys every draw.
        world: populations, networks and globals as built.
        calendar: local time.
        scheduler: the queue and the clock.
        society: the agents.
        watch: who must hear of which change.
        values: parameters by name, as they stand now.
        globals: globals by name, as they stand now.
        facts: what rules and interventions may change.
        rules: every behavior, by name.
        outlets: where events go, by name of the event.
        transitions: how agents change state, by population with states.
        spawners: how agents are made, by population.
    """

    model: Model
    seed: int
    world: World
    calendar: Calendar
    scheduler: Scheduler
    society: Society
    watch: Watch
    values: dict[str, Any]
    globals: dict[str, Any]
    rules: dict[str, Rule] = field(default_factory=dict)
    outlets: dict[str, Outlet] = field(default_factory=dict)
    transitions: dict[str, Transitions] = field(default_factory=dict)
    spawners: dict[str, Spawner] = field(default_factory=dict)
    facts: Facts = field(init=False)
    _groups: dict[tuple[str, str], GroupIndex] = field(default_factory=dict)
    _neighbours: dict[tuple[str, bool], NeighbourLists] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = Facts(self.model)

    @property
    def python_populations(self) -> tuple[str, ...]:
        """Names of the populations written in Python."""
        return self.facts.python_populations

    def key(self, purpose: str) -> int:
        """The key of a purpose's draws."""
        return purpose_key(self.seed, purpose)

    @property
    def behavior_names(self) -> tuple[str, ...]:
        """What the codes of the log's ``behavior`` column mean: behaviors, then populations written in Python."""
        return (*self.model.behaviors, *self.python_populations)

    def agents_of(self, who: str | None) -> list[AnyAgent]:
        """Those who run a behavior: a population's agents, or the world alone."""
        return [self.society.world] if who is None else self.society.populations[who]

    def attach(self) -> None:
        """Give the agents' model what agents written in Python reach through it."""
        from bustle.sim.reference.python_side import PythonSide

        self.society.side = PythonSide(self)

    def begin_python_agent(self, agent: AnyAgent) -> None:
        """Initialise an agent written in Python and start its process, now."""
        self.society.side.begin(agent)

    def group(self, population: str, link: str) -> GroupIndex:
        """Agents of ``population`` by the agent their ``link`` points at; kept up to date."""
        index = self._groups.get((population, link))
        if index is None:
            index = GroupIndex(self.society.populations[population], self.society.getter(population, link))
            self._groups[population, link] = index
            self.watch.hooks_of(population, link).insert(0, index.moved)
            self.watch.born.setdefault(population, []).insert(0, index.added)
        return index

    def neighbours(self, network: str, backwards: bool = False) -> NeighbourLists:
        """Neighbours of every agent in ``network``; with ``backwards``, those whose neighbour it is."""
        lists = self._neighbours.get((network, backwards))
        if lists is None:
            declared = self.model.networks[network]
            csr = self.world.networks[network]
            target = declared.source if backwards else declared.target
            if backwards:
                csr = csr_backwards(csr, len(self.society.populations[declared.target]))
            lists = NeighbourLists(csr, self.society.populations[target])
            self._neighbours[network, backwards] = lists
        return lists
