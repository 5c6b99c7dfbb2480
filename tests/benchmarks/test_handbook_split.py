"""Which rows are trained and tested on, and how detected cards are counted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.handbook_features import DAY, Transactions
from benchmarks.handbook_split import card_precision, split_weeks


def transactions(rows: list[tuple[int, int, bool]]) -> Transactions:
    """A table from (day, customer, fraud)."""
    day, customer, fraud = (np.array(column) for column in zip(*rows, strict=True))
    zeros = np.zeros(len(rows), dtype=np.int64)
    return Transactions(day * DAY, day, customer, zeros, zeros, fraud.astype(bool), zeros)


def test_training_takes_one_week_and_testing_the_second_week_after_it() -> None:
    table = transactions([(day, day, False) for day in range(40)])
    split = split_weeks(table, training_day=10)
    assert split.train.tolist() == list(range(10, 17))
    assert split.test.tolist() == list(range(24, 31))


def test_customers_defrauded_in_the_training_week_are_not_tested() -> None:
    table = transactions([(12, 1, True), (12, 2, False), (24, 1, False), (24, 2, False)])
    assert split_weeks(table, training_day=10).test.tolist() == [3]


def test_a_fraud_between_the_weeks_is_known_eight_days_later() -> None:
    table = transactions([(18, 1, True), *((day, 1, False) for day in range(24, 31))])
    tested = split_weeks(table, training_day=10).test
    assert table.day[tested].tolist() == [24, 25]


def test_a_fraud_before_the_training_week_is_forgotten() -> None:
    table = transactions([(9, 1, True), (24, 1, False)])
    assert split_weeks(table, training_day=10).test.tolist() == [1]


def precision(rows: list[tuple[float, bool, int, int]], cards: int) -> float:
    """Card precision from rows (score, fraud, customer, day)."""
    score, fraud, customer, day = (np.array(column) for column in zip(*rows, strict=True))
    return card_precision(score, fraud, customer, day, cards)


def test_a_card_has_its_highest_score_and_its_highest_label_of_the_day() -> None:
    rows = [(0.9, False, 1, 0), (0.1, True, 1, 0), (0.8, False, 2, 0), (0.7, True, 3, 0)]
    assert precision(rows, cards=1) == 1.0
    assert precision(rows, cards=2) == 0.5
    assert precision(rows, cards=3) == pytest.approx(2 / 3)


def test_a_detected_card_leaves_the_following_days_and_a_missed_one_stays() -> None:
    rows = [(0.9, True, 1, 0), (0.2, True, 2, 0), (0.9, True, 1, 1), (0.3, True, 2, 1), (0.2, False, 3, 1)]
    assert precision(rows, cards=1) == 1.0
    assert precision([(0.9, True, 1, 0), (0.9, True, 1, 1), (0.2, False, 3, 1)], cards=1) == 0.5


def test_fewer_cards_than_asked_for_lower_the_precision() -> None:
    assert precision([(0.9, True, 1, 0)], cards=100) == 0.01
