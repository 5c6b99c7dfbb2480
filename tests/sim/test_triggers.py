from __future__ import annotations

from collections.abc import Callable
from typing import Any

Simulate = Callable[..., Any]

HOUR = 3_600_000_000
DAY = 24 * HOUR


def test_at_runs_at_calendar_moments_in_local_time(simulate: Simulate) -> None:
    run = simulate(
        """scenario: clocks_change
clock: {start: 2026-03-28, length: 3 days, timezone: Europe/Berlin}
events: {tick: {}}
behaviors: {noon: {who: world, at: 12:00, do: emit tick()}}
"""
    )
    assert run.column("tick", "time") == [12 * HOUR, 35 * HOUR, 59 * HOUR]  # the second day has 23 hours
    assert run.column("tick", "occurrence") == [0, 1, 2]


def test_at_takes_each_agent_s_own_instants(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 4, attributes: {wait: "id * 2 days"}}}
events: {tick: {}}
behaviors: {go: {who: a, at: [1 days + wait, 3 days], do: emit tick()}}
"""
    )
    times = [[row["time"] / DAY for row in run.rows("tick") if row["agent"] == agent] for agent in range(4)]
    assert times == [[1, 3], [3], [3, 5], [3, 7]]


def test_conditions_of_an_instant_are_looked_at_when_it_comes(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1, attributes: {x: 0}, states: {off: [on], on: []}}}
events: {tick: {}}
behaviors:
  go: {who: a, at: [1 days, 2 days, 3 days, 4 days], while: on, if: x > 0, do: emit tick()}
  switch: {who: a, at: 36 hours, do: become(on)}
  raise_x: {who: a, at: 60 hours, do: x = 1}
"""
    )
    assert [(row["time"] / DAY, row["occurrence"]) for row in run.rows("tick")] == [(3, 2), (4, 3)]


def test_on_runs_for_the_agent_in_the_role_and_reads_the_event(simulate: Simulate) -> None:
    run = simulate(
        """
populations:
  shop: {size: 3, attributes: {income: money(0)}}
  buyer: {size: 2}
events:
  sale: {shop: shop, buyer: buyer, amount: money}
  thanks: {shop: shop, amount: money, at: instant, buyer: buyer}
behaviors:
  buy:
    who: buyer
    at: 1 days
    do: |
      if id == 0:
          emit sale(shop=pick(shop, where=id == 2), buyer=self, amount=money(7.25))
      else:
          emit sale(shop=none, buyer=self, amount=money(1))
  earn:
    who: shop
    on: sale as shop
    do: |
      income += event.amount
      emit thanks(shop=self, amount=event.amount, at=event.time, buyer=event.buyer)
"""
    )
    (thanks,) = run.rows("thanks")
    assert (thanks["shop"], thanks["amount"], thanks["buyer"]) == (2, 725, 0)
    assert (thanks["at"], thanks["time"]) == (DAY, DAY + 1)
    assert run.agents("shop")["income"] == [0, 0, 725]
    assert run.column("sale", "shop") == [2, -1]


def test_on_without_a_role_runs_for_everyone_or_once_for_the_world(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 3}}
events: {bell: {}, heard: {}}
behaviors:
  ring: {who: world, at: 1 days, do: emit bell()}
  listen: {who: a, on: bell, do: emit heard()}
  note: {who: world, on: bell, do: emit heard()}
"""
    )
    assert [(row["behavior"], row["agent"]) for row in run.rows("heard")] == [
        ("note", -1),
        ("listen", 0),
        ("listen", 1),
        ("listen", 2),
    ]


def test_when_fires_on_the_edge_only(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 2, attributes: {x: "3 if id == 1 else 0"}}}
events: {tick: {x: number}}
behaviors:
  alarm: {who: a, when: x >= 2, do: emit tick(x=x)}
  count_up: {who: a, at: [1 days, 2 days, 3 days, 5 days, 6 days], do: x += 1}
  reset: {who: a, at: 4 days, do: x = 0}
"""
    )
    first = [(row["time"], row["occurrence"]) for row in run.rows("tick") if row["agent"] == 0]
    assert first == [(2 * DAY + 1, 0), (6 * DAY + 1, 1)]
    other = [row["time"] for row in run.rows("tick") if row["agent"] == 1]
    assert other == [6 * DAY + 1]  # what is true at the start is known


def test_when_sees_parameters_globals_and_linked_agents(simulate: Simulate) -> None:
    run = simulate(
        """
parameters: {limit: {value: 10}}
world: {pressure: 0}
populations:
  owner: {size: 2, attributes: {x: 1}}
  card: {one_per: owner as owner}
events: {tick: {}}
behaviors:
  alarm: {who: card, when: owner.x + pressure > limit, do: emit tick()}
  press: {who: world, at: 2 days, do: pressure = 10}
  release: {who: world, at: 3 days, do: pressure = 0}
  jump: {who: owner, at: 4 days, if: id == 1, do: x = 20}
interventions: {lower: {at: 6 days, set: {limit: 0}}}
"""
    )
    assert [(row["agent"], row["time"]) for row in run.rows("tick")] == [
        (0, 2 * DAY + 1),
        (1, 2 * DAY + 1),
        (1, 4 * DAY + 1),
        (0, 6 * DAY + 1),
    ]


def test_enters_fires_after_each_entrance(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1, states: {off: [on], on: [off, on]}}}
events: {tick: {}}
behaviors:
  go: {who: a, enters: on, do: emit tick()}
  switch_on: {who: a, at: [1 days, 2 days, 4 days], do: become(on)}
  switch_off: {who: a, at: 3 days, do: become(off)}
