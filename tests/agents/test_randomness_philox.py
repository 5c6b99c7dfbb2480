"""The generator: known answers, the layout of a draw's address, independence of neighbouring addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bustle.agents.randomness import purpose_key, sample_many, uniform01
from bustle.agents.randomness.philox import halves, open_unit, philox4x32, unit

MASK = 0xFFFFFFFF

KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def plain_philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x32-10 in Python integers, written from the paper a second time."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high_0, low_0 = divmod(0xD2511F53 * c[0], 1 << 32)
        high_1, low_1 = divmod(0xCD9E8D57 * c[2], 1 << 32)
        c = [high_1 ^ c[1] ^ k[0], low_1, high_0 ^ c[3] ^ k[1], low_0]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers_of_random123(counter: str, key: str, answer: str) -> None:
    words = [np.uint64(int(word, 16)) for word in (counter + " " + key).split()]
    assert " ".join(f"{int(word):08x}" for word in philox4x32(*words)) == answer
    assert plain_philox([int(w) for w in words[:4]], [int(w) for w in words[4:]]) == [
        int(word, 16) for word in answer.split()
    ]


@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**22 - 1),
    st.integers(0, 1023),
)
def test_a_draw_sits_at_its_documented_address(
    key: int, agent: int, occurrence: int, repetition: int, block: int
) -> None:
    w = plain_philox(
        [agent & MASK, agent >> 32, occurrence, repetition << 10 | block],
        [key & MASK, key >> 32],
    )
    first, second = (int(half) for half in halves(key, agent, occurrence, repetition, block))
    assert (first, second) == (w[1] << 32 | w[0], w[3] << 32 | w[2])


def test_draws_stay_the_same_from_version_to_version() -> None:
    key = purpose_key(1, "shop.amount")
    assert key == 3_511_456_433_427_431_063
    assert uniform01(key, 2, 3, 4) == 0.47825758403146534


def test_units_span_their_intervals_and_never_leave_them() -> None:
    least, most = np.uint64(0), np.uint64(2**64 - 1)
    assert (unit(least), unit(most)) == (0.0, 1 - 2.0**-53)
    assert (open_unit(least), open_unit(most)) == (2.0**-53, 1 - 2.0**-53)


@given(st.integers(0, 2**64 - 1))
def test_one_minus_an_open_unit_is_exact(bits: int) -> None:
    u = open_unit(np.uint64(bits))
    assert 1.0 - (1.0 - u) == u


@pytest.mark.parametrize("seed", [0, 1, -5, 2**70])
def test_purpose_keys_are_63_bits_and_take_any_seed(seed: int) -> None:
    assert 0 <= purpose_key(seed, "shop.amount") < 2**63


def test_purposes_and_seeds_do_not_run_into_each_other() -> None:
    keys = {purpose_key(seed, f"{name}.{n}") for seed in range(12) for name in ("shop", "1:shop") for n in range(12)}
    assert len(keys) == 12 * 2 * 12


ADDRESSES: dict[str, Callable[[int, int], Any]] = {
    "keys": lambda n, step: [uniform01(key, 5, 6, 0) for key in range(step, n + step)],
    "agents": lambda n, step: sample_many("uniform", 9, np.arange(step, n + step), args=[0, 1]),
    "occurrences": lambda n, step: sample_many("uniform", 9, 3, np.arange(step, n + step), args=[0, 1]),
    "repetitions": lambda n, step: sample_many("uniform", 9, 3, 0, np.arange(step, n + step), args=[0, 1]),
    "agents far apart": lambda n, step: sample_many("uniform", 9, (np.arange(n) + step) << 32, args=[0, 1]),
}


@pytest.mark.parametrize("what", ADDRESSES)
def test_neighbouring_addresses_are_independent(what: str) -> None:
    n = 100_000
    here, there = (np.asarray(ADDRESSES[what](n, step)) for step in (0, 1))
    cells, _, _ = np.histogram2d(here[::2], there[::2], bins=16, range=[[0, 1], [0, 1]])
    assert stats.chisquare(cells.ravel()).pvalue > 1e-4
    assert abs(np.corrcoef(here, there)[0, 1]) < 4 / np.sqrt(n)
    assert stats.kstest(here, "uniform").pvalue > 1e-4


def first_half(address: list[int]) -> int:
    key, agent, occurrence, repetition = address
    return int(halves(key, agent, occurrence, repetition, 0)[0])


@pytest.mark.parametrize("position", range(4))
def test_a_changed_bit_of_the_address_changes_half_of_the_bits(position: int) -> None:
    flips = []
    for bit in range(20):
        for n in range(100):
            address = [n * 7919, n * 104729, n * 31, n]
            before = first_half(address)
            address[position] ^= 1 << bit
            after = first_half(address)
            flips.append((before ^ after).bit_count())
    assert abs(np.mean(flips) - 32) < 4 * 4 / np.sqrt(len(flips))  # the standard deviation of 64 fair bits is 4
