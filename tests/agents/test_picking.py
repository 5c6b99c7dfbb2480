from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from bustle.agents.build import World
from bustle.agents.evaluate import evaluate
from bustle.agents.lanes import population_lanes
from bustle.agents.making import WorldMaker
from bustle.agents.picking import TRIES
from bustle.agents.randomness import purpose_key, uniform01
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Attr, Candidate, Const, Linked, Members, Neighbours, Pick, Self
from bustle.scenarios.types import NUMBER, WHOLE, Agent, AgentSet
from tests.agents.conftest import ModelOf, WorldOf

TOWNS = """
populations:
  town:
    size: 40
    attributes:
      weight: "uniform(low=-0.5, high=2)"
      region: "integer(low=0, high=4)"
      x: "uniform(low=0, high=1)"
    states: {open: [shut], shut: []}
    initial: "shut if weight > 1.8 else open"
  person:
    size: 500
    attributes: {region: "integer(low=0, high=5)", x: "uniform(low=0, high=1)"}
    links: {home: "PICK"}
"""


def by_the_rule(key: int, agent: int, weights: np.ndarray | None, fits: Callable[[int], bool], size: int) -> int:
    """One pick, written out: tries over the unfiltered pool, then the list of the eligible."""

    def place(u: float, weights: np.ndarray | None, n: int) -> int:
        if weights is None:
            return int(u * n)
        sums = np.cumsum(np.where(weights > 0, weights, 0))
        return int(np.searchsorted(sums, u * sums[-1], side="right"))

    for repetition in range(TRIES):
        candidate = place(uniform01(key, agent, 0, repetition), weights, size)
        if fits(candidate):
            return candidate
    left = np.array([i for i in range(size) if fits(i)], dtype=np.int64)
    if not len(left) or (weights is not None and not (weights[left] > 0).any()):
        return -1
    part = None if weights is None else weights[left]
    return int(left[place(uniform01(key, agent, 0, TRIES), part, len(left))])


def picked(world_of: WorldOf, pick: str) -> tuple[World, np.ndarray, int]:
    world = world_of(TOWNS.replace("PICK", pick))
    return world, world.populations["person"].columns["home"], purpose_key(1, "person.home")


def test_an_even_pick_takes_any_agent(world_of: WorldOf) -> None:
    _, homes, key = picked(world_of, "pick(town)")
    assert homes.tolist() == [by_the_rule(key, i, None, lambda c: True, 40) for i in range(500)]


def test_a_weighted_pick_follows_the_running_sum(world_of: WorldOf) -> None:
    world, homes, key = picked(world_of, "pick(town, by=weight)")
    weights = world.populations["town"].columns["weight"]
    assert homes.tolist() == [by_the_rule(key, i, weights, lambda c: True, 40) for i in range(500)]
    assert (weights[homes] > 0).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_a_filter_rejects_tries_and_none_is_left_where_nobody_fits(world_of: WorldOf, weighted: bool) -> None:
    by = ", by=weight" if weighted else ""
    world, homes, key = picked(world_of, f"pick(town, where=region == self.region{by})")
    town, person = world.populations["town"].columns, world.populations["person"].columns
    weights = town["weight"] if weighted else None

    def neighbour_of(i: int) -> Callable[[int], bool]:
        return lambda c: bool(town["region"][c] == person["region"][i])

    expected = [by_the_rule(key, i, weights, neighbour_of(i), 40) for i in range(500)]
    assert homes.tolist() == expected
    assert (homes[person["region"] == 5] == -1).all()


def test_a_rare_candidate_is_found_in_the_list(world_of: WorldOf) -> None:
    _, homes, key = picked(world_of, "pick(town, where=id == 7)")
    assert (homes == 7).all()
    assert homes[3] == by_the_rule(key, 3, None, lambda c: c == 7, 40)


