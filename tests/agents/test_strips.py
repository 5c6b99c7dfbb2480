from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from bustle.agents.networks import strips
from bustle.agents.networks.strips import Strips, are_near_enough
from bustle.agents.population import Array, Indices

RNG = np.random.default_rng(1)
PLACES: dict[str, Array] = {
    "scattered": RNG.random((300, 2)),
    "in towns": np.concatenate([RNG.normal(at, 0.01, (100, 2)) for at in (0.0, 5.0, 1e6)]),
    "on a lattice": RNG.integers(-3, 3, (300, 2)).astype(float),
    "on a lattice of tenths": RNG.integers(0, 9, (300, 2)) * 0.1,
    "in a line across": np.stack([RNG.normal(size=300), np.zeros(300)], axis=1),
    "in a line upwards": np.stack([np.zeros(300), RNG.normal(size=300)], axis=1),
    "in one place": np.full((300, 2), [3.0, -7.0]),
    "very near": RNG.random((300, 2)) * 1e-160,
    "very far": RNG.normal(size=(300, 2)) * 1e149,
    "two": np.array([[0.0, 1.0], [1.0, 0.0]]),
}


def nearest(here: Array, there: Array, wanted: int, own: bool) -> Indices:
    """All pairs, sorted."""
    across, up = (there[None, :, axis] - here[:, None, axis] for axis in (0, 1))
    distance = np.sqrt(across * across + up * up)
    if own:
        np.fill_diagonal(distance, np.inf)
    return np.lexsort((np.broadcast_to(np.arange(len(there)), distance.shape), distance), axis=1)[:, :wanted]


@pytest.mark.parametrize("wanted", [1, 7, 298, 300])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("where", PLACES)
def test_the_nearest_are_found_in_order_of_distance_then_index(where: str, own: bool, wanted: int) -> None:
    there = PLACES[where]
    here = there if own else RNG.permutation(np.concatenate([there, PLACES["scattered"]]))[:200]
    wanted = min(wanted, len(there) - own)
    found = Strips(there).nearest(here, wanted, own=own)
    np.testing.assert_array_equal(found, nearest(here, there, wanted, own))


@pytest.mark.parametrize("where", ["scattered", "in towns", "on a lattice of tenths", "in one place"])
def test_threads_change_nothing(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "_SHARE", 10)
    places = PLACES[where]
    one, many = (Strips(places).nearest(places, 5, own=True, threads=threads) for threads in (1, 7))
    np.testing.assert_array_equal(one, many)


def test_many_are_found_as_a_tree_finds_them() -> None:
    there, here = RNG.normal(size=(20_000, 2)), RNG.normal(size=(30_000, 2)) * 1.5
    _, expected = cKDTree(there).query(here, 40)
    np.testing.assert_array_equal(Strips(there).nearest(here, 40, own=False, threads=2), expected)


def test_distances_that_cannot_be_squared_are_told() -> None:
    assert are_near_enough(PLACES["very far"]) and are_near_enough(np.empty((0, 2)))
    assert not are_near_enough(np.array([[0.0, -2e150]]))
