from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bustle.agents.build import build_world, new_agents
from bustle.sim.reference.engine import ReferenceEngine
from tests.agents.conftest import ModelOf

BIRTHS = """
populations:
  town: {size: 9, attributes: {pull: pareto(alpha=1.3)}}
  person:
    size: 20
    attributes:
      income: lognormal(median=28, sigma=0.9)
      wealth: gamma(mean=100, shape=2)
      tax: money(0.3 * income)
      kind: categorical(a=0.5, b=0.3, c=0.2)
      mood: mixture(0.4, normal(mean=0, sd=1), 0.6, beta(alpha=2, beta=3) + log(1 + exp(income / 50)))
      home: pick(town, by=pull)
      taste: home.pull ** 1.5
    correlated: [[income, wealth, 0.5]]
    states: {calm: [], eager: []}
    initial: eager if bernoulli(p=0.4) else calm
events: {birth: {mother: person}}
behaviors:
  bear:
    who: person
    rate: 0.08 per day
    do: |
      spawn(person)
      emit birth(mother=self)
"""


class Agents:
    """A sink that keeps the agents at the end."""

    def __init__(self) -> None:
        self.columns: dict[str, Mapping[str, Any]] = {}

    def write_agents(self, population: str, columns: Mapping[str, Any]) -> None:
        self.columns[population] = columns

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def test_an_agent_spawned_by_scalar_code_equals_one_sampled_in_columns(model_of: ModelOf) -> None:
    model = model_of(BIRTHS)
    world = build_world(model, 1)
    sink = Agents()
    ReferenceEngine(model, build_world(model, 1), 1).run(sink)
    people = sink.columns["person"]
    spawned = np.asarray(people["identity"])[20:]
    assert len(spawned) > 100
    made = new_agents(model, world, 1, "person", spawned, {}, first=20)
    for name, column in made.items():
        assert np.asarray(people[name])[20:].tobytes() == column.tobytes(), name
