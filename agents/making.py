"""Make columns, networks and globals when they are first asked for.

An attribute may need a link, a link a network, a network an attribute, across populations. Asking for one
makes what it needs first; needing itself is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from bustle.agents.arithmetic import ArithmeticProblem, whole
from bustle.agents.copula import correlated_probabilities
from bustle.agents.evaluate import evaluate, evaluate_one, held
from bustle.agents.file_columns import held_from_file
from bustle.agents.lanes import Held, Lanes
from bustle.agents.limits import require_memory
from bustle.agents.network import Csr
from bustle.agents.networks import make_network
from bustle.agents.population import NONE, STATE, Array, Indices
from bustle.agents.randomness import purpose_key
from bustle.agents.uniforms import uniforms
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.files import read_columns
from bustle.scenarios.model import Model, Population
from bustle.scenarios.types import MICROSECONDS

if TYPE_CHECKING:
    from bustle.scenarios.calendar import Calendar


class WorldMaker:
    """The surroundings of expressions while the world is made; see `bustle.agents.lanes.Surroundings`.

    Attributes:
        model: The checked scenario.
        columns: Finished columns by population and name.
        networks: Finished networks by name.
        globals: Finished globals by name.
        file_columns: Columns of files that have been read, by path and column.
    """

    def __init__(self, model: Model, seed: int) -> None:
        self.model = model
        self.columns: dict[str, dict[str, Array]] = {name: {} for name in model.populations}
        self.networks: dict[str, Csr] = {}
        self.globals: dict[str, Held] = {}
        self.file_columns: dict[tuple[str, str], Array] = {}
        self.sizes: dict[str, int] = {}
        self._seed = seed
        self._makers: dict[str, ColumnMaker] = {}
        self._under_way: list[str] = []
        self._calendar: Calendar | None = None

    # --- what expressions read (Surroundings)

    @property
    def seed(self) -> int:
        """The run's seed."""
        return self._seed

    def size(self, population: str) -> int:
        """Number of agents of ``population``, scaled if it is; at least 1 where the scenario's size is above 0."""
        if population not in self.sizes:
            with self.making(f"the size of `{population}`", self._span(population)):
                self.sizes[population] = self._count(self.model.populations[population])
        return self.sizes[population]

    def column(self, population: str, name: str) -> Array:
        """A whole column of ``population``, made now if it is not there."""
        made = self.columns[population]
        if name not in made:
            if population not in self._makers:
                size = self.size(population)
                require_memory(self.model.populations[population], size)
                every = np.arange(size, dtype=np.int64)
                self._makers[population] = ColumnMaker(self, self.model.populations[population], every, every, made)
            return self._makers[population].column(name)
        return made[name]

    def network(self, name: str) -> Csr:
        """A network, made now if it is not there."""
        if name not in self.networks:
            with self.making(f"network `{name}`", None):
                self.networks[name] = make_network(self.model.networks[name], self, self.model)
        return self.networks[name]

    def parameter(self, name: str) -> Held:
        """A parameter's value at the start."""
        return self.model.values[name]

    def world_value(self, name: str) -> Held:
        """A global's value at the start."""
        if name not in self.globals:
            attribute = self.model.world[name]
            with self.making(f"`{name}`", attribute.value.span):
                self.globals[name] = evaluate_one(attribute.value, self)
        return self.globals[name]

    def file_column(self, path: str, column: str) -> Array:
        """A column of a file in the scenario's folder."""
        if (path, column) not in self.file_columns:
            fed = [p.file_columns for p in self.model.populations.values() if p.file == path]
            names = [column, *(feeding.column for columns in fed for feeding in columns)]
            try:
                read = read_columns(self.model.folder, path, names)
            except ValueError as error:
                raise RunError(str(error)) from None
            self.file_columns.update({(path, name): values for name, values in read.items()})
        return self.file_columns[path, column]

    def moment(self, function: str, instants: Indices) -> Array:
        """A calendar function of instants."""
        if function == "time_of_day":
            return (self.calendar.local_array(instants) % MICROSECONDS["day"]).astype(np.float64)
        read = getattr(self.calendar, f"{function}_array")
        return np.asarray(read(instants), dtype=np.int64)

    # --- making

    @property
    def calendar(self) -> Calendar:
        """The scenario's calendar."""
        if self._calendar is None:
            from bustle.scenarios.calendar import Calendar

            self._calendar = Calendar(self.model.clock)
        return self._calendar

    @contextmanager
    def making(self, what: str, span: Span | None) -> Iterator[None]:
        """Note that ``what`` is being made, so that needing itself is found out.

        Raises:
            RunError: It is being made already.
        """
        if what in self._under_way:
            circle = [*self._under_way[self._under_way.index(what) :], what]
            raise RunError("these need each other: " + ", which needs ".join(circle), span)
        self._under_way.append(what)
        try:
            yield
        finally:
            self._under_way.pop()

    def _span(self, population: str) -> Span | None:
        size = self.model.populations[population].size
        return None if size is None else size.span

    def _count(self, population: Population) -> int:
        one_per = [link for link in population.links if link.one_per]
        if one_per:
            return self.size(one_per[0].population)
        scale = self.model.scale if population.scaled else 1.0
        if population.size is None:
            if population.file is None:
                return 0
            if not population.file_columns:
                raise RunError(f"`{population.name}` takes no column of {population.file}, so it has no size")
            rows = len(self.file_column(population.file, population.file_columns[0].column))
            return scaled(rows, scale)
        size = evaluate_one(population.size, self)
        if not float(size) >= 0:
            raise RunError(f"the size of `{population.name}` must not be below 0, but is {size}", population.size.span)
        try:
            return scaled(int(whole(np.array([size]))[0]), scale)
        except ArithmeticProblem as problem:
            raise RunError(str(problem), population.size.span) from None


