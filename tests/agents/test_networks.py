from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path

import networkx
import numpy as np
import pytest
from scipy import stats

from bustle.agents.build import World
from bustle.agents.network import Csr, both_directions, from_pairs
from bustle.agents.picking import TRIES
from bustle.agents.randomness import purpose_key, uniform01
from bustle.scenarios.diagnostics import RunError
from tests.agents.conftest import WorldOf

PEOPLE = """
populations:
  shop:
    size: 60
    attributes:
      pull: pareto(alpha=1.3)
      x: uniform(low=0, high=1)
      y: uniform(low=0, high=1)
      group: integer(low=1, high=3)
  person:
    size: SIZE
    attributes:
      far: FAR
      x: uniform(low=0, high=1)
      y: uniform(low=0, high=1)
      group: integer(low=1, high=3)
networks:
  net: {OPTIONS}
"""


def people(size: int, options: str, far: str = "0") -> str:
    return PEOPLE.replace("SIZE", str(size)).replace("OPTIONS", options).replace("FAR", far)


def network(world_of: WorldOf, options: str, size: int = 1000, seed: int = 1) -> tuple[Csr, World]:
    world = world_of(people(size, options), seed=seed)
    return world.networks["net"], world


def rows(csr: Csr) -> list[list[int]]:
    return [csr.neighbours(source).tolist() for source in range(csr.sources)]


def graph(csr: Csr) -> networkx.Graph:
    result = networkx.Graph()
    result.add_nodes_from(range(csr.sources))
    result.add_edges_from(zip(*(ends.tolist() for ends in csr.pairs()), strict=True))
    return result


KINDS = {
    "random": "from: person, to: shop, degree: 1 + poisson(mean=4), weight: pull",
    "among": "among: person, degree: 3",
    "preferential": "among: person, kind: preferential_attachment, links: 3",
    "small world": "among: person, kind: small_world, neighbours: 6, rewire: 0.2",
    "radius": "among: person, kind: nearest, radius: 0.05, position: [x, y]",
    "shops near": "from: person, to: shop, kind: nearest, radius: 0.1, position: [x, y]",
    "nearest": "among: person, kind: nearest, neighbours: 4, position: [x, y]",
    "nearest shops": "from: person, to: shop, kind: nearest, neighbours: 2, position: [x, y]",
    "blocks": "among: person, kind: blocks, by: group, within: 0.02, between: 0.004",
    "complete": "among: shop, kind: complete",
}
SYMMETRIC = ("preferential", "small world", "radius", "blocks", "complete")


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_distinct_agents_and_never_oneself(world_of: WorldOf, kind: str) -> None:
    csr, world = network(world_of, KINDS[kind])
    assert csr.edges == len(csr.targets) == csr.offsets[-1] > 0
    limit = world.populations["shop" if "shop" in KINDS[kind] else "person"].size
    for source, near in enumerate(rows(csr)):
        assert len(set(near)) == len(near)
        assert all(0 <= target < limit for target in near)
        assert "among" not in KINDS[kind] or source not in near


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_depends_on_the_seed_alone(world_of: WorldOf, kind: str) -> None:
    first, second = network(world_of, KINDS[kind])[0], network(world_of, KINDS[kind])[0]
    assert first.targets.tobytes() == second.targets.tobytes()
    other = network(world_of, KINDS[kind], seed=2)[0]
    assert kind == "complete" or rows(first) != rows(other)


@pytest.mark.parametrize("kind", SYMMETRIC)
def test_symmetric_networks_hold_both_directions_in_order_of_id(world_of: WorldOf, kind: str) -> None:
    csr, _ = network(world_of, KINDS[kind])
    pairs = set(zip(*(ends.tolist() for ends in csr.pairs()), strict=True))
    assert all((b, a) in pairs for a, b in pairs)
    assert all(near == sorted(near) for near in rows(csr))


# --- random degree


