from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bustle.sim.order import INTERVENTION_BEGINS, INTERVENTION_ENDS, SAMPLE, WORLD, rank

CROWD = """
populations:
  b: {size: 2}
  a: {size: 2}
events: {tick: {}}
behaviors:
  later: {who: a, at: 1 hour, do: emit tick()}
  first: {who: b, at: 1 hour, do: emit tick()}
  third: {who: b, at: 1 hour, do: emit tick()}
  everywhere: {who: world, at: 1 hour, do: emit tick()}
"""


def test_ranks_follow_population_agent_behavior_occurrence() -> None:
    ranks = [rank(p, a, b, o) for p in (WORLD, 0, 1) for a in (0, 1, 7) for b in (0, 3) for o in (0, 1, 9)]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_what_is_no_firing_comes_before_every_firing() -> None:
    assert INTERVENTION_ENDS < INTERVENTION_BEGINS < SAMPLE < 0 < 1 < rank(WORLD, WORLD, 0, 0)


def test_firings_of_one_instant_run_by_population_then_agent_then_behavior(simulate: Callable[..., Any]) -> None:
    rows = simulate(CROWD).rows("tick")
    assert [(row["behavior"], row["agent"]) for row in rows] == [
        ("everywhere", -1),
        ("first", 0),
        ("third", 0),
        ("first", 1),
        ("third", 1),
        ("later", 0),
        ("later", 1),
    ]
    assert {row["time"] for row in rows} == {3_600_000_000}


def test_interventions_come_before_samples_and_samples_before_firings(simulate: Callable[..., Any]) -> None:
    run = simulate(
        """
parameters: {level: {value: 1}}
world: {seen: 0}
events: {tick: {level: number}}
behaviors:
  look: {who: world, at: 1 day, do: "emit tick(level=level)\\nseen = level"}
interventions:
  raise: {at: 1 day, set: {level: 2}}
record:
  watched: {every: 1 day, columns: [level: level, seen: seen]}
"""
    )
    assert run.column("tick", "level") == [2]
    assert [values for _, _, values in run.memory.samples][:3] == [(1, 0), (2, 0), (2, 2)]


def test_interventions_of_one_instant_end_before_others_begin_in_the_scenario_s_order(
    simulate: Callable[..., Any],
) -> None:
    run = simulate(
        """
parameters: {level: {value: 1}}
interventions:
  first: {at: 1 day, until: 3 days, set: {level: 10}}
  later: {at: 3 days, until: 5 days, set: {level: level * 2}}
  last: {at: 3 days, set: {level: level + 5}}
record:
  watched: {every: 1 day, columns: [level: level]}
  again: {every: 1 day, columns: [level: level]}
"""
    )
    assert [values[0] for table, _, values in run.memory.samples if table == "watched"][:6] == [1, 10, 10, 7, 7, 1]
    assert [table for table, _, _ in run.memory.samples][:4] == ["watched", "again", "watched", "again"]


def test_effects_come_one_microsecond_later_at_the_least(simulate: Callable[..., Any]) -> None:
    run = simulate(
        """
parameters: {delay: {value: 3 hours}}
populations: {a: {size: 1}}
events: {tick: {}, tock: {a: a}}
behaviors:
  begin: {who: a, at: 1 hour, do: "after 0 hours: next()\\nafter -delay: next()\\nemit tock(a=self)"}
  next: {who: a, do: emit tick()}
  heard: {who: a, on: tock as a, do: emit tick()}
"""
    )
    assert run.column("tick", "time") == [3_600_000_001] * 3
    assert [(row["behavior"], row["occurrence"]) for row in run.rows("tick")] == [
        ("next", 0),
        ("next", 1),
        ("heard", 0),
    ]


def test_emissions_of_one_firing_are_numbered(simulate: Callable[..., Any]) -> None:
    run = simulate(
        """
events: {tick: {}, tock: {}}
behaviors:
  twice: {who: world, every: 1 day, do: "emit tick()\\nemit tock()\\nemit tick()"}
"""
    )
    assert [(row["occurrence"], row["index"]) for row in run.rows("tick")][:4] == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert run.column("tock", "index")[:2] == [1, 1]
