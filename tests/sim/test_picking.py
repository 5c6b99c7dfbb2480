from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bustle.agents.randomness import purpose_key, uniform01
from bustle.scenarios.model import Pick
from bustle.scenarios.walk import expressions

Simulate = Callable[..., Any]

TRIES = 64


def one_try_after_another(
    u: Callable[[int], float], pool: list[int], accepted: Callable[[int], bool], weights: list[float] | None = None
) -> tuple[int, int]:
    """The documented rule, written down once more: the agent picked (-1 for none) and the draws used."""
    sums = list(accumulate(weights)) if weights else []

    def place(x: float) -> int:
        return bisect_right(sums, x * sums[-1]) if weights else int(x * len(pool))

    for n in range(TRIES):
        if accepted(pool[place(u(n))]):
            return pool[place(u(n))], n + 1
    left = [agent for agent in pool if accepted(agent)]
    if not left:
        return -1, TRIES
    if weights:
        sums = list(accumulate(weights[pool.index(agent)] for agent in left))
        return left[bisect_right(sums, u(TRIES) * sums[-1])], TRIES + 1
    return left[int(u(TRIES) * len(left))], TRIES + 1


def uniforms(purpose: str, agent: int, occurrence: int) -> Callable[[int], float]:
    key = purpose_key(1, purpose)
    return lambda repetition: uniform01(key, agent, occurrence, repetition)


def find_purposes(run: Any) -> set[str]:
    """The purposes that the checker gave to the picks of the scenario."""
    return {
        node.purpose
        for behavior in run.engine.model.behaviors.values()
        for statement in behavior.body
        for node in expressions(statement)
        if isinstance(node, Pick)
    }


POPULATION = """
populations:
  a: {size: 40, attributes: {w: "1.0 + id % 3", rare: "bernoulli(p=0.0) or id == 17"}}
  b: {size: 5}
events: {found: {one: a}}
behaviors:
  look: {who: b, every: 6 hours, do: "emit found(one=PICK)"}
"""


@pytest.mark.parametrize(
    ("written", "accepted", "weighted"),
    [
        ("pick(a)", lambda agent: True, False),
        ("pick(a, where=id % 4 == 1)", lambda agent: agent % 4 == 1, False),
        ("pick(a, where=rare)", lambda agent: agent == 17, False),
        ("pick(a, where=id < 0)", lambda agent: False, False),
        ("pick(a, by=w)", lambda agent: True, True),
        ("pick(a, where=rare, by=w)", lambda agent: agent == 17, True),
    ],
)
def test_a_pick_follows_the_documented_rule_draw_by_draw(
    simulate: Simulate, written: str, accepted: Callable[[int], bool], weighted: bool
) -> None:
    run = simulate(POPULATION.replace("PICK", written))
    rows = run.rows("found")
    (purpose,) = find_purposes(run)
    assert len(rows) > 150
    weights = [1.0 + agent % 3 for agent in range(40)] if weighted else None
    for row in rows:
        u = uniforms(purpose, row["agent"], row["occurrence"])
        assert row["one"] == one_try_after_another(u, list(range(40)), accepted, weights)[0]


def test_a_second_pick_of_the_same_purpose_goes_on_where_the_first_stopped(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 30}, b: {size: 3}}
events: {found: {one: a}}
behaviors:
  look:
    who: b
    every: 1 days
    do: |
      for x in pick(b, count=3):
          emit found(one=pick(a, where=id < 10))
"""
    )
    rows = run.rows("found")
    inner = next(purpose for purpose in find_purposes(run) if draws_match(purpose, rows))
    for agent in range(3):
        for occurrence in range(3):
            mine = [r["one"] for r in rows if (r["agent"], r["occurrence"]) == (agent, occurrence)]
            u, used = uniforms(inner, agent, occurrence), 0
            for one in mine:
                expected, n = one_try_after_another(shifted(u, used), list(range(30)), lambda agent: agent < 10)
                assert one == expected
                used += n


def shifted(u: Callable[[int], float], used: int) -> Callable[[int], float]:
    return lambda repetition: u(used + repetition)


def draws_match(purpose: str, rows: list[dict[str, Any]]) -> bool:
    first = rows[0]
    u = uniforms(purpose, first["agent"], first["occurrence"])
    return bool(one_try_after_another(u, list(range(30)), lambda agent: agent < 10)[0] == first["one"])


def test_several_without_replacement_are_different_and_end_early(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 12}, b: {size: 40}}
events: {found: {one: a}}
behaviors:
  look:
    who: b
    at: 1 days
    do: |
      for x in pick(a, count=9, where=id < 7):
          emit found(one=x)
"""
    )
    orders = [tuple(r["one"] for r in run.rows("found") if r["agent"] == agent) for agent in range(40)]
    assert all(sorted(order) == list(range(7)) for order in orders)
    assert len(set(orders)) > 35


