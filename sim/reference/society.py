"""Agents as Mesa knows them: one class a population, in one Mesa model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

import mesa
from mesa.agent import AgentSet

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Model, Population

if TYPE_CHECKING:
    from bustle.sim.python_agents import PythonAgent
    from bustle.sim.reference.python_side import PythonSide

_TAKEN = frozenset(dir(mesa.Agent)) | {
    *("id", "model", "pos", "unique_id"),
    *("after", "become", "draw", "emit", "env", "episode", "neighbours", "pick", "process", "schedule"),
}
"""Names that a Mesa agent or a `bustle.sim.python_agents.PythonAgent` uses itself."""

ALIVE = -1
"""Value of ``_retired`` while an agent has not retired."""


class KeyedDrawsOnly:
    """Stands where Mesa keeps a random generator: a run has no draws but keyed ones."""

    def __getattr__(self, name: str) -> Any:
        """Refuse.

        Raises:
            RunError: Always, but for Python's own double-underscore names.
        """
        if name.startswith("__"):
            raise AttributeError(name)
        raise RunError(
            f"`random.{name}` would make the run depend on more than its seed: draw with self.draw(...) instead"
        )


def slot_name(attribute: str) -> str:
    """The Python name that holds a scenario's attribute; one that agents use themselves gets an underscore.

    >>> slot_name("pace"), slot_name("random"), slot_name("state")
    ('pace', 'random_', 'state')
    """
    return f"{attribute}_" if attribute in _TAKEN and attribute != "id" else attribute


class DeclaredAgent(mesa.Agent):  # type: ignore[misc]
    """An agent of a population that the scenario declares.

    Attributes, links (as agents) and ``state`` (a code) of the scenario are attributes of the object, in held form.

    Attributes:
        id: index in its population.
    """

    __slots__ = ("_born", "_identity", "_retired", "id")

    model: Society
    _population: str
    _position: int
    pos = None
    id: int
    _identity: int
    _born: int
    _retired: int

    @property
    def unique_id(self) -> int:
        """A number from 1 that no other agent of the run has."""
        return 1 + self._position + self.id * len(self.model.populations)

    def become(self, state: str) -> None:
        """Enter a state of the population, by name.

        Raises:
            RunError: the move is not among the allowed ones.
        """
        self.model.side.become(self, state)

    def remove(self) -> None:
        """Retire: clocks stop, and no pick finds the agent again."""
        self.model.retire(self)


class WorldAgent(DeclaredAgent):
    """Who acts in behaviors of the world. It is in no population."""

    __slots__ = ()
    _population = ""
    _position = -1

    def __init__(self) -> None:
        self.id = -1
        self._identity = 0
        self._born = 0
        self._retired = ALIVE


AnyAgent = Any
"""A `DeclaredAgent` or a `bustle.sim.python_agents.PythonAgent`."""


class Society(mesa.Model):  # type: ignore[misc]
    """The Mesa model of a run.

    ``agents`` and ``agents_by_type`` work as in Mesa; the agent sets are made when first asked for, so that a run
    which does not use them does not pay for them.

    Attributes:
        populations: every agent ever made, by population, in order of index; retired ones stay.
        classes: the class of each population's agents.
        world: the agent of behaviors that no agent does.
        retire: retires an agent.
        side: what agents written in Python reach of the run.
    """

    side: PythonSide

    def __init__(self, model: Model, python_classes: Mapping[str, type[PythonAgent]]) -> None:
        self.running = True  # Mesa's own constructor is not called: it would make two random generators
        self.steps = 0
        self.random = cast(Any, KeyedDrawsOnly())
        self.rng = cast(Any, KeyedDrawsOnly())
        self.scenario = model
        self.world = WorldAgent()
        self.populations: dict[str, list[AnyAgent]] = {name: [] for name in model.populations}
        self.classes: dict[str, type[AnyAgent]] = {}
        self.retire: Callable[[AnyAgent], None] = _not_running
        self._sets: dict[type[AnyAgent], AgentSet[Any]] | None = None
        self._everyone: AgentSet[Any] | None = None
        for position, population in enumerate(model.populations.values()):
            self.classes[population.name] = (
                _python_class(population, python_classes)
                if population.python_class is not None
                else _declared_class(self, population, position)
            )

    def make(self, population: str, count: int, columns: Mapping[str, Sequence[Any]]) -> list[AnyAgent]:
        """Make the agents of a population at the start of a run.

        Args:
            population: its name.
            count: how many.
            columns: values by attribute name, in held form; links still as indices are set later with `fill`.
        """
        cls = self.classes[population]
        new: Callable[[type[AnyAgent]], AnyAgent] = object.__new__
        agents = [new(cls) for _ in range(count)]
        self.populations[population].extend(agents)
        if not issubclass(cls, DeclaredAgent):
            self.fill(population, "model", [self] * count)
            self.fill(population, "_population", [population] * count)
            self.fill(population, "_position", [list(self.populations).index(population)] * count)
        for name, values in (("id", range(count)), ("_identity", range(count))):
            self.fill(population, name, values)
        for name in ("_born", "_retired"):
            self.fill(population, name, [0 if name == "_born" else ALIVE] * count)
        for name, column in columns.items():
            self.fill(population, slot_name(name), column)
        return agents

    def fill(self, population: str, name: str, values: Sequence[Any]) -> None:
        """Set one Python attribute of every agent of a population."""
        deque(map(self.setter(population, name), self.populations[population], values), maxlen=0)

    def setter(self, population: str, name: str) -> Callable[[AnyAgent, Any], None]:
        """What sets the Python attribute ``name``, past any hook of the class."""
        descriptor = getattr(self.classes[population], name, None)
        if descriptor is not None and hasattr(descriptor, "__set__"):
            return cast(Callable[[AnyAgent, Any], None], descriptor.__set__)
        return lambda agent, value: object.__setattr__(agent, name, value)

    def getter(self, population: str, attribute: str) -> Callable[[AnyAgent], Any]:
        """What reads an attribute of the scenario."""
        return attrgetter(slot_name(attribute))

    # --- what Mesa users expect ------------------------------------------------

    @property
    def agents(self) -> AgentSet[Any]:
        """All agents that have not retired."""
        if self._everyone is None:
            self._everyone = AgentSet(self._alive(self.populations), random=cast(Any, self.random))
        return self._everyone

    @property
    def agents_by_type(self) -> dict[type[Any], AgentSet[Any]]:
        """The agents that have not retired, by class."""
        if self._sets is None:
            names: dict[type[Any], list[str]] = {}
            for name, cls in self.classes.items():
                names.setdefault(cls, []).append(name)
            self._sets = {cls: AgentSet(self._alive(of), random=cast(Any, self.random)) for cls, of in names.items()}
        return self._sets

    @property
    def agent_types(self) -> list[type]:
        """The classes of agents."""
        return list(dict.fromkeys(self.classes.values()))

    def _alive(self, populations: Mapping[str, Any] | Sequence[str]) -> list[AnyAgent]:
        return [agent for name in populations for agent in self.populations[name] if agent._retired == ALIVE]

    def remove_all_agents(self) -> None:
        """Retire every agent."""
        for agent in list(self.agents):
            self.retire(agent)

    def register_agent(self, agent: AnyAgent) -> None:
        """Add a new agent to the sets that were asked for."""
        if self._everyone is not None:
            self._everyone.add(agent)
        if self._sets is not None:
            self._sets[type(agent)].add(agent)

    def deregister_agent(self, agent: AnyAgent) -> None:
        """Take a retired agent out of the sets that were asked for."""
        if self._everyone is not None:
            self._everyone.discard(agent)
        if self._sets is not None:
            self._sets[type(agent)].discard(agent)


def _not_running(agent: AnyAgent) -> None:
    raise RuntimeError("agents retire only while the scenario runs")


def attribute_names(population: Population) -> list[str]:
    """Names of everything an agent of ``population`` holds: links, attributes, and ``state`` where there is one."""
    names = [link.name for link in population.links] + [attribute.name for attribute in population.attributes]
    return [*names, "state"] if population.states else names


def _declared_class(society: Society, population: Population, position: int) -> type[DeclaredAgent]:
    """A class with one slot an attribute: agents are small and quick to read."""
    name = "".join(part.capitalize() for part in population.name.split("_"))
    namespace = {
        "__slots__": tuple(slot_name(attribute) for attribute in attribute_names(population)),
        "__doc__": population.about or f"An agent of the population `{population.name}`.",
        "__module__": __name__,
        "model": society,
        "_population": population.name,
        "_position": position,
    }
    if any(other.python_class is not None for other in society.scenario.populations.values()):
        namespace["__setattr__"] = lambda agent, attribute, value: society.side.assign(agent, attribute, value)
    return cast(type[DeclaredAgent], type(name, (DeclaredAgent,), namespace))


def _python_class(population: Population, python_classes: Mapping[str, type[PythonAgent]]) -> type[PythonAgent]:
    """The user's own class."""
    if population.name not in python_classes:
        raise RunError(
            f"the agents of `{population.name}` are written in Python ({population.python_class}): "
            "allow code to run them"
        )
    return python_classes[population.name]
