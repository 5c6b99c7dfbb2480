from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bustle.agents.build import build_world, new_agents
from bustle.scenarios.scenario import Scenario
from bustle.sim.reference import ReferenceEngine

Simulate = Callable[..., Any]

NURSERY = """
populations:
  home: {size: 7, attributes: {rent: "lognormal(median=500, sigma=0.4)"}}
  person:
    size: 3
    links: {home: pick(home)}
    attributes:
      age: "truncated_normal(mean=40, sd=15, low=18, high=95)"
      kind: categorical(a=0.2, b=0.5, c=0.3)
      income: "gamma(mean=3000, shape=3)"
      luck: "weibull(scale=2, shape=id + 1)"
      late: income > 3000 or bernoulli(p=0.1)
      share: home.rent / income
      mixed: "mixture(0.3, normal(mean=0, sd=1), 0.7, poisson(mean=4))"
    CORRELATED
    states: {young: [old], old: []}
    initial: old if age > 60 else young
  world_maker: {size: 40}
behaviors:
  make: {who: world_maker, every: 1 day, do: spawn(person)}
"""


@pytest.mark.parametrize("correlated", ["", "correlated: [[age, income, 0.7], [income, luck, -0.4]]"])
def test_a_spawned_agent_is_sampled_as_one_of_the_start_with_its_identity(simulate: Simulate, correlated: str) -> None:
    text = NURSERY.replace("CORRELATED", correlated)
    if not correlated:
        text = text.replace("    \n", "")
    run = simulate(text, length="5 days")
    agents = run.memory.agents["person"]
    assert len(agents["age"]) == 3 + 40 * 4
    model = run.engine.model
    world = build_world(model, 1)
    expected = new_agents(model, world, 1, "person", agents["identity"][3:], {}, 3)
    for name, column in expected.items():
        np.testing.assert_array_equal(agents[name][3:], column, err_msg=name)


def test_attributes_that_are_given_are_taken_and_others_may_build_on_them(simulate: Simulate) -> None:
    run = simulate(
        """
populations:
  a: {size: 1, attributes: {x: 1.0, y: 10 * x, parent: {value: none, type: a}}, states: {one: [two], two: []}}
events: {made: {a: a, x: number}}
behaviors:
  breed:
    who: a
    every: 1 day
    if: id == 0
    do: |
      child = spawn(a, x=x + 1, parent=self)
      x = child.x
      emit made(a=child, x=child.y)
""",
        length="4 days",
    )
    assert run.agents("a")["y"] == [10, 20, 30, 40]
    assert run.agents("a")["parent"] == [-1, 0, 0, 0]
    assert run.column("made", "a") == [1, 2, 3]
    assert run.column("made", "x") == [20, 30, 40]


def test_identities_of_spawned_agents_do_not_depend_on_others(simulate: Simulate) -> None:
    text = """
populations: {a: {size: 5}, b: {size: 0, attributes: {x: "uniform(low=0, high=1)"}}}
parameters: {skip: {value: -1}}
behaviors: {make: {who: a, every: 1 day, if: id != skip, do: "spawn(b)\\nspawn(b)"}}
"""
    everyone = set(simulate(text).agents("b")["identity"])
    fewer = set(simulate(text, skip=2).agents("b")["identity"])
    assert len(everyone) == 5 * 9 * 2
    assert fewer < everyone and len(fewer) == 4 * 9 * 2


def test_agents_from_a_file_keep_to_the_rows_of_the_file(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},{n * 1.5},{'red' if n % 2 else 'blue'}" for n in range(50))
    (tmp_path / "people.csv").write_text("n,x,color\n" + rows + "\n")
    model = Scenario.from_text(
        """
scenario: fed
clock: {start: 2026-01-01, length: 30 days}
populations: {a: {from_file: people.csv}}
behaviors: {make: {who: world, every: 6 hours, do: spawn(a)}}
""",
        folder=tmp_path,
    ).model
    engine = ReferenceEngine(model, build_world(model, 1), 1)
    assert list(engine.events()) == []
    columns = engine.agent_columns("a")
    assert len(columns["n"]) == 50 + 119
    np.testing.assert_array_equal(columns["x"], columns["n"] * 1.5)
    assert stats.chisquare(np.bincount(columns["n"][50:] // 10, minlength=5)).pvalue > 1e-3
