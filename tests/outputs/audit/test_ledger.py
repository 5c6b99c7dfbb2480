"""A ledger is right to the cent, or it is not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bustle.outputs.audit.ledger import Leg, broken_chain, cents_of, unbalanced


def leg(accounts: list[int], before: list[float | None], after: list[float | None], change: list[float]) -> Leg:
    old, new = cents_of(pl.Series(before, dtype=pl.Float64)), cents_of(pl.Series(after, dtype=pl.Float64))
    amount = cents_of(pl.Series(change, dtype=pl.Float64))
    there = ~(old.missing & new.missing)
    return Leg(np.array(accounts), old.value, new.value, amount.value, there, old.whole & new.whole & amount.whole)


def test_cents_are_exact_where_floats_are_not() -> None:
    written = pl.Series([0.29, 1.1, 1_234_567.89, 90_000_000_000.01])
    assert cents_of(written).value.tolist() == [29, 110, 123_456_789, 9_000_000_000_001]
    assert cents_of(written).whole.all()


@pytest.mark.parametrize("amount", [0.005, 1.234, None, float("nan"), float("inf")])
def test_parts_of_a_cent_and_missing_amounts_are_no_cents(amount: float | None) -> None:
    assert not cents_of(pl.Series([amount], dtype=pl.Float64)).whole[0]


def test_one_cent_breaks_a_row() -> None:
    right = leg([0, 0], [10.0, 7.7], [7.7, 7.6], [-2.3, -0.1])
    wrong = leg([0, 0], [10.0, 7.7], [7.7, 7.61], [-2.3, -0.1])
    assert right.broken().tolist() == [False, False]
    assert wrong.broken().tolist() == [False, True]


def test_a_row_without_balances_leaves_the_account_alone_and_half_of_them_is_broken() -> None:
    some = leg([0, 0, 0], [None, 5.0, None], [None, None, 5.0], [1, 1, 1])
    assert some.broken().tolist() == [False, True, True]


def test_a_balance_must_be_what_the_previous_row_left_on_whichever_side() -> None:
    """Account 1 is paid in the first row, and pays in the second."""
    paying = leg([0, 1], [10, 4], [6, 3], [-4, -1])
    paid = leg([1, 2], [0, 0], [4, 1], [4, 1])
    assert broken_chain([paying, paid]) == (0, 1)
    late = leg([0, 1], [10, 3.99], [6, 2.99], [-4, -1])
    assert broken_chain([late, paid]) == (1, 1)


def test_who_pays_themselves_is_charged_first_and_credited_then() -> None:
    paying, paid = leg([3], [10], [6], [-4]), leg([3], [6], [10], [4])
    assert broken_chain([paying, paid]) == (0, 1)


def test_what_one_side_pays_the_other_gains_but_for_fees_and_the_boundary() -> None:
    paying = leg([0, 1, 2, 3], [10, 10, 10, 10], [6, 6, 6, 6], [-4, -4, -4, -4])
    paid = leg([4, 5, 6, 7], [0, 0, 0, None], [4, 3.99, 3, None], [4, 4, 3, 4])
    fees, boundary = np.array([0, 0, 100, 0]), np.array([False, False, False, True])
    assert unbalanced([paying, paid], fees, boundary).tolist() == [False, True, False, False]
    assert unbalanced([paying, paid], 0 * fees, ~boundary).tolist() == [False, False, False, True]
