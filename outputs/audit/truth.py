"""The checks of the ledger and of the labels: is money conserved, and do labels mean the same all the time?"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bustle.outputs.audit.label_periods import End, dead_periods, delays, end_of
from bustle.outputs.audit.ledger import Leg, broken_chain, unbalanced
from bustle.outputs.audit.payments import Payments
from bustle.outputs.audit.rhythm import DAY
from bustle.outputs.audit.verdicts import Measured

FEWEST_DAYS = 10
"""Days from which the last tenth of the time holds a whole day."""
FEWEST_ROWS = 1_000


class Truth:
    """What the checks of ledger and labels share: the legs, and the end of the data."""

    def __init__(self, payments: Payments) -> None:
        self.payments = payments

    # --- ledger

    @cached_property
    def legs(self) -> list[Leg]:
        """What rows do to balances."""
        return [self.payments.leg(balance) for balance in self.payments.audit.balances]

    def ledger_rows(self) -> Measured:
        """The number of balances that do not follow from the balance before and the amount."""
        there = sum(int(leg.there.sum()) for leg in self.legs)
        broken = [leg.broken() for leg in self.legs]
        rows = np.flatnonzero(np.any(broken, axis=0))
        first = f"; first at {self._when(int(rows[0]))}" if rows.size else ""
        return self._of_balances(int(np.sum(broken)), f"{there:,} balances{first}", there)

    def ledger_chain(self) -> Measured:
        """The number of balances that are not what the account's previous row left."""
        broken, links = broken_chain(self.legs)
        return self._of_balances(broken, f"{links:,} pairs of successive rows", links)

    def ledger_sides(self) -> Measured:
        """The number of rows that make or lose money."""
        data = self.payments
        leaving = np.sum([np.zeros(data.rows, np.int64), *(data.cents(fee).value for fee in data.audit.fees)], axis=0)
        boundary = data.matching(data.audit.boundary) if data.audit.boundary else np.zeros(data.rows, bool)
        touched = int((np.any([leg.there for leg in self.legs], axis=0) & ~boundary).sum())
        lost = unbalanced(self.legs, leaving, boundary)
        return self._of_balances(int(lost.sum()), f"{touched:,} rows between accounts", touched)

    @staticmethod
    def _of_balances(broken: int, detail: str, looked_at: int) -> Measured:
        return Measured(float(broken), detail, "" if looked_at else "nothing to look at")

    def _when(self, row: int) -> str:
        return str(np.datetime64(int(self.payments.local[row]), "us").astype("datetime64[s]"))

    # --- labels

    def prevalence(self) -> Measured:
        """The share of fraud."""
        frauds = int(self.payments.fraud.sum())
        cases = self.payments.cases
        detail = f"{frauds:,} of {self.payments.rows:,} rows" + ("" if cases is None else f", {cases:,} cases")
        return Measured(frauds / self.payments.rows, detail)

    def prevalence_of_money(self) -> Measured:
        """The share of the money that is fraud."""
        data = self.payments
        amounts = np.nan_to_num(data.all_amounts).clip(min=0)
        total, stolen = float(amounts.sum()), float(amounts[data.fraud].sum())
        return Measured(stolen / total if total else None, f"{stolen:,.0f} of {total:,.0f}")

    def dead_periods(self) -> Measured:
        """The number of weeks and months without any fraud where some was to be expected."""
        data = self.payments
        if not data.fraud.any():
            return Measured(None, too_few="no fraud")
        found = dead_periods(data.local, data.fraud, data.cases)
        return Measured(float(len(found)), ", ".join(found[:5]))

    @cached_property
    def end(self) -> End:
        """The last tenth of the time."""
        return end_of(self.payments.instants, self.payments.fraud if self.payments.audit.label else None)

    def fraud_at_the_end(self) -> Measured:
        """The share of fraud in the last tenth of the time."""
        return self._of_the_end(self.end.fraud_share)

    def volume_at_the_end(self) -> Measured:
        """The rows a day in the last tenth of the time, over those before."""
        return self._of_the_end(self.end.volume)

    def _of_the_end(self, value: float) -> Measured:
        data = self.payments
        days = (int(data.instants[-1]) - int(data.instants[0])) / DAY
        too_few = f"{days:.1f} days, {FEWEST_DAYS} needed" if days < FEWEST_DAYS * (1 - 1e-2) else ""
        too_few = too_few or (f"{data.rows:,} rows, {FEWEST_ROWS:,} needed" if data.rows < FEWEST_ROWS else "")
        return Measured(value, f"{self.end.rows:,} rows in the last {self.end.days:.1f} days", too_few)

    def known_too_soon(self) -> Measured:
        """The number of rows whose label is known before they happen."""
        return Measured(float((self.payments.known < self.payments.instants).sum()))

    def label_delay(self) -> Measured:
        """The median of the days until a label is known."""
        data = self.payments
        assert data.audit.known is not None
        there = data.frame[data.audit.known].is_not_null().to_numpy()
        if not there.any():
            return Measured(None, too_few="no label is ever known")
        found = delays(data.instants[there], data.known[there])
        middle, late = np.quantile(found, (0.5, 0.9))
        never = int((~there).sum())
        detail = f"a tenth later than {late:.1f} days" + (f"; {never:,} never known" if never else "")
        return Measured(float(middle), detail)
