"""Which transactions the Fraud Detection Handbook trains on, which it tests on, and how it counts cards.

Chapter 3 ("Baseline fraud detection system") and chapter 4 ("Top-k metrics") of the handbook.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.handbook_features import DELAY_DAYS, Transactions

TRAINING_DAY = 115
"""2018-07-25, counted from 2018-04-01."""

TRAINING_DAYS = TEST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of the training and the test rows."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def split_weeks(table: Transactions, training_day: int = TRAINING_DAY) -> Split:
    """A training week, a week of delay, and a test week without customers known to be defrauded.

    On test day d those customers are left out who had a fraud in the training week, or on a day
    from the end of the training week up to d - 8: its label, 7 days late, is in when d begins.
    """
    end = training_day + TRAINING_DAYS
    train = np.flatnonzero((table.day >= training_day) & (table.day < end))
    first_test_day = end + DELAY_DAYS
    tested = []
    for day in range(first_test_day, first_test_day + TEST_DAYS):
        known = table.fraud & (table.day >= training_day) & (table.day < day - DELAY_DAYS)
        today = np.flatnonzero(table.day == day)
        tested.append(today[~np.isin(table.customer[today], np.unique(table.customer[known]))])
    return Split(train, np.concatenate(tested))


def card_precision(
    score: NDArray[np.float64],
    fraud: NDArray[np.bool_],
    customer: NDArray[np.int64],
    day: NDArray[np.int64],
    cards: int = 100,
) -> float:
    """Mean over days of the share of defrauded customers among the ``cards`` highest scores.

    A customer's score on a day is the highest of their transactions, and so is the label.
    Customers found leave the days that follow. Equal scores are ranked in order of customer, an
    order that says nothing of fraud.
    """
    found: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    precisions = []
    for today in np.unique(day):
        rows = np.flatnonzero((day == today) & ~np.isin(customer, found))
        who, code = np.unique(customer[rows], return_inverse=True)
        highest = np.full(len(who), -np.inf)
        np.maximum.at(highest, code, score[rows])
        defrauded = np.zeros(len(who), dtype=bool)
        np.logical_or.at(defrauded, code, fraud[rows])
        ranked = np.argsort(-highest, kind="stable")[:cards]
        hits = who[ranked[defrauded[ranked]]]
        found = np.concatenate([found, hits])
        precisions.append(len(hits) / cards)
    return float(np.mean(precisions))
