"""The Fraud Detection Handbook's transaction model, written by hand in vectorised NumPy.

It serves twice: as an independent statement of the model against which the shipped
``handbook_fraud`` scenario is compared, and as the speed that a program written for this one
model reaches. It shares no code with bustle.

The model (Le Borgne, Siblini, Lebichot and Bontempi, *Reproducible Machine Learning for Credit
Card Fraud Detection - Practical Handbook*, 2022, chapter 3, "Transaction data simulator"):
customers and terminals lie evenly on a square of side 100; a customer buys a Poisson number of
times a day at terminals within a radius; amounts are normal about the customer's mean; three
fraud rules follow each other, and a later one overwrites the label of an earlier one.

Run it as ``python -m benchmarks.handbook_numpy --seed 1 --out handbook.parquet``.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

START = np.datetime64("2018-04-01", "us")
"""Midnight of the first simulated day."""

SIDE = 100.0
"""Side of the square on which customers and terminals lie."""

DAY_SECONDS = 86_400
NOON_SECONDS, NOON_SPREAD_SECONDS = 43_200, 20_000
LARGE_AMOUNT_CENTS = 22_000
TERMINALS_A_DAY, TERMINAL_DAYS = 2, 28
CUSTOMERS_A_DAY, CUSTOMER_DAYS = 3, 14


@dataclass(frozen=True, slots=True)
class Size:
    """How large a table to make; the defaults are the published ones."""

    customers: int = 5_000
    terminals: int = 10_000
    days: int = 183
    radius: float = 5.0


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases ordered by customer, then day; one entry a purchase.

    ``first[c * days + d]`` is where the purchases of customer ``c`` on day ``d`` begin.
    """

    customer: NDArray[np.int32]
    terminal: NDArray[np.int32]
    seconds: NDArray[np.int64]
    day: NDArray[np.int32]
    cents: NDArray[np.int64]
    first: NDArray[np.int64]


def terminals_in_reach(
    home: NDArray[np.float64], place: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """How many terminals every customer can reach, and which, customer after customer.

    Terminals are sorted into rows as high as the radius, and by x within a row: a customer needs to look at a
    stretch of three rows only. (A k-d tree is as quick, but importing scipy takes longer than all of it.)

    Args:
        home: float64[customers, 2].
        place: float64[terminals, 2].
        radius: the farthest that a customer goes.
    """
    step = 2 * (SIDE + radius)  # from one row to the next, so that stretches of two rows never meet
    key = np.floor(place[:, 1] / radius) * step + place[:, 0]
    order = np.argsort(key)
    key = key[order]
    rows = np.floor(home[:, 1] / radius)[:, None] + np.array([-1.0, 0.0, 1.0])
    middle = rows * step + home[:, 0, None]
    low = np.searchsorted(key, middle - radius).ravel()
    count = np.searchsorted(key, middle + radius).ravel() - low
    customer = np.repeat(np.arange(len(home), dtype=np.int32).repeat(3), count)
    terminal = order[np.arange(int(count.sum())) + np.repeat(low - (np.cumsum(count) - count), count)]
    apart = place[terminal] - home[customer]
    inside = (apart * apart).sum(axis=1) <= radius * radius
    return np.bincount(customer[inside], minlength=len(home)), terminal[inside].astype(np.int32)


def draw_purchases(rng: np.random.Generator, size: Size) -> Purchases:
    """Customers, terminals and every genuine purchase."""
    home = rng.uniform(0, SIDE, (size.customers, 2))
    place = rng.uniform(0, SIDE, (size.terminals, 2))
    mean_amount = rng.uniform(5, 100, size.customers)
    daily = rng.uniform(0, 4, size.customers)

    degree, neighbours = terminals_in_reach(home, place, size.radius)
    near_first = np.concatenate(([0], np.cumsum(degree)))

    # One cell a customer and day. Who has no terminal in reach buys nothing.
    cells = size.customers * size.days
    bought = rng.poisson(np.repeat(np.where(degree > 0, daily, 0.0), size.days))
    cell = np.repeat(np.arange(cells, dtype=np.int32), bought)
    moment = rng.normal(NOON_SECONDS, NOON_SPREAD_SECONDS, len(cell)).astype(np.int64)
    inside = (moment > 0) & (moment < DAY_SECONDS)
    cell, moment = cell[inside], moment[inside]
    customer, day = np.divmod(cell, np.int32(size.days))

    mean = mean_amount[customer]
    amount = mean * (1 + 0.5 * rng.standard_normal(len(cell)))
    negative = np.flatnonzero(amount < 0)
    amount[negative] = rng.uniform(0, 2 * mean[negative])

    chosen = (rng.random(len(cell)) * degree[customer]).astype(np.int64)
    return Purchases(
        customer=customer,
        terminal=neighbours[near_first[customer] + chosen],
        seconds=moment + DAY_SECONDS * day.astype(np.int64),
        day=day,
        cents=np.rint(amount * 100).astype(np.int64),
        first=np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=cells)))),
    )


