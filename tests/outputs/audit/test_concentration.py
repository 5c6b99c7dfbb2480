"""Zipf's slope and the share of the busiest against counts made to order."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bustle.outputs.audit.concentration import top_share, zipf_slope


@pytest.mark.parametrize("slope", [0.5, 0.8, 1.0, 1.3])
def test_counts_that_follow_a_power_of_the_rank_have_its_exponent(slope: float) -> None:
    counts = 1e9 / np.arange(1, 2_001.0) ** slope
    assert zipf_slope(np.random.default_rng(1).permutation(counts)) == pytest.approx(slope, abs=1e-9)


def test_equal_counts_have_slope_0() -> None:
    assert zipf_slope(np.full(500, 7)) == pytest.approx(0, abs=1e-9)


def test_the_slope_is_found_again_in_a_sample() -> None:
    """100,000 payments drawn from Zipf's law over 1,000 payees: the slope varies by .01 from sample to sample."""
    weights = 1 / np.arange(1, 1_001)
    counts = np.random.default_rng(2).multinomial(100_000, weights / weights.sum())
    assert zipf_slope(counts) == pytest.approx(1, abs=0.04)


def test_what_lies_behind_95_percent_does_not_count() -> None:
    head = 1e6 / np.arange(1, 101.0)
    assert zipf_slope(np.concatenate([head, np.full(1_000, 1.0)])) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("counts", [[], [0, 0], [5], [5, 3]])
def test_too_few_payees_have_no_slope(counts: list[int]) -> None:
    assert math.isnan(zipf_slope(np.array(counts, np.int64)))


def test_the_busiest_hundredth_is_rounded_up_and_counts_those_who_are_never_paid() -> None:
    counts = np.array([50, 30, 10, 5, 5])
    assert top_share(counts, 5) == 0.5
    assert top_share(counts, 100) == 0.5
    assert top_share(counts, 101) == 0.8
