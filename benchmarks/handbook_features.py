"""The Fraud Detection Handbook's fifteen inputs, exact and fast.

The handbook (chapter 3, "Baseline feature transformation") describes every transaction by its
amount, two flags of the calendar, the customer's recent habits and the terminal's past risk.
Sums over windows of time are differences of prefix sums over rows ordered by (customer, time)
or (terminal, time), found by binary search; amounts are summed in whole cents, so no rounding
error builds up over a long prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

DAY = 86_400_000_000
"""Microseconds in a day."""

WINDOW_DAYS = (1, 7, 30)
DELAY_DAYS = 7
"""Days that pass until a transaction's label is known."""

FEATURES = (
    "TX_AMOUNT",
    "TX_DURING_WEEKEND",
    "TX_DURING_NIGHT",
    *(f"CUSTOMER_ID_{what}_{days}DAY_WINDOW" for days in WINDOW_DAYS for what in ("NB_TX", "AVG_AMOUNT")),
    *(f"TERMINAL_ID_{what}_{days}DAY_WINDOW" for days in WINDOW_DAYS for what in ("NB_TX", "RISK")),
)
"""Names of the inputs, in the order of `feature_matrix`'s columns."""


@dataclass(frozen=True, slots=True)
class Transactions:
    """A table of transactions as columns, in order of time.

    Attributes:
        time: Microseconds since 1970-01-01 on the clock of the table.
        day: Days since the table's first day.
        customer: Identifier of who paid.
        terminal: Identifier of where.
        cents: Amount in whole cents.
        fraud: The label.
        rule: The fraud rule that gave the label, 0 for genuine.
    """

    time: NDArray[np.int64]
    day: NDArray[np.int64]
    customer: NDArray[np.int64]
    terminal: NDArray[np.int64]
    cents: NDArray[np.int64]
    fraud: NDArray[np.bool_]
    rule: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.time)


def read_transactions(path: Path) -> Transactions:
    """Read a Parquet file with the handbook's columns.

    Identifiers may be numbers or text, amounts floats or decimals.
    """
    whole = pl.Int64
    table = (
        pl.scan_parquet(path)
        .sort("TX_DATETIME", "TRANSACTION_ID")
        .select(
            time=pl.col("TX_DATETIME").dt.replace_time_zone(None).cast(pl.Datetime("us")).cast(whole),
            day=pl.col("TX_TIME_DAYS").cast(whole),
            customer=pl.col("CUSTOMER_ID").rank("dense").cast(whole),
            terminal=pl.col("TERMINAL_ID").rank("dense").cast(whole),
            cents=(pl.col("TX_AMOUNT").cast(pl.Float64) * 100).round().cast(whole),
            fraud=pl.col("TX_FRAUD").cast(pl.Boolean),
            rule=pl.col("TX_FRAUD_SCENARIO").cast(whole),
        )
        .collect()
    )
    return Transactions(**{name: table[name].to_numpy() for name in table.columns})


class WindowSums:
    """Counts and sums over (t - delay - window, t - delay] within a group, for every row's t."""

    def __init__(self, group: NDArray[np.int64], time: NDArray[np.int64], longest: int) -> None:
        """Order the rows by group and time; ``longest`` bounds delay + window, in microseconds."""
        # Groups are laid one after another on a single axis, further apart than any window reaches.
        since = time - time.min() if len(time) else time
        span = (int(since.max()) if len(time) else 0) + longest + 1
        _, code = np.unique(group, return_inverse=True)
        place = code * span + since
        self._order = np.argsort(place, kind="stable")
        self._axis = place[self._order]
        self._place = place

    def prefix(self, value: NDArray[np.int64]) -> NDArray[np.int64]:
        """Prefix sums of ``value`` (int64, one a row) along the axis, for `sums`."""
        return np.concatenate(([0], np.cumsum(value[self._order])))

    def bounds(self, rows: NDArray[np.int64], delay: int, window: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and one past the last position along the axis of the window of each of ``rows``."""
        until = self._place[rows] - delay
        return (
            np.searchsorted(self._axis, until - window, side="right"),
            np.searchsorted(self._axis, until, side="right"),
        )


def feature_matrix(table: Transactions, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """The inputs of ``rows``, computed from the whole table.

    Returns:
        float64 array of shape (rows, 15); columns as in `FEATURES`, amounts in units of money.
    """
    longest = (DELAY_DAYS + max(WINDOW_DAYS)) * DAY
    day_of_era = table.time[rows] // DAY
    weekday = (day_of_era + 3) % 7  # 1970-01-01 was a Thursday
    hour = table.time[rows] % DAY // (DAY // 24)
    columns = [table.cents[rows] / 100, weekday >= 5, hour <= 6]

    by_customer = WindowSums(table.customer, table.time, longest)
    spent = by_customer.prefix(table.cents)
    for days in WINDOW_DAYS:
        first, end = by_customer.bounds(rows, 0, days * DAY)
        columns += [end - first, (spent[end] - spent[first]) / 100 / (end - first)]

    by_terminal = WindowSums(table.terminal, table.time, longest)
    frauds = by_terminal.prefix(table.fraud.astype(np.int64))
    for days in WINDOW_DAYS:
        first, end = by_terminal.bounds(rows, DELAY_DAYS * DAY, days * DAY)
        columns += [end - first, (frauds[end] - frauds[first]) / np.maximum(end - first, 1)]

    return np.column_stack([column.astype(np.float64) for column in columns])
