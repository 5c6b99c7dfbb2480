"""First digits and tails against amounts that follow known laws."""

from __future__ import annotations

import numpy as np
import pytest

from bustle.outputs.audit.amounts import benford_deviation, first_digits, tail_exponent


def test_first_digits_of_numbers_that_floats_cannot_hold_exactly() -> None:
    amounts = np.array([0.1, 0.2, 0.3, 0.04, 0.05, 0.6, 7, 80, 999.99, 0.07, 1000])
    assert (first_digits(amounts) * amounts.size).round().tolist() == [2, 1, 1, 1, 1, 1, 2, 1, 1]


def test_every_amount_in_cents_has_the_first_digit_that_is_written() -> None:
    cents = np.arange(1, 200_000)
    written = np.array([int(str(cent)[0]) for cent in cents.tolist()])
    for digit in range(1, 10):
        assert first_digits(cents[written == digit] / 100)[digit - 1] == 1


def test_numbers_spread_evenly_over_decades_follow_benford() -> None:
    assert benford_deviation(10 ** np.linspace(0, 4, 400_001)[:-1]) < 1e-4


def test_equal_shares_of_all_digits_deviate_by_as_much_as_they_should() -> None:
    expected = np.abs(1 / 9 - np.log10(1 + 1 / np.arange(1, 10))).mean()
    assert benford_deviation(np.arange(1, 10.0)) == pytest.approx(expected)


@pytest.mark.parametrize("exponent", [1.5, 2.5, 4.0])
def test_a_power_law_has_its_exponent(exponent: float) -> None:
    """Hill's estimate from 100,000 values has the standard error exponent / sqrt(100,000): 4 of them."""
    amounts = np.random.default_rng(5).pareto(exponent, 1_000_000) + 1
    assert tail_exponent(amounts) == pytest.approx(exponent, abs=4 * exponent / 100_000**0.5)


def test_amounts_without_a_tail_have_a_large_exponent() -> None:
    """Of the uniform distribution the mean excess of the top tenth is 1 + 9 log(.9)."""
    amounts = np.random.default_rng(6).uniform(0, 1, 100_000)
    assert tail_exponent(amounts) == pytest.approx(1 / (1 + 9 * np.log(0.9)), rel=0.05)
    assert tail_exponent(np.full(100, 3.0)) == float("inf")
