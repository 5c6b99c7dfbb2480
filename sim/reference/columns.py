"""Agents of a run as columns, in held form."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from bustle.agents.population import held_dtype
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Population
from bustle.scenarios.types import Agent, Quantity, State, Type
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.society import slot_name

Columns = dict[str, npt.NDArray[Any]]


def agent_columns(population: str, runtime: Runtime) -> Columns:
    """Everything known of the agents of ``population`` now.

    Returns:
        Links (int64 indices, -1 for none), attributes and ``state`` in held form, then ``born`` and ``retired`` (int64
        microseconds; ``retired`` -1 for those still there) and ``identity`` (int64, keys the agent's draws), by name,
        in order of index.
    """
    declared = runtime.model.populations[population]
    agents = runtime.society.populations[population]
    columns: Columns = {}
    for name, type_ in held_types(declared).items():
        values = list(map(attrgetter(slot_name(name)), agents))
        columns[name] = _column(f"{population}.{name}", values, type_)
    for name in ("born", "retired", "identity"):
        columns[name] = np.fromiter(map(attrgetter(f"_{name}"), agents), np.int64, count=len(agents))
    return columns


def held_types(population: Population) -> dict[str, Type]:
    """The types of a population's links, attributes and state, by name."""
    types: dict[str, Type] = {link.name: Agent(link.population) for link in population.links}
    types.update({attribute.name: attribute.type for attribute in population.attributes})
    if population.states:
        types["state"] = State(population.name, population.states)
    return types


def _column(name: str, values: list[Any], type_: Type) -> npt.NDArray[Any]:
    dtype = held_dtype(type_)
    if isinstance(type_, Agent):
        values = [-1 if agent is None else agent.id for agent in values]
    elif dtype == np.int64 and not isinstance(type_, Quantity):
        values = [-1 if value is None else value for value in values]
    try:
        if dtype.kind in "iu" and any(isinstance(value, float) for value in values):
            raise TypeError("a float where a whole number is held")
        return np.array(values, dtype=dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise RunError(f"`{name}` holds a value that its type does not allow: {error}") from None