def picks(key: int, source: int, degree: int, weights: np.ndarray | None, size: int, own: int = -1) -> list[int]:
    """``pick(count=degree)`` without replacement, written out."""
    chosen: list[int] = []
    repetition = 0

    def place(weights: np.ndarray | None, n: int) -> int:
        nonlocal repetition
        u = uniform01(key, source, 0, repetition)
        repetition += 1
        if weights is None:
            return int(u * n)
        sums = np.cumsum(np.where(weights > 0, weights, 0))
        return int(np.searchsorted(sums, u * sums[-1], side="right"))

    while len(chosen) < degree:
        for _ in range(TRIES):
            candidate = place(weights, size)
            if candidate not in chosen and candidate != own:
                break
        else:
            left = [i for i in range(size) if i not in chosen and i != own]
            candidate = left[place(None if weights is None else weights[left], len(left))]
        chosen.append(candidate)
    return chosen


@pytest.mark.parametrize("degree", [5, 58])
def test_random_neighbours_are_those_a_pick_without_replacement_takes(world_of: WorldOf, degree: int) -> None:
    key = purpose_key(1, "net.edges")
    weighted, world = network(world_of, f"from: person, to: shop, degree: {degree}, weight: pull", size=30)
    weights = world.populations["shop"].columns["pull"]
    assert rows(weighted) == [picks(key, i, degree, weights, 60) for i in range(30)]
    even, _ = network(world_of, f"among: shop, degree: {degree}", size=30)
    assert rows(even) == [picks(key, i, degree, None, 60, own=i) for i in range(60)]


