"""The checks of realism: rhythm, who pays whom, and how much."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from bustle.outputs.audit.amounts import benford_deviation, tail_exponent
from bustle.outputs.audit.arrays import Integers
from bustle.outputs.audit.concentration import top_share, zipf_slope
from bustle.outputs.audit.network import Pairs, pairs_of
from bustle.outputs.audit.payments import Payments
from bustle.outputs.audit.repertoires import FEWEST_ROWS, payees_a_month, shares_by_rank
from bustle.outputs.audit.rhythm import FEWEST_GAPS, burstiness_of_each, peak_to_trough, rows_by_hour, rows_by_weekday
from bustle.outputs.audit.verdicts import Measured

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FEWEST_A_WEEKDAY = 1_000
"""Rows of a weekday, on average: with 1,000 the most and the fewest of seven equal ones lie 9 % apart by chance."""
FEWEST_AN_HOUR = 100
FEWEST_PAYERS = 30
FEWEST_PAYEES = 100
FEWEST_PAYMENTS = 5_000
FEWEST_AMOUNTS = 3_000
"""Amounts for Benford's law: 3,000 that follow it deviate by .004 by chance."""


class Realism:
    """What the checks of realism share: which rows have a payee that is meant, and the pairs."""

    def __init__(self, payments: Payments) -> None:
        self.payments = payments

    # --- when

    def hour_ratio(self) -> Measured:
        """The busiest hour over the quietest."""
        data = self.payments
        counts = rows_by_hour(data.local[data.where(data.audit.time)])
        detail = f"most at {counts.argmax()}h, fewest at {counts.argmin()}h"
        return Measured(peak_to_trough(counts), detail, _few(int(counts.sum()), 24 * FEWEST_AN_HOUR, "rows"))

    def weekday_ratio(self) -> Measured:
        """The busiest weekday over the quietest."""
        data = self.payments
        counts, weeks = rows_by_weekday(data.local[data.where(data.audit.time)])
        if not weeks:
            return Measured(None, too_few="no whole week between the first and the last day")
        detail = f"most on {DAYS[counts.argmax()]}, fewest on {DAYS[counts.argmin()]}; {weeks} weeks"
        return Measured(peak_to_trough(counts), detail, _few(int(counts.sum()), 7 * FEWEST_A_WEEKDAY, "rows"))

    def burstiness(self) -> Measured:
        """The median burstiness of the payers."""
        data = self.payments
        chosen = data.where(data.audit.payer)
        each = burstiness_of_each(data.payers[chosen], data.instants[chosen])
        if not each.size:
            return Measured(None, too_few=f"no payer with {FEWEST_GAPS} gaps")
        low, middle, high = np.quantile(each, (0.25, 0.5, 0.75))
        payers = f"payers with at least {FEWEST_GAPS} gaps"
        detail = f"middle half {low:.2f} to {high:.2f}; {each.size:,} {payers}"
        return Measured(float(middle), detail, _few(each.size, FEWEST_PAYERS, payers))

    # --- who pays whom

    @cached_property
    def payee_counts(self) -> Integers:
        """How many rows each payee has that has any."""
        data = self.payments
        counts = np.bincount(data.payees[data.where(data.audit.payee)])
        return counts[counts > 0]

    @cached_property
    def pairs(self) -> Pairs:
        """Who pays whom, over all rows that have both: money flows back in rows of other kinds."""
        there = self.payments.there(self.payments.audit.payer, self.payments.audit.payee)
        return pairs_of(self.payments.payers[there], self.payments.payees[there])

    @cached_property
    def both(self) -> tuple[Integers, Integers]:
        """Payer and payee of the rows in which both are meant."""
        data = self.payments
        chosen = data.where(data.audit.payer, data.audit.payee)
        return data.payers[chosen], data.payees[chosen]

    def payee_slope(self) -> Measured:
        """Zipf's slope of the payees."""
        return self._of_payees(zipf_slope(self.payee_counts), self.payee_counts.size)

    def top_payees(self) -> Measured:
        """The share of the busiest hundredth of the payees."""
        population = self.payments.population or self.payee_counts.size
        if not self.payee_counts.size:
            return Measured(None, too_few="no payee")
        return self._of_payees(top_share(self.payee_counts, population), population)

    def _of_payees(self, value: float, payees: int) -> Measured:
        rows = int(self.payee_counts.sum())
        too_few = _few(payees, FEWEST_PAYEES, "payees") or _few(rows, FEWEST_PAYMENTS, "rows")
        return Measured(value if np.isfinite(value) else None, f"{payees:,} payees, {rows:,} rows", too_few)

    def payees_a_month(self) -> Measured:
        """The median number of payees of a payer in a month."""
        data = self.payments
        chosen = data.where(data.audit.payer, data.audit.payee)
        each = payees_a_month(*self.both, data.instants[chosen]) if chosen.any() else np.zeros(0)
        if not each.size:
            return Measured(None, too_few="no whole month of 30 days")
        return Measured(float(np.median(each)), f"{each.size:,} months of payers")

    def own_payee_slope(self) -> Measured:
        """Zipf's slope of one payer's payees."""
        shares, people = shares_by_rank(*self.both)
        slope = zipf_slope(shares)
        payers = f"payers with at least {FEWEST_ROWS} rows"
        too_few = _few(people, FEWEST_PAYERS, payers)
        return Measured(slope if np.isfinite(slope) else None, "" if too_few else f"{people:,} {payers}", too_few)

    def payees_of_a_payer(self) -> Measured:
        """The mean out-degree."""
        return self._of_pairs(self.pairs.mean_degrees()[0] if self.pairs.payers.size else None)

    def payers_of_a_payee(self) -> Measured:
        """The mean in-degree."""
        return self._of_pairs(self.pairs.mean_degrees()[1] if self.pairs.payers.size else None)

    def reciprocity(self) -> Measured:
        """The share of pairs that pay both ways."""
        return self._of_pairs(self.pairs.reciprocity())

    def _of_pairs(self, value: float | None) -> Measured:
        return Measured(value, f"{self.pairs.payers.size:,} pairs")

    def own_payments(self) -> Measured:
        """The share of the rows in which an account pays itself."""
        data = self.payments
        there = data.there(data.audit.payer, data.audit.payee)
        return Measured(float((data.payers == data.payees)[there].mean()) if there.any() else None)

    # --- how much

    def amounts_valid(self) -> Measured:
        """The number of amounts that are missing or below 0."""
        data = self.payments
        assert data.audit.amount is not None
        amounts = data.all_amounts[data.matching(data.audit.amount.where)]
        missing, below = int(np.isnan(amounts).sum()), int((amounts < 0).sum())
        return Measured(float(missing + below), f"{missing:,} missing, {below:,} below 0" if missing + below else "")

    def benford(self) -> Measured:
        """The deviation of first digits from Benford's law."""
        amounts = self.payments.amounts
        if not amounts.size:
            return Measured(None, too_few="no amount above 0")
        return Measured(benford_deviation(amounts), "", _few(amounts.size, FEWEST_AMOUNTS, "amounts"))

    def amount_tail(self) -> Measured:
        """The exponent of the tail of the amounts."""
        amounts = self.payments.amounts
        if amounts.size < 2:
            return Measured(None, too_few="no amount above 0")
        exponent = tail_exponent(amounts)
        detail = f"the tenth above {np.quantile(amounts, 0.9):,.2f}"
        return Measured(exponent if np.isfinite(exponent) else None, detail, _few(amounts.size, 1_000, "amounts"))


def _few(count: int, needed: int, what: str) -> str:
    return "" if count >= needed else f"{count:,} {what}, {needed:,} needed"
