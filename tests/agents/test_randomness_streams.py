"""The helpers around the samplers: loops, indices, identifiers, streams for other libraries, kept machine code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from bustle.agents.randomness import (
    SAMPLERS,
    SPAWNED,
    KeyedRandom,
    episode_id,
    pick_index,
    purpose_key,
    sample_many,
    spawn_identity,
    uniform01,
    unit_exponential,
)
from bustle.scenarios.distributions import FORMS

USUAL: dict[str, Sequence[float]] = {
    "uniform": (0, 1),
    "integer": (1, 6),
    "normal": (1, 2),
    "truncated_normal": (0, 1, -1, 40),
    "lognormal_median": (28, 0.9),
    "lognormal_mean": (28, 0.9),
    "exponential": (3,),
    "exponential_rate": (3,),
    "gamma_mean": (1.2, 2),
    "gamma_scale": (1, 0.5),
    "beta": (2, 5),
    "weibull": (3, 1.5),
    "pareto": (1.6, 10),
    "triangular": (1, 2, 5),
    "poisson": (40,),
    "binomial": (100, 0.3),
    "geometric": (0.2,),
    "negative_binomial": (5, 2),
    "zipf": (1.1, 1000),
    "bernoulli": (0.3,),
}


@pytest.mark.parametrize("form", FORMS)
def test_many_draws_equal_single_draws_bit_for_bit(form: str) -> None:
    n, key = 300, purpose_key(3, form)
    agents, occurrence, repetition = np.arange(n) * 12_345_678_901, np.arange(n)[::-1], np.arange(n) % 7
    args = [np.full(n, value, np.float64) + 0.01 * (form not in ("bernoulli", "geometric")) for value in USUAL[form]]
    many = sample_many(form, key, agents, occurrence, repetition, args)
    single = [
        SAMPLERS[form](key, int(a), int(o), int(r), *(float(column[i]) for column in args))
        for i, (a, o, r) in enumerate(zip(agents, occurrence, repetition, strict=True))
    ]
    assert many.tolist() == single


def test_scalars_serve_all_of_many_draws() -> None:
    assert np.array_equal(
        sample_many("normal", 1, [4, 5], args=[0, 1]), sample_many("normal", 1, [4, 5], [0, 0], 0, [[0, 0], [1, 1]])
    )
    assert sample_many("poisson", 1, [], args=[3]).size == 0


def test_many_draws_refuse_columns_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        sample_many("normal", 1, [1, 2, 3], args=[[0, 0], 1])
    with pytest.raises(TypeError, match="normal takes 2 arguments, not 1"):
        sample_many("normal", 1, [1, 2, 3], args=[0])
    with pytest.raises(KeyError):
        sample_many("gaussian", 1, [1, 2, 3], args=[0, 1])


def test_whole_python_numbers_serve_as_arguments_without_another_compilation() -> None:
    sampler: Any = SAMPLERS["normal"]
    assert sampler(1, 2, 3, 0, 1, 2) == sampler(1, 2, 3, 0, 1.0, 2.0)
    assert sampler.kinds == ("int64",) * 4 + ("float64",) * 2


def test_samplers_give_plain_python_numbers() -> None:
    for form in FORMS:
        assert type(SAMPLERS[form](1, 2, 3, 0, *USUAL[form])) in (float, int)


def test_unit_exponentials_are_exponential() -> None:
    draws = [unit_exponential(5, agent, 0, 0) for agent in range(50_000)]
    assert stats.kstest(draws, "expon").pvalue > 1e-4


def test_picked_indices_follow_the_weights_and_skip_zeros() -> None:
    weights = np.array([0.0, 3.0, 0.0, 1.0, 6.0, 0.0])
    cumulative = np.cumsum(weights)
    picked = [pick_index(5, agent, 0, 0, cumulative) for agent in range(50_000)]
    counts = np.bincount(picked, minlength=6)
    assert counts[weights == 0].sum() == 0
    assert stats.chisquare(counts[weights > 0], weights[weights > 0] * 5000).pvalue > 1e-4


def test_a_picked_index_is_that_of_searchsorted() -> None:
    cumulative = np.cumsum(np.arange(1.0, 30.0))
    for agent in range(500):
        target = uniform01(5, agent, 1, 2) * cumulative[-1]
        assert pick_index(5, agent, 1, 2, cumulative) == np.searchsorted(cumulative, target, side="right")


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, np.nan], [1.0, np.inf], [-1.0]])
def test_nothing_is_picked_where_there_is_nothing_to_pick(weights: list[float]) -> None:
    assert pick_index(5, 0, 0, 0, np.cumsum(np.array(weights, np.float64))) == -1


def test_episodes_are_distinct_and_not_negative() -> None:
    ids = {episode_id(5, agent, occurrence, 0) for agent in range(200) for occurrence in range(200)}
    assert len(ids) == 40_000
    assert min(ids) >= 0
    assert 2**62 < max(ids) < 2**63


def test_identities_of_spawned_agents_never_meet_those_made_at_the_start() -> None:
    ids = {spawn_identity(5, agent, occurrence, 0) for agent in range(200) for occurrence in range(200)}
    assert len(ids) == 40_000
    assert all(SPAWNED <= identity < 2**63 for identity in ids)


def test_a_keyed_stream_depends_on_key_and_agent_alone() -> None:
    streams = [
        [KeyedRandom(*address).getrandbits(64) for _ in range(1)] for address in [(7,), (7, 0), (8,), (7, 1), (7,)]
    ]
    assert streams[0] == streams[1] == streams[4]
    assert len({value for (value,) in streams}) == 3


def test_a_keyed_stream_is_uniform_over_many_blocks() -> None:
    stream = KeyedRandom(purpose_key(1, "haunts.edges"))
    numbers = [stream.random() for _ in range(50_000)]
    assert len(set(numbers)) == 50_000
    assert stats.kstest(numbers, "uniform").pvalue > 1e-4
    assert stats.chisquare(np.bincount([stream.randrange(10) for _ in range(50_000)])).pvalue > 1e-4
    assert stats.kstest([stream.gauss() for _ in range(20_000)], "norm").pvalue > 1e-4


@pytest.mark.parametrize("k", [0, 1, 31, 64, 65, 200])
def test_a_keyed_stream_gives_as_many_bits_as_asked(k: int) -> None:
    stream = KeyedRandom(3)
    seen = 0
    for _ in range(200):
        value = stream.getrandbits(k)
        assert 0 <= value < 2**k
        seen |= value
    assert seen == 2**k - 1


def test_a_keyed_stream_cannot_be_seeded_or_saved() -> None:
    stream = KeyedRandom(3)
    refusals: list[Callable[[], object]] = [lambda: stream.seed(1), stream.getstate, lambda: stream.setstate(())]
    for refused in refusals:
        with pytest.raises(TypeError, match="keyed stream"):
            refused()
    with pytest.raises(ValueError, match="non-negative"):
        stream.getrandbits(-1)


def test_networkx_takes_a_keyed_stream() -> None:
    one, same, other = (nx.barabasi_albert_graph(60, 2, seed=KeyedRandom(key)) for key in (1, 1, 2))
    assert set(one.edges) == set(same.edges)
    assert set(one.edges) != set(other.edges)


def test_importing_compiles_nothing_and_drawing_compiles_only_what_is_drawn(tmp_path: Path) -> None:
    script = """
import os
from pathlib import Path
from bustle.agents.randomness import SAMPLERS
kept = Path(os.environ["BUSTLE_CACHE_DIR"])
assert not list(kept.rglob("*.code")), "compiled at import"
SAMPLERS["uniform"](1, 2, 3, 0, 0.0, 1.0)
assert [file.name.partition("-")[0] for file in kept.rglob("*.code")] == ["uniform"]
"""
    environment = {**os.environ, "BUSTLE_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, timeout=120)