"""
    )
    assert run.column("tick", "time") == [DAY + 1, 2 * DAY + 1, 4 * DAY + 1]  # staying on is an allowed move here


def test_becoming_what_one_is_does_nothing_unless_the_move_is_declared(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1, states: {off: [on], on: [off]}}}
events: {tick: {}}
behaviors:
  go: {who: a, enters: off, do: emit tick()}
  stay: {who: a, at: 1 days, do: become(off)}
"""
    )
    assert run.rows("tick") == []


def test_after_carries_its_arguments_and_takes_its_number_when_called(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1}}
events: {tick: {n: whole, who: a}}
behaviors:
  begin:
    who: a
    at: 1 days
    do: |
      after 2 hours: later(n=1, who=self)
      after 1 hours: later(n=2, who=none)
  later: {who: a, arguments: {n: whole, who: a}, do: "emit tick(n=n, who=who)"}
"""
    )
    assert [(row["n"], row["who"], row["occurrence"], row["time"] - DAY) for row in run.rows("tick")] == [
        (2, -1, 1, HOUR),
        (1, 0, 0, 2 * HOUR),
    ]


def test_cancel_drops_pending_calls_of_that_agent_only(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 2}}
events: {tick: {}}
behaviors:
  begin: {who: a, at: 1 days, do: "after 1 days: later()\\nafter 2 days: later()"}
  stop_it: {who: a, at: 60 hours, if: id == 0, do: "cancel(later)\\nafter 2 days: later()"}
  later: {who: a, do: emit tick()}
"""
    )
    assert [(row["agent"], row["time"] / DAY, row["occurrence"]) for row in run.rows("tick")] == [
        (0, 2.0, 0),
        (1, 2.0, 0),
        (1, 3.0, 1),
        (0, 4.5, 2),
    ]


def test_a_spawned_agent_lives_from_then_on_and_a_retired_one_no_longer(simulate: Simulate) -> None:
    run = simulate(
        """
populations:
  a:
    size: 2
    attributes: {x: "uniform(low=0, high=1)", parent: {value: none, type: a}}
events: {tick: {x: number}, gone: {a: a}}
behaviors:
  live: {who: a, every: 1 days, do: emit tick(x=x)}
  breed: {who: a, at: 36 hours, if: id == 0, do: "spawn(a, parent=self)"}
  die: {who: a, at: 60 hours, if: id == 1, do: "retire()\\nemit gone(a=self)\\nafter 1 hours: die()"}
"""
    )
    by_agent = {n: [row["time"] / DAY for row in run.rows("tick") if row["agent"] == n] for n in range(3)}
    assert by_agent[0] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert by_agent[1] == [1, 2]
    assert by_agent[2] == [2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]
    assert len(run.rows("gone")) == 1
    agents = run.agents("a")
    assert agents["born"] == [0, 0, 36 * HOUR]
    assert agents["retired"] == [-1, 60 * HOUR, -1]
    assert agents["parent"] == [-1, -1, 0]
    assert agents["identity"][:2] == [0, 1] and agents["identity"][2] >= 1 << 62
    assert 0 <= agents["x"][2] < 1 and agents["x"][2] not in agents["x"][:2]


def test_nobody_finds_a_retired_agent(simulate: Simulate) -> None:
    run = simulate(
        """
populations:
  a: {size: 3}
  b: {size: 3, links: {friend: "pick(a)"}}
networks: {all: {from: b, to: a, degree: 3}}
events: {found: {one: a, near: a, n: whole}}
behaviors:
  leave: {who: a, at: 1 days, if: id < 2, do: retire()}
  look:
    who: b
    every: 1 hour
    do: emit found(one=pick(a), near=pick(all), n=count(a))
"""
    )
    late = [row for row in run.rows("found") if row["time"] > DAY]
    assert len(late) > 500
    assert {row["one"] for row in late} == {2}
    assert 2 in {row["near"] for row in late} <= {2, -1}
    assert {row["n"] for row in late} == {1}


def test_interventions_end_with_the_former_value(simulate: Simulate) -> None:
    run = simulate(
        """
parameters: {level: {value: 1}}
record:
  levels: {every: 1 day, columns: [level: level]}
interventions:
  first: {at: 2 days, until: 4 days, set: {level: 5}}
  then: {at: 4 days, until: 6 days, set: {level: level + 1}}
"""
    )
    assert [values[0] for _, _, values in run.memory.samples] == [1, 1, 5, 5, 2, 2, 1, 1, 1, 1]


def test_snapshots_hold_the_agents_as_they_are_then(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 2, attributes: {x: 0}}}
behaviors: {go: {who: a, every: 1 day, do: x += 1}}
record:
  then: {of: a, at: [1 days, 5 days, 10 days], columns: [id, x]}
"""
    )
    assert [
        (table, time / DAY, population, columns["x"].tolist())
        for table, time, population, columns in run.memory.snapshots
    ] == [
        ("then", 1, "a", [0, 0]),
        ("then", 5, "a", [4, 4]),
        ("then", 10, "a", [9, 9]),
    ]


def test_captured_fields_hold_what_was_true_when_the_event_happened(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 1, attributes: {x: 0}}}
events: {tick: {a: a}}
behaviors:
  go: {who: a, every: 1 day, do: "x += 1\\nemit tick(a=self if x < 3 else none)"}
record:
  ticks: {each: tick, columns: [time, a, x: a.x]}
"""
    )
    (captured,) = [
        name
        for name in run.memory.rows("tick")[0]
        if name not in ("time", "behavior", "agent", "occurrence", "index", "a")
    ]
    values = run.column("tick", captured)
    assert values[:2] == [1, 2]
