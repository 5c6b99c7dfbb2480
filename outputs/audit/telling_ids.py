"""Payers and payees that have nothing but fraud, so that knowing who they are is knowing the label."""

from __future__ import annotations

import numpy as np

from bustle.outputs.audit.arrays import Bools, Integers

FEWEST_ROWS = 5
"""Rows from which it is odd that all of an id's rows are fraud."""


def rows_of_telling_ids(codes: Integers, fraud: Bools) -> Bools:
    """Which rows lie on an id that has at least `FEWEST_ROWS` rows, all of them fraud.

    Args:
        codes: codes from 0 of the row's payer, or payee.
        fraud: the label.
    """
    rows, frauds = np.bincount(codes), np.bincount(codes, weights=fraud)
    telling: Bools = (rows >= FEWEST_ROWS) & (frauds == rows)
    return telling[codes]