def test_a_count_below_zero_picks_nobody_and_is_rounded_half_to_even(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 12}, b: {size: 4}}
events: {found: {one: a}}
behaviors:
  look:
    who: b
    at: 1 days
    do: |
      for x in pick(a, count=id - 1.5):
          emit found(one=x)
"""
    )
    assert Counter(run.column("found", "agent")) == {3: 2}  # counts -2, 0, 0 and 2


def test_weights_decide_how_often_each_is_picked(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 8, attributes: {w: "id * 1.0"}}, b: {size: 40}}
events: {found: {one: a}}
behaviors:
  look: {who: b, every: 1 hour, do: "emit found(one=pick(a, by=w))"}
"""
    )
    counts = np.bincount(run.column("found", "one"), minlength=8)
    assert counts[0] == 0
    expected = counts.sum() * np.arange(1, 8) / 28
    assert stats.chisquare(counts[1:], expected).pvalue > 1e-4


def test_weights_that_change_are_seen_at_once(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 5, attributes: {w: 1.0}}, b: {size: 3}}
events: {found: {one: a}}
behaviors:
  look: {who: b, every: 2 hours, do: "emit found(one=pick(a, by=w))"}
  fade: {who: a, at: 2 days, if: id != 4, do: w = 0}
"""
    )
    late = {row["one"] for row in run.rows("found") if row["time"] > 2 * 86_400_000_000}
    assert late == {4}


def test_members_of_a_state_are_picked_as_if_filtered(simulate: Simulate) -> None:
    text = """
populations: {a: {size: 20, states: {calm: [loud], loud: []}, initial: loud if id % 5 == 0 else calm}, b: {size: 4}}
events: {found: {one: a}}
behaviors: {look: {who: b, every: 3 hours, do: "one = pick(a, where=state == loud)\\nemit found(one=one)"}}
"""
    run = simulate(text)
    assert set(run.column("found", "one")) == {0, 5, 10, 15}


def test_a_network_s_neighbours_stand_in_the_order_of_its_arrays(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 20, attributes: {w: "1 + id % 2"}}, b: {size: 6}}
networks: {near: {from: b, to: a, degree: 5}}
events: {found: {one: a}, heavy: {one: a}}
behaviors:
  look: {who: b, every: 3 hours, do: "emit found(one=pick(near))"}
  weigh: {who: b, every: 3 hours, do: "emit heavy(one=pick(near, by=w))"}
"""
    )
    offsets, targets = run.memory.networks["near"]
    purposes = find_purposes(run)
    for event, weighted in (("found", False), ("heavy", True)):
        matches = []
        for purpose in purposes:
            ok = True
            for row in run.rows(event):
                pool = targets[offsets[row["agent"]] : offsets[row["agent"] + 1]].tolist()
                weights = [1.0 + agent % 2 for agent in pool] if weighted else None
                u = uniforms(purpose, row["agent"], row["occurrence"])
                ok &= row["one"] == one_try_after_another(u, pool, lambda agent: True, weights)[0]
            matches.append(ok)
        assert sum(matches) == 1


def test_linked_agents_are_found_by_their_link_and_newcomers_among_them(simulate: Simulate) -> None:
    run = simulate(
        """
populations:
  house: {size: 3}
  person: {size: 9, links: {home: pick(house)}}
events: {census: {house: house, n: whole, last: person}}
behaviors:
  tally:
    who: house
    at: [1 days, 3 days]
    do: emit census(house=self, n=count(linked(person, home=self)), last=pick(linked(person, home=self), where=id >= 9))
  grow: {who: house, at: 2 days, if: id == 1, do: "spawn(person, home=self)"}
"""
    )
    rows = run.rows("census")
    before, after = [row["n"] for row in rows[:3]], [row["n"] for row in rows[3:]]
    assert sum(before) == 9
    assert after == [before[0], before[1] + 1, before[2]]
    assert [row["last"] for row in rows] == [-1, -1, -1, -1, 9, -1]
    assert run.agents("person")["home"][9] == 1