def scaled(size: int, scale: float) -> int:
    """``size`` times ``scale``, rounded half to even; at least 1 where ``size`` is."""
    return 0 if size <= 0 else max(1, round(size * scale))


def column_names(population: Population) -> list[str]:
    """The columns of a population: links, attributes, ``state``."""
    names = [link.name for link in population.links]
    names += [attribute.name for attribute in population.attributes]
    return names + ([STATE] if population.states else [])


class ColumnMaker:
    """Makes the columns of some agents of one population, each when it is first asked for."""

    def __init__(
        self, world: WorldMaker, population: Population, agents: Indices, identities: Indices, made: dict[str, Array]
    ) -> None:
        self.world = world
        self.population = population
        self.agents = agents
        self.identities = identities
        self.made = made
        self._rows = np.arange(len(agents), dtype=np.int64)
        self._quantiles: Mapping[str, Array] | None = None

    def column(self, name: str) -> Array:
        """A column by name."""
        if name not in self.made:
            with self.world.making(f"`{self.population.name}.{name}`", None):
                self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Array:
        population = self.population
        fed = next((fed.column for fed in population.file_columns if fed.attribute == name), None)
        if fed is not None:
            return self._from_file(name, fed)
        if name == STATE and population.states:
            if population.initial_state is None:
                return np.zeros(len(self.agents), dtype=np.int32)
            return evaluate(population.initial_state, self._lanes(), self.world).astype(np.int32)
        for link in population.links:
            if link.name == name:
                if link.one_per or link.value is None:
                    return np.where(self.agents < self.world.size(link.population), self.agents, NONE)
                return np.array(evaluate(link.value, self._lanes(), self.world), dtype=np.int64)
        attribute = population.attribute(name)
        return held(evaluate(attribute.value, self._lanes(), self.world), attribute.type)

    def _lanes(self) -> Lanes:
        if self._quantiles is None:
            self._quantiles = correlated_probabilities(self.population, self.identities, self.world)
        return Lanes(
            size=len(self.agents),
            agents=self.agents,
            identities=self.identities,
            own=self.column,
            rows=self._rows,
            quantiles=self._quantiles,
        )

    def _from_file(self, name: str, column: str) -> Array:
        population = self.population
        assert population.file is not None
        values = self.world.file_column(population.file, column)
        if not len(values) and len(self.agents):
            raise RunError(f"{population.file} has no rows, so `{population.name}` has no `{name}`")
        key = purpose_key(self.world.seed, f"{population.name}.from_file")
        rows = (uniforms(key, self.identities, 0, 0) * len(values)).astype(np.int64)
        if population.size is None:
            rows = np.where(self.agents < len(values), self.agents, rows)
        attribute = population.attribute(name)
        try:
            return held_from_file(values, attribute.type)[rows]
        except ArithmeticProblem as problem:
            raise RunError(f"column `{column}` of {population.file}: {problem}", attribute.value.span) from None
