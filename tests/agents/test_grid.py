from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from bustle.agents.network import from_degrees
from bustle.agents.networks.grid import Grid
from bustle.agents.population import Array

RNG = np.random.default_rng(1)
PLACES: dict[str, Array] = {
    "scattered": RNG.random((300, 2)),
    "on a lattice": RNG.integers(-3, 3, (300, 2)).astype(float),
    "on a lattice of tenths": RNG.integers(0, 4, (300, 2)) * 0.1,
    "in a line": RNG.normal(size=(300, 2)) * [100.0, 0.01],
    "in one place": np.full((300, 2), [3.0, -7.0]),
    "alone": np.zeros((1, 2)),
}


@pytest.mark.parametrize("radius", [0.0, 1e-9, 0.1, 0.3, 1.0, 50.0])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("where", PLACES)
def test_a_grid_finds_whom_a_tree_finds_in_order(where: str, own: bool, radius: float) -> None:
    there = PLACES[where]
    here = there if own else RNG.permutation(np.concatenate([there, PLACES["scattered"]]))[:200]
    grid = Grid(here, there, radius, own=own)
    csr = from_degrees(grid.counts())
    grid.fill(csr.offsets, csr.targets)
    found: Any = cKDTree(there).query_ball_point(here, radius, return_sorted=True)
    for i, near in enumerate(found):
        assert csr.neighbours(i).tolist() == [j for j in near if not (own and i == j)]


def test_a_radius_that_many_are_within_is_left_to_a_tree() -> None:
    many = RNG.random((60_000, 2))
    assert Grid(many, many, 0.01, own=True).is_fast
    assert not Grid(many, many, 0.9, own=True).is_fast
