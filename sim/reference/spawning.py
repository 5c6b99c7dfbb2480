"""How agents are made during a run: given attributes as they are, the rest sampled with the new agent's identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bustle.agents.file_columns import held_from_file
from bustle.scenarios.model import Population
from bustle.sim.births import STATE, in_order, sources_of
from bustle.sim.reference.frame import Closure, Frame
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.single_draws import uniform01
from bustle.sim.reference.society import ALIVE, AnyAgent, slot_name
from bustle.sim.repetitions import repeated_purposes


class Spawner:
    """Makes agents of one population.

    Attributes and links are evaluated in an order in which each needs only earlier ones, with occurrence 0
    and the new agent's identity, as at the start of the run.
    """

    def __init__(self, population: Population, runtime: Runtime) -> None:
        self._population = population
        self._runtime = runtime
        self._class = runtime.society.classes[population.name]
        self._agents = runtime.society.populations[population.name]
        self._position = list(runtime.model.populations).index(population.name)
        self._steps: list[tuple[str, Callable[[AnyAgent, Any], None], Closure]] | None = None
        self._counted = False
        self._copula: _Copula | None = None

    def spawn(self, identity: int, given: Mapping[str, Any]) -> AnyAgent:
        """Make an agent now and start its clocks.

        Args:
            identity: keys the agent's draws.
            given: attributes and links by name, in held form, links as agents.
        """
        runtime = self._runtime
        if self._steps is None:
            self._compile()
        assert self._steps is not None
        agent: AnyAgent = object.__new__(self._class)
        put = runtime.society.setter
        name = self._population.name
        marks: dict[str, Any] = {
            "id": len(self._agents),
            "_identity": identity,
            "_born": runtime.scheduler.now,
            "_retired": ALIVE,
        }
        if name in runtime.python_populations:
            marks |= {"model": runtime.society, "_population": name, "_position": self._position}
        for field, value in marks.items():
            put(name, field)(agent, value)
        f = Frame(agent, identity)
        if self._copula is not None:
            f.quantiles = self._copula.probabilities(identity)
        for attribute, store, _ in self._steps:
            if attribute in given:
                store(agent, given[attribute])
        for attribute, store, closure in self._steps:
            if attribute not in given:
                if self._counted:
                    f.counts = {}
                store(agent, closure(f))
        self._agents.append(agent)
        runtime.society.register_agent(agent)
        for born in runtime.watch.born.get(name, ()):
            born(agent)
        if name in runtime.python_populations:
            runtime.begin_python_agent(agent)
        return agent

    def _compile(self) -> None:
        population, runtime = self._population, self._runtime
        sources = sources_of(population)
        correlated: frozenset[str] = frozenset()
        if population.correlations:
            self._copula = _Copula(population, runtime)
            correlated = frozenset(self._copula.purposes)
        repeated = frozenset().union(*(repeated_purposes((), (expr,)) for expr in sources.values() if expr is not None))
        self._counted = bool(repeated)
        scope = Scope(runtime, repeated, correlated)
        fed = {column.attribute: column.column for column in population.file_columns}
        self._steps = []
        for name in in_order(sources):
            expr = sources[name]
            if name in fed:
                closure = self._from_file(name, fed[name])
            elif expr is not None:
                closure = scope.compile(expr)
            elif name == STATE:
                closure = lambda f: 0  # noqa: E731
            else:
                closure = self._same_place(name)
            self._steps.append((name, runtime.society.setter(population.name, slot_name(name)), closure))

    def _same_place(self, link: str) -> Closure:
        """A ``one_per`` link that is not given: the agent of the same index, if there is one."""
        target = next(declared.population for declared in self._population.links if declared.name == link)
        agents = self._runtime.society.populations[target]
        return lambda f: agents[f.me.id] if f.me.id < len(agents) else None

    def _from_file(self, attribute: str, column: str) -> Closure:
        """A column of the population's file: all columns of an agent come from one row."""
        population, runtime = self._population, self._runtime
        from bustle.scenarios.files import read_columns

        assert population.file is not None
        raw = runtime.world.columns.get((population.file, column))
        if raw is None:
            raw = read_columns(runtime.model.folder, population.file, [column])[column]
        type_ = population.attribute(attribute).type
        values = held_from_file(raw, type_).tolist()
        key = runtime.key(f"{population.name}.from_file")
        by_index = population.size is None

        def value(f: Frame) -> Any:
            if by_index and f.me.id < len(values):
                return values[f.me.id]
            return values[int(uniform01(key, f.identity, 0, 0) * len(values))]

        return value


class _Copula:
    """Probabilities of the correlated attributes of one agent."""

    def __init__(self, population: Population, runtime: Runtime) -> None:
        from bustle.agents.making import WorldMaker

        self._population = population
        self._world = WorldMaker(runtime.model, runtime.seed)
        self.purposes = tuple(self.probabilities(0))

    def probabilities(self, identity: int) -> dict[str, float]:
        from bustle.agents.copula import correlated_probabilities

        found = correlated_probabilities(self._population, np.array([identity], dtype=np.int64), self._world)
        return {purpose: float(values[0]) for purpose, values in found.items()}
