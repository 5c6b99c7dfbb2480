"""What the machine can do at best."""

from __future__ import annotations

import numpy as np

from benchmarks.bare_draws import bare_draws
from benchmarks.machine_speed import _chase, _fill, nanoseconds


def test_memory_is_one_circle_through_all_of_its_words() -> None:
    words = np.empty(1 << 12, np.int64)
    _fill(words)
    assert sorted(words.tolist()) == list(range(len(words)))
    ends = [_chase(words, steps) for steps in range(1, len(words) + 1)]
    assert ends[-1] == 0
    assert 0 not in ends[:-1]


def test_a_step_takes_time() -> None:
    words = np.empty(1 << 12, np.int64)
    _fill(words)
    assert 0 < nanoseconds(_chase, words, 100_000) < 10_000


def test_draws_are_divided_among_threads() -> None:
    found = [bare_draws(200_001, threads) for threads in (1, 3)]
    assert [draws.draws for draws in found] == [200_001] * 2
    assert all(draws.cpu_seconds > 0 for draws in found)
