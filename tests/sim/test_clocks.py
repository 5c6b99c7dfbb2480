from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bustle.agents.build import build_world
from bustle.agents.randomness import purpose_key, unit_exponential
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Binary,
    Candidate,
    Compare,
    Const,
    Convert,
    Neighbours,
    RateTrigger,
    Self,
)
from bustle.scenarios.types import BOOL, NUMBER, RATE, WHOLE, Agent, AgentSet, State
from bustle.sim.reference import ReferenceEngine

Simulate = Callable[..., Any]
Make = Callable[..., ReferenceEngine]

DAY = 86_400_000_000
SEED = 1


def test_a_rate_clock_fires_where_the_drawn_hazard_is_used_up(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 3}}
events: {tick: {}}
behaviors: {go: {who: a, rate: 2 per day, do: emit tick()}}
"""
    )
    key = purpose_key(SEED, "go.clock")
    for agent in range(3):
        rows = [row for row in run.rows("tick") if row["agent"] == agent]
        assert [row["occurrence"] for row in rows] == list(range(len(rows)))
        time = 0
        for row in rows:
            gap = unit_exponential(key, agent, row["occurrence"], 0) / (2 / DAY)
            assert row["time"] - time == pytest.approx(gap, abs=1.5)
            time = row["time"]


def test_a_changed_rate_keeps_the_hazard_that_is_left(simulate: Simulate) -> None:
    """Slow until day 4, then five times as fast: the first firing is where the two stretches use up the draw."""
    run = simulate(
        """
parameters: {pace: {value: 0.2 per day}}
populations: {a: {size: 200}}
events: {tick: {}}
behaviors: {go: {who: a, rate: pace, do: emit tick()}}
interventions: {faster: {at: 4 days, set: {pace: 1 per day}}}
"""
    )
    key = purpose_key(SEED, "go.clock")
    first = {row["agent"]: row["time"] for row in run.rows("tick") if row["occurrence"] == 0}
    late = 0
    for agent in range(200):
        hazard = unit_exponential(key, agent, 0, 0)
        expected = hazard / 0.2 if hazard < 0.8 else 4 + (hazard - 0.8) / 1
        late += hazard >= 0.8
        if expected < 10:
            assert first[agent] == pytest.approx(expected * DAY, abs=2)
        else:
            assert agent not in first
    assert 20 < late < 180


def test_a_write_that_leaves_the_rate_as_it_is_leaves_the_firing_where_it_is(simulate: Simulate) -> None:
    text = """
populations: {a: {size: 50, attributes: {x: 1.0, y: 1.0}}}
events: {tick: {}}
behaviors:
  go: {who: a, rate: (x + 0 * y) per day, do: emit tick()}
  disturb: {who: a, every: 7 hours, do: "y = CHANGE"}
"""
    quiet = simulate(text.replace("CHANGE", "y + 0")).rows("tick")
    disturbed = simulate(text.replace("CHANGE", "y + 1")).rows("tick")
    assert len(quiet) > 300
    assert quiet == disturbed


def test_a_rate_follows_what_it_reads_of_linked_agents(simulate: Simulate) -> None:
    run = simulate(
        """
populations:
  owner: {size: 2, attributes: {pace: 0.0}}
  card: {one_per: owner as owner}
events: {tick: {}}
behaviors:
  go: {who: card, rate: owner.pace per day, do: emit tick()}
  wake: {who: owner, at: 5 days, if: id == 1, do: pace = 100}
"""
    )
    rows = run.rows("tick")
    assert {row["agent"] for row in rows} == {1}
    assert min(row["time"] for row in rows) > 5 * DAY
    assert len(rows) == pytest.approx(500, abs=120)


def test_a_rate_follows_the_neighbours_it_counts(make: Make) -> None:
    """Nobody fires until a neighbour has changed its state; then only its neighbours do."""
    engine = make(
        """
populations: {a: {size: 6, states: {calm: [loud], loud: []}}}
networks: {ring: {among: a, kind: small_world, neighbours: 2, rewire: 0}}
events: {tick: {}}
behaviors:
  go: {who: a, rate: 50 per day, do: emit tick()}
  shout: {who: a, at: 2 days, if: id == 3, do: become(loud)}
"""
    )
    model = engine.model
    state = State("a", ("calm", "loud"))
    loud = Compare(
        "==", Attr(Candidate("a", type=Agent("a")), "a", "state", type=state), Const(1, type=state), type=BOOL
    )
    near = Neighbours(Self("a", type=Agent("a")), "ring", "a", type=AgentSet("a"))
    count = Convert("to_float", Aggregate("count", None, near, loud, type=WHOLE), type=NUMBER)
    rate = Binary("*", count, Const(50 / DAY, type=RATE), type=RATE)
    go = replace(model.behaviors["go"], trigger=RateTrigger(rate, ()))
    model = replace(model, behaviors={**model.behaviors, "go": go})
    rows = list(ReferenceEngine(model, build_world(model, 1), 1).events())
    assert {row.agent for row in rows} == {2, 4}
    assert min(row.time for row in rows) > 2 * DAY
    assert len(rows) == pytest.approx(2 * 8 * 50, abs=120)


def test_a_clock_runs_in_its_states_only_and_takes_a_new_number_each_time(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1, states: {off: [on], on: [off]}}}
events: {tick: {}}
behaviors:
  go: {who: a, while: on, every: 10 hours, do: emit tick()}
  rest: {who: a, unless: on, every: 10 hours, do: emit tick()}
  switch_on: {who: a, at: [1 days, 3 days], do: become(on)}
  switch_off: {who: a, at: [2 days, 4 days], do: become(off)}
"""
    )
    go = run.rows("tick", "go")
    assert [row["time"] / 3.6e9 for row in go] == [34, 44, 82, 92]
    assert [row["occurrence"] for row in go] == [0, 1, 3, 4]  # number 2 was pending when the state was left
    rest = run.rows("tick", "rest")
    assert [row["time"] / 3.6e9 for row in rest][:5] == [10, 20, 58, 68, 106]


def test_a_clock_whose_condition_fails_goes_on(simulate: Simulate) -> None:
    run = simulate(
        """
events: {tick: {}}
behaviors: {go: {who: world, every: 1 day, if: day(now) > 5, do: emit tick()}}
"""
    )
    assert run.column("tick", "occurrence") == [4, 5, 6, 7, 8]


def test_leaving_and_entering_again_inside_the_body_winds_the_clock_once(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1, states: {on: [off], off: [on]}}}
events: {tick: {}}
behaviors: {go: {who: a, while: on, every: 1 day, do: "emit tick()\\nbecome(off)\\nbecome(on)"}}
"""
    )
    assert run.column("tick", "time") == [n * DAY for n in range(1, 10)]


def test_gaps_pass_in_rhythm_time(simulate: Simulate) -> None:
    """A rhythm that runs in the second half of the day only: a gap of half a day is half of that half."""
    run = simulate(
        """
rhythms: {late: {hours: [0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1]}}
events: {tick: {}}
behaviors: {go: {who: world, every: 12 hours, rhythm: late, do: emit tick()}}
"""
    )
    hours = [row["time"] / 3.6e9 for row in run.rows("tick")]
    assert hours[:4] == pytest.approx([18, 24, 42, 48])


def test_a_rate_that_is_not_positive_never_fires(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 10}}
events: {tick: {}}
behaviors: {go: {who: a, rate: (id - 5) per day, do: emit tick()}}
"""
    )
    assert {row["agent"] for row in run.rows("tick")} == {6, 7, 8, 9}