def test_each_agent_may_weigh_candidates_in_its_own_way(world_of: WorldOf) -> None:
    world, homes, key = picked(world_of, "pick(town, by=exp(-5 * abs(x - self.x)))")
    town, person = world.populations["town"].columns["x"], world.populations["person"].columns["x"]
    import math

    def weights(i: int) -> np.ndarray:
        return np.array([math.exp(-5 * abs(x - person[i])) for x in town.tolist()])

    assert homes.tolist() == [by_the_rule(key, i, weights(i), lambda c: True, 40) for i in range(500)]


def test_shares_of_a_weighted_pick_are_those_of_the_weights(world_of: WorldOf) -> None:
    text = TOWNS.replace("PICK", "pick(town, by=weight)").replace("size: 500", "size: 50_000")
    world = world_of(text)
    weights = np.maximum(world.populations["town"].columns["weight"], 0)
    counts = np.bincount(world.populations["person"].columns["home"], minlength=40)[weights > 0]
    expected = weights[weights > 0] / weights.sum() * 50_000
    assert stats.chisquare(counts, expected).pvalue > 1e-4


def surroundings(model_of: ModelOf) -> WorldMaker:
    sections = TOWNS.replace("PICK", "pick(town, by=weight)")
    networks = "networks: {knows: {from: person, to: town, degree: 3, weight: weight}}\n"
    return WorldMaker(model_of(sections + networks), 1)


ME = Self("person", type=Agent("person"))


def a_pick(pool: Members | Neighbours | Linked, weight: bool = False, count: bool = False) -> Pick:
    candidate = Candidate(pool.population, type=Agent(pool.population))
    by = Attr(candidate, pool.population, "weight", type=NUMBER) if weight else None
    number = Const(2, type=WHOLE) if count else None
    return Pick(pool, None, by, number, False, "person.chosen", type=Agent(pool.population))


@pytest.mark.parametrize("weighted", [False, True])
def test_neighbours_are_picked_in_the_order_of_the_network(model_of: ModelOf, weighted: bool) -> None:
    world = surroundings(model_of)
    lanes = population_lanes(500)
    pick = a_pick(Neighbours(ME, "knows", "town", type=AgentSet("town")), weighted)
    chosen = evaluate(pick, lanes, world)
    weights, key = world.column("town", "weight"), purpose_key(1, "person.chosen")
    for agent in (0, 17, 499):
        near = world.network("knows").neighbours(agent)
        own = weights[near] if weighted else None
        assert chosen[agent] == near[by_the_rule(key, agent, own, lambda c: True, len(near))]


def test_linked_agents_are_picked_in_order_of_id(model_of: ModelOf) -> None:
    world = surroundings(model_of)
    town = Self("town", type=Agent("town"))
    chosen = evaluate(a_pick(Linked(town, "person", "home", type=AgentSet("person"))), population_lanes(40), world)
    homes, key = world.column("person", "home"), purpose_key(1, "person.chosen")
    for agent in range(40):
        residents = np.flatnonzero(homes == agent)
        if not len(residents):
            assert chosen[agent] == -1
        else:
            assert chosen[agent] == residents[int(uniform01(key, agent, 0, 0) * len(residents))]


def test_members_of_a_state_are_a_filter_on_the_population(model_of: ModelOf) -> None:
    world = surroundings(model_of)
    chosen = evaluate(a_pick(Members("town", 1, type=AgentSet("town"))), population_lanes(500), world)
    key, state = purpose_key(1, "person.chosen"), world.column("town", "state")
    assert 0 < np.count_nonzero(state == 1) < 40
    assert chosen.tolist() == [by_the_rule(key, i, None, lambda c: state[c] == 1, 40) for i in range(500)]


def test_several_agents_do_not_fit_one_value(model_of: ModelOf) -> None:
    with pytest.raises(RunError, match=r"one agent, not several"):
        evaluate(
            a_pick(Members("town", type=AgentSet("town")), count=True), population_lanes(5), surroundings(model_of)
        )