@pytest.mark.parametrize("weight", ["", ", weight: pull"])
def test_sources_may_be_shared_out_among_threads(
    world_of: WorldOf, weight: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"from: person, to: shop, degree: 1 + poisson(mean=4){weight}"
    alone, _ = network(world_of, text, size=3000)
    monkeypatch.setattr("bustle.agents.cores.cores", lambda: 7)
    monkeypatch.setattr(import_module("bustle.agents.networks.random_degree"), "_SHARE", 10)
    assert rows(network(world_of, text, size=3000)[0]) == rows(alone)


def test_the_degree_ends_at_the_number_of_targets_with_a_weight(world_of: WorldOf) -> None:
    csr, world = network(world_of, "from: person, to: shop, degree: 100, weight: 'pull if pull > 2 else 0'", size=20)
    heavy = np.flatnonzero(world.populations["shop"].columns["pull"] > 2)
    assert all(sorted(near) == heavy.tolist() for near in rows(csr))
    assert (network(world_of, "among: shop, degree: 100")[0].degrees == 59).all()
    assert network(world_of, "among: shop, degree: 0")[0].edges == 0


def test_degrees_follow_their_own_distribution(world_of: WorldOf) -> None:
    csr, _ = network(world_of, "from: person, to: shop, degree: 1 + poisson(mean=4), weight: pull", size=20_000)
    counts = np.bincount(csr.degrees - 1, minlength=20)[:12]
    expected = stats.poisson(4).pmf(np.arange(12)) * 20_000
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 1e-4


def test_first_neighbours_are_taken_in_proportion_to_weights(world_of: WorldOf) -> None:
    csr, world = network(world_of, "from: person, to: shop, degree: 2, weight: pull", size=30_000)
    weights = world.populations["shop"].columns["pull"]
    counts = np.bincount(csr.targets[::2], minlength=60)
    assert stats.chisquare(counts, weights / weights.sum() * 30_000).pvalue > 1e-4


# --- preferential attachment


def test_preferential_attachment_has_a_power_law_of_exponent_three(world_of: WorldOf) -> None:
    m, size = 3, 60_000
    csr, _ = network(world_of, f"among: person, kind: preferential_attachment, links: {m}", size=size)
    assert csr.edges == 2 * m * (size - m)
    # Bollobas et al. (2001): P(k) = 2 m (m + 1) / (k (k + 1) (k + 2)), here as the share with degree of at least k
    for k in (3, 4, 6, 10, 20, 40):
        share, theory = np.mean(csr.degrees >= k), m * (m + 1) / (k * (k + 1))
        assert abs(share - theory) < 5 * math.sqrt(theory * (1 - theory) / size) + 1e-4
    tail = np.sort(csr.degrees)[::-1][:3000]
    hill = 1 / np.mean(np.log(tail[:-1] / tail[-1]))
    assert 1.8 < hill < 2.2  # the tail P(degree > k) falls as k^-2


def test_preferential_attachment_is_distributed_as_in_networkx(world_of: WorldOf) -> None:
    ours = network(world_of, KINDS["preferential"], size=4000)[0].degrees
    theirs = np.array([degree for _, degree in networkx.barabasi_albert_graph(4000, 3, seed=1).degree()])
    assert stats.ks_2samp(ours, theirs).pvalue > 1e-3
    hub = [network(world_of, KINDS["preferential"], size=200, seed=seed)[0].degrees[:10].mean() for seed in range(40)]
    their_hub = [
        np.mean([networkx.barabasi_albert_graph(200, 3, seed=seed).degree(node) for node in range(10)])
        for seed in range(40)
    ]
    assert stats.ttest_ind(hub, their_hub).pvalue > 1e-3


# --- small world


def test_a_small_world_without_rewiring_is_the_ring(world_of: WorldOf) -> None:
    csr, _ = network(world_of, "among: person, kind: small_world, neighbours: 4, rewire: 0", size=50)
    assert rows(csr) == [sorted((i + step) % 50 for step in (-2, -1, 1, 2)) for i in range(50)]


def test_a_small_world_clusters_as_theory_says(world_of: WorldOf) -> None:
    neighbours, rewire = 10, 0.1
    csr, _ = network(
        world_of, f"among: person, kind: small_world, neighbours: {neighbours}, rewire: {rewire}", size=5000
    )
    assert csr.edges == 5000 * neighbours
    ring = 3 * (neighbours - 2) / (4 * (neighbours - 1))
    # Barrat and Weigt (2000): clustering is that of the ring times (1 - rewire)^3
    assert networkx.transitivity(graph(csr)) == pytest.approx(ring * (1 - rewire) ** 3, rel=0.03)
    kept = np.mean([(target - source) % 5000 in range(1, 6) for source, target in zip(*csr.pairs(), strict=True)]) * 2
    assert kept == pytest.approx(1 - rewire, abs=4 * math.sqrt(rewire * (1 - rewire) / 25_000))


def test_a_fully_rewired_small_world_has_the_degrees_of_networkx(world_of: WorldOf) -> None:
    csr, _ = network(world_of, "among: person, kind: small_world, neighbours: 6, rewire: 1", size=4000)
    theirs = [degree for _, degree in networkx.watts_strogatz_graph(4000, 6, 1.0, seed=1).degree()]
    assert stats.ks_2samp(csr.degrees, theirs).pvalue > 1e-3


def test_another_rewiring_changes_only_the_links_it_must(world_of: WorldOf) -> None:
    def links(rewire: float) -> set[tuple[int, int]]:
        csr, _ = network(world_of, f"among: person, kind: small_world, neighbours: 6, rewire: {rewire}")
        return set(zip(*(ends.tolist() for ends in csr.pairs()), strict=True))

    assert len(links(0.10) ^ links(0.11)) < 0.03 * 2 * 6000


# --- nearest


def distances(here: World, population: str, other: str) -> np.ndarray:
    a, b = (np.stack([here.populations[name].columns[axis] for axis in "xy"], axis=1) for name in (population, other))
    return np.asarray(np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2)))


