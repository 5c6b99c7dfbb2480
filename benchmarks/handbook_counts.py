"""How many transactions and frauds the handbook's model gives, over seeds, and where the published run lies.

The published data set is one draw: its 5,000 customers have rates drawn once, so counts of other
seeds spread about a mean that the published count need not equal. The published run's z-score,
(published - mean) / sd, says how ordinary it is among the seeds.

    python -m benchmarks.handbook_counts --source numpy --seeds 20
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.handbook_source import SOURCES, make_table

PUBLISHED = {
    "transactions": 1_754_155,
    "fraud, all rules": 14_681,
    "fraud 1, large amount": 973,
    "fraud 2, terminal": 9_077,
    "fraud 3, customer": 4_631,
}
"""Counts of the published data set (chapter 3, "Transaction data simulator"), by the final label."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One count over all seeds, next to the published one."""

    count: str
    mean: float
    sd: float
    lowest: int
    highest: int
    published: int
    z: float


def count_table(path: Path) -> tuple[int, ...]:
    """The counts of one table, in the order of `PUBLISHED`."""
    rule = pl.col("TX_FRAUD_SCENARIO")
    counts = pl.scan_parquet(path).select(
        rows=pl.len(), fraud=(rule > 0).sum(), one=(rule == 1).sum(), two=(rule == 2).sum(), three=(rule == 3).sum()
    )
    return tuple(int(value) for value in counts.collect().row(0))


def spread(counts: Sequence[tuple[int, ...]]) -> list[Spread]:
    """Mean, sample standard deviation, range and z-score of the published count; needs two tables or more."""
    found = np.array(counts)
    mean, sd = found.mean(axis=0), found.std(axis=0, ddof=1)
    return [
        Spread(
            name,
            float(mean[i]),
            float(sd[i]),
            int(found[:, i].min()),
            int(found[:, i].max()),
            published,
            float((published - mean[i]) / sd[i]),
        )
        for i, (name, published) in enumerate(PUBLISHED.items())
    ]


def render(spreads: Sequence[Spread], source: str, seeds: int) -> str:
    """The spread as a Markdown table."""
    lines = [
        f"Source: {source}, seeds 1 to {seeds}.",
        "",
        "| count | mean | sd | sd / mean | lowest | highest | published | z |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.count} | {s.mean:,.0f} | {s.sd:,.0f} | {s.sd / s.mean:.2%} | {s.lowest:,} | {s.highest:,} |"
        f" {s.published:,} | {s.z:+.2f} |"
        for s in spreads
    ]
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=SOURCES, default="bustle")
    parser.add_argument("--seeds", type=int, default=20, help="how many tables to make, with seeds 1, 2, ...")
    parser.add_argument("--folder", type=Path, help="where to keep the tables that are made, and find them again")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("a spread needs at least 2 seeds")

    counts = []
    for seed in range(1, arguments.seeds + 1):
        print(f"seed {seed} of {arguments.seeds}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as scratch:
            folder: Path = arguments.folder or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            counts.append(count_table(make_table(arguments.source, seed, folder)))

    spreads = spread(counts)
    if arguments.json:
        print(json.dumps({"source": arguments.source, "counts": counts, "spread": [asdict(s) for s in spreads]}))
    else:
        print(render(spreads, arguments.source, arguments.seeds))


if __name__ == "__main__":
    main()
