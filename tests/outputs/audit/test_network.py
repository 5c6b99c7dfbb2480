"""Pairs, degrees and repertoires of payments that fit on a page."""

from __future__ import annotations

import numpy as np
import pytest

from bustle.outputs.audit.network import pairs_of
from bustle.outputs.audit.repertoires import MONTH, payees_a_month, shares_by_rank
from bustle.outputs.audit.rhythm import DAY


def test_degrees_count_each_pair_once() -> None:
    pairs = pairs_of(np.array([0, 0, 0, 1, 2]), np.array([3, 3, 4, 3, 3]))
    assert pairs.mean_degrees() == (4 / 3, 2)


def test_reciprocity_is_the_share_of_pairs_that_also_pay_the_other_way_round() -> None:
    payers, payees = np.array([0, 1, 0, 2, 5, 5]), np.array([1, 0, 2, 3, 5, 5])
    assert pairs_of(payers, payees).reciprocity() == 2 / 4  # 0-1 and 1-0 of four; 5 pays itself


def test_a_payer_has_as_many_payees_a_month_as_they_paid_in_it() -> None:
    """Payer 0 pays three in the first month and one in the second, payer 1 one in the second; the third is cut."""
    payers = np.array([0, 0, 0, 0, 0, 1, 0])
    payees = np.array([1, 2, 3, 3, 1, 4, 9])
    instants = np.array([0, 1 * DAY, 2 * DAY, 3 * DAY, MONTH, MONTH + DAY, 2 * MONTH + DAY])
    assert sorted(payees_a_month(payers, payees, instants).tolist()) == [1, 1, 3]


def test_the_shares_by_rank_are_means_over_payers_with_enough_rows() -> None:
    payers = np.repeat([0, 0, 1, 1, 1, 2], [60, 40, 25, 50, 25, 49])
    payees = np.repeat([7, 8, 1, 2, 3, 4], [60, 40, 25, 50, 25, 49])
    shares, people = shares_by_rank(payers, payees)
    assert people == 2
    assert shares.tolist() == pytest.approx([(0.6 + 0.5) / 2, (0.4 + 0.25) / 2, 0.25 / 2])