def apply_fraud(rng: np.random.Generator, size: Size, bought: Purchases) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Amounts in cents and fraud rule (0 for genuine) of every purchase after the three rules.

    Of the purchases that a day's three customers make in their 14 days, a third, rounded
    down, is chosen without replacement, as the handbook does. A purchase that is chosen on
    two days has its amount multiplied twice.
    """
    cents = bought.cents.copy()
    rule = (cents > LARGE_AMOUNT_CENTS).astype(np.int8)

    compromised = np.zeros((size.terminals, size.days), dtype=bool)
    for day in range(size.days):
        terminals = rng.choice(size.terminals, min(TERMINALS_A_DAY, size.terminals), replace=False)
        compromised[terminals, day : day + TERMINAL_DAYS] = True
    rule[compromised[bought.terminal, bought.day]] = 2

    for day in range(size.days):
        customers = rng.choice(size.customers, min(CUSTOMERS_A_DAY, size.customers), replace=False)
        until = min(day + CUSTOMER_DAYS, size.days)
        theirs = np.concatenate(
            [np.arange(bought.first[c * size.days + day], bought.first[c * size.days + until]) for c in customers]
        )
        chosen = rng.choice(theirs, len(theirs) // 3, replace=False)
        cents[chosen] *= 5
        rule[chosen] = 3
    return cents, rule


def simulate(seed: int, size: Size | None = None) -> dict[str, NDArray[np.generic]]:
    """The whole table, in order of time.

    Returns:
        The handbook's nine columns. ``TX_DATETIME`` is datetime64[us] without a zone, ``TX_AMOUNT``
        float64, ``TX_TIME_SECONDS`` and ``TX_TIME_DAYS`` count from the first midnight, all else is int64.
    """
    size = size or Size()
    rng = np.random.default_rng(seed)
    bought = draw_purchases(rng, size)
    cents, rule = apply_fraud(rng, size, bought)

    # Sorting (time, position) as one integer is faster than an argsort and has no ties to break.
    rows = len(cents)
    width = max(1, rows).bit_length()
    order = np.sort((bought.seconds << width) | np.arange(rows)) & ((1 << width) - 1)
    seconds, scenario = bought.seconds[order], rule[order].astype(np.int64)
    return {
        "TRANSACTION_ID": np.arange(rows),
        "TX_DATETIME": START + (seconds * 1_000_000).astype("timedelta64[us]"),
        "CUSTOMER_ID": bought.customer[order].astype(np.int64),
        "TERMINAL_ID": bought.terminal[order].astype(np.int64),
        "TX_AMOUNT": cents[order] / 100,
        "TX_TIME_SECONDS": seconds,
        "TX_TIME_DAYS": bought.day[order].astype(np.int64),
        "TX_FRAUD": (scenario > 0).astype(np.int64),
        "TX_FRAUD_SCENARIO": scenario,
    }


def write_parquet(columns: dict[str, NDArray[np.generic]], path: Path) -> None:
    """Write the table to ``path``, encoded as is quickest: the same form in which bustle writes its table."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    pq.write_table(
        table,
        path,
        row_group_size=131_072,
        compression="snappy",
        use_dictionary=["TX_AMOUNT"],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in columns if name != "TX_AMOUNT"},
        write_statistics=["TRANSACTION_ID", "TX_DATETIME"],
        write_batch_size=20_000,
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="Parquet file to write")
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--terminals", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=183)
    parser.add_argument("--radius", type=float, default=5.0)
    arguments = parser.parse_args()
    size = Size(arguments.customers, arguments.terminals, arguments.days, arguments.radius)

    started = time.perf_counter()
    columns = simulate(arguments.seed, size)
    simulated = time.perf_counter()
    write_parquet(columns, arguments.out)
    written = time.perf_counter()
    print(
        f"{len(columns['TRANSACTION_ID']):,} transactions, simulated in {simulated - started:.2f} s,"
        f" written in {written - simulated:.2f} s"
    )


if __name__ == "__main__":
    main()