@pytest.mark.parametrize("other", ["person", "shop"])
def test_everybody_within_the_radius_is_a_neighbour(world_of: WorldOf, other: str) -> None:
    ends = "among: person" if other == "person" else "from: person, to: shop"
    csr, world = network(world_of, f"{ends}, kind: nearest, radius: 0.1, position: [x, y]", size=300)
    away = distances(world, "person", other)
    if other == "person":
        np.fill_diagonal(away, np.inf)
    assert rows(csr) == [np.flatnonzero(row <= 0.1).tolist() for row in away]


@pytest.mark.parametrize("other", ["person", "shop"])
def test_the_nearest_few_stand_nearest_first(world_of: WorldOf, other: str) -> None:
    ends = "among: person" if other == "person" else "from: person, to: shop"
    csr, world = network(world_of, f"{ends}, kind: nearest, neighbours: 5, position: [x, y]", size=300)
    away = distances(world, "person", other)
    if other == "person":
        np.fill_diagonal(away, np.inf)
    assert rows(csr) == [np.argsort(row, kind="stable")[:5].tolist() for row in away]


def test_agents_at_one_place_are_neighbours_but_not_their_own(world_of: WorldOf) -> None:
    text = "populations: {person: {size: 30, attributes: {x: id // 10, y: 0}}}\n"
    text += "networks: {net: {among: person, kind: nearest"
    csr = world_of(f"{text}, neighbours: 4, position: [x, y]}}}}").networks["net"]
    assert all(source not in near and len(near) == 4 for source, near in enumerate(rows(csr)))
    assert all(target // 10 == source // 10 for source, near in enumerate(rows(csr)) for target in near)
    few = world_of(f"{text}, neighbours: 100, position: [x, y]}}}}").networks["net"]
    assert (few.degrees == 29).all()


# --- blocks


@pytest.mark.parametrize(("within", "between"), [(0.02, 0.004), (0.001, 0.01), (0, 0.005), (0.01, 0), (1, 0)])
def test_blocks_have_the_densities_asked_for(world_of: WorldOf, within: float, between: float) -> None:
    options = f"among: person, kind: blocks, by: group, within: {within}, between: {between}"
    csr, world = network(world_of, options, size=3000)
    group = world.populations["person"].columns["group"]
    sources, targets = csr.pairs()
    alike = group[sources] == group[targets]
    sizes = np.bincount(group)
    pairs = {True: float((sizes * (sizes - 1)).sum() / 2)}
    pairs[False] = 3000 * 2999 / 2 - pairs[True]
    for same, chance in ((True, within), (False, between)):
        found = np.count_nonzero(alike == same) / 2
        spread = math.sqrt(pairs[same] * chance * (1 - chance))
        assert abs(found - pairs[same] * chance) <= 4.5 * spread


def test_links_of_blocks_are_spread_evenly_over_the_pairs(world_of: WorldOf) -> None:
    csr, _ = network(world_of, "among: person, kind: blocks, by: group, within: 0.01, between: 0.01", size=3000)
    counts = np.bincount(csr.degrees, minlength=60)[15:46]
    expected = stats.binom(2999, 0.01).pmf(np.arange(15, 46))
    assert stats.chisquare(counts, expected / expected.sum() * counts.sum()).pvalue > 1e-4
    halves = np.bincount(csr.targets // 300, minlength=10)
    assert stats.chisquare(halves).pvalue > 1e-4 / 2


def test_blocks_may_be_told_apart_by_text(world_of: WorldOf, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("team\n" + "red\nblue\n" * 50)
    text = "populations: {person: {from_file: {path: people.csv, columns: {team: team}}}}\nnetworks: {net: {OPTIONS}}"
    options = "among: person, kind: blocks, by: team, within: 1, between: 0"
    csr = world_of(text.replace("OPTIONS", options)).networks["net"]
    assert rows(csr) == [[j for j in range(i % 2, 100, 2) if j != i] for i in range(100)]


# --- file and complete


def test_edges_of_a_file_keep_its_order_and_are_not_doubled(world_of: WorldOf, tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("from,to\n2,5\n0,9\n2,3\n2,5\n0,0\n")
    csr, _ = network(world_of, "from: person, to: shop, kind: file, file: edges.csv, columns: [from, to]", size=4)
    assert rows(csr) == [[9, 0], [], [5, 3], []]
    (tmp_path / "edges.csv").write_text("from,to\n2,5\n4,9\n")
    with pytest.raises(RunError, match=r"column `from` of edges.csv has id 4 in row 2, but person has ids from 0 to 3"):
        network(world_of, "from: person, to: shop, kind: file, file: edges.csv", size=4)


def test_a_scaled_run_leaves_out_edges_of_agents_that_are_not_there(world_of: WorldOf, tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("from,to\n0,1\n1,3\n3,0\n")
    text = people(4, "among: person, kind: file, file: edges.csv")
    assert rows(world_of(text, scale=0.5).networks["net"]) == [[1], []]


def test_a_complete_network_joins_everybody(world_of: WorldOf) -> None:
    csr, _ = network(world_of, "among: person, kind: complete", size=5)
    assert rows(csr) == [[j for j in range(5) if j != i] for i in range(5)]


# --- small and refused


@pytest.mark.parametrize("size", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if "among: person" in KINDS[kind]])
def test_few_agents_make_a_small_network(world_of: WorldOf, kind: str, size: int) -> None:
    csr, _ = network(world_of, KINDS[kind], size=size)
    assert csr.sources == size
    if kind in ("among", "preferential", "small world", "nearest"):
        assert (csr.degrees == max(0, size - 1)).all()


REFUSED: list[tuple[str, str]] = [
    ("among: person, kind: complete", "would have 1,599,960,000 edges; at most .* pick from the population itself"),
    ("among: person, degree: 50_000", "would have 1,600,000,000 edges; at most 268,435,456 are possible"),
    ("among: person, kind: preferential_attachment, links: 5000", "edges; at most 268,435,456"),
    ("among: person, kind: small_world, neighbours: 8000, rewire: 0.1", "edges; at most 268,435,456"),
    ("among: person, kind: nearest, radius: 0.9, position: [x, y]", "edges; at most 268,435,456"),
    ("among: person, kind: nearest, neighbours: 8000, position: [x, y]", "edges; at most 268,435,456"),
    ("among: person, kind: blocks, by: group, within: 0.5, between: 0.1", "edges; at most 268,435,456"),
    ("among: person, kind: small_world, neighbours: 5, rewire: 0.1", r"must be even .* but is 5"),
    ("among: person, kind: preferential_attachment, links: 0.5", "whole number of at least 1, but is 0.5"),
    ("among: person, degree: 3, weight: 1e308 * (1 + x)", "weights of network `net` are too large to add"),
    ("among: person, kind: nearest, neighbours: 3, position: [x, far]", "needs finite places, but person 0 is at"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_what_cannot_be_built_is_refused_before_it_is_allocated(world_of: WorldOf, options: str, message: str) -> None:
    with pytest.raises(RunError, match=message):
        world_of(people(40_000, options, far="1e308 * (10 + x)"))


def test_chances_outside_of_zero_to_one_are_refused(world_of: WorldOf) -> None:
    text = "parameters: {p: 1.5}\n" + people(10, "among: person, kind: blocks, by: group, within: p, between: 0")
    with pytest.raises(RunError, match=r"`within` of network `net` must lie between 0 and 1, but is 1.5"):
        world_of(text)


# --- the form itself


def test_pairs_are_grouped_by_source_in_their_order() -> None:
    csr = from_pairs(np.array([2, 0, 2, 1]), np.array([7, 8, 5, 9]), 4)
    assert rows(csr) == [[8], [9], [7, 5], []]
    assert csr.edges == 4 and csr.degrees.tolist() == [1, 1, 2, 0]
    assert csr.neighbours(100).tolist() == []
    assert rows(both_directions(np.array([1, 0]), np.array([2, 1]), 3)) == [[1], [0, 2], [1]]
