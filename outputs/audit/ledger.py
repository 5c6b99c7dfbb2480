"""Is money conserved? Balances before and after, from row to row, and over both sides of a payment, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bustle.outputs.audit.arrays import Bools, Floats, Integers

_HARDLY = 1e-3
"""Cents by which a number may miss a whole cent, as decimals held as float64 do."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What rows do to the balance of one of their accounts; all arrays have an entry for each row.

    Attributes:
        accounts: codes of the account.
        before: balance before, in cents.
        after: balance after, in cents.
        change: what the amount says that the balance changes by, in cents.
        there: rows that have this leg: they are meant, and have a balance before or after.
        whole: rows whose balances and amount are there, and whole cents.
    """

    accounts: Integers
    before: Integers
    after: Integers
    change: Integers
    there: Bools
    whole: Bools

    def broken(self) -> Bools:
        """The rows whose balance after is not the balance before and the change."""
        found: Bools = self.there & ~(self.whole & (self.after == self.before + self.change))
        return found


@dataclass(frozen=True, slots=True)
class Cents:
    """Amounts as whole cents, and where they are: ``whole`` is false for missing ones and fractions of cents."""

    value: Integers
    missing: Bools
    whole: Bools


def cents_of(column: pl.Series) -> Cents:
    """A column of money as whole cents."""
    numbers: Floats = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    missing = ~np.isfinite(numbers)
    hundredths = np.where(missing, 0.0, numbers) * 100
    nearest = np.rint(hundredths)
    whole = ~missing & (np.abs(hundredths - nearest) <= _HARDLY) & (np.abs(nearest) < 2**53)
    return Cents(np.where(whole, nearest, 0).astype(np.int64), missing, whole)


def broken_chain(legs: Sequence[Leg]) -> tuple[int, int]:
    """How often an account's balance before a row is not its balance after its previous row.

    Rows are taken in their order, and within a row legs in theirs.

    Returns:
        The number of broken links, and of links.
    """
    rows = [np.flatnonzero(leg.there) for leg in legs]
    at = np.concatenate([row * len(legs) + number for number, row in enumerate(rows)])
    accounts = np.concatenate([leg.accounts[row] for leg, row in zip(legs, rows, strict=True)])
    before = np.concatenate([leg.before[row] for leg, row in zip(legs, rows, strict=True)])
    after = np.concatenate([leg.after[row] for leg, row in zip(legs, rows, strict=True)])
    order = np.lexsort((at, accounts))
    linked = accounts[order][1:] == accounts[order][:-1]
    broken = linked & (before[order][1:] != after[order][:-1])
    return int(broken.sum()), int(linked.sum())


def unbalanced(legs: Sequence[Leg], leaving: Integers, boundary: Bools) -> Bools:
    """The rows that make or lose money: what the accounts gain, and what leaves, does not sum up to 0.

    Args:
        legs: all legs of the rows.
        leaving: what leaves the accounts with each row, in cents.
        boundary: rows in which money may enter or leave the accounts.
    """
    gained = np.zeros_like(leaving)
    touched = np.zeros(leaving.shape, bool)
    for leg in legs:
        gained += np.where(leg.there, leg.after - leg.before, 0)
        touched |= leg.there
    found: Bools = touched & ~boundary & (gained + leaving != 0)
    return found
