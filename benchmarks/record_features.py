"""What it costs to compute the features of a table, beside recording it without any.

Runs ``card_fraud``, then makes its tables again from the log, without and with features, each time in a process of its
own. Prints a Markdown table.

    python -m benchmarks.record_features --scale 31
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process_cost import Cost, run_python
from benchmarks.whole_run import run_options, whole_run

WINDOWS = "[1 day, 7 days, 30 days]"
ASKED = f"""\
transactions:
  card: {{windows: {WINDOWS}, count: true, sum: amount, mean: amount, distinct: merchant, since_last: true}}
  merchant: {{windows: {WINDOWS}, count: true, risk: fraud}}
"""
"""Nineteen features."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What recording costs.

    Attributes:
        rows: of the table.
        features: how many are computed.
        plain: recording without features.
        asked: recording with them.
    """

    rows: int
    features: int
    plain: Cost
    asked: Cost


def measure(scale: float, length: str, folder: Path) -> Costs:
    """Run ``card_fraud`` in ``folder`` and record its tables again, twice with features, of which the second counts.

    The first one may compile.
    """
    whole_run("card_fraud", run_options(scale=scale, length=length, workers=1), folder)
    wanted = folder.with_suffix(".yaml")
    wanted.write_text(ASKED, encoding="utf-8")
    plain = _record(folder)
    _record(folder, "--features", str(wanted))
    asked = _record(folder)
    table = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]["transactions"]
    return Costs(table["rows"], sum(column["role"] == "feature" for column in table["columns"]), plain, asked)


def _record(folder: Path, *options: str) -> Cost:
    return run_python(["-m", "bustle", "record", str(folder), *options, "--json"])


def render(costs: Costs) -> str:
    """The costs as a Markdown table."""
    lines = ["| recording | rows | seconds | CPU seconds | peak memory, MB |", "|---|---|---|---|---|"]
    for name, cost in (("without features", costs.plain), (f"with {costs.features} features", costs.asked)):
        lines.append(
            f"| {name} | {costs.rows:,} | {cost.seconds:.1f} | {cost.cpu_seconds:.1f} | {cost.peak_megabytes:,.0f} |"
        )
    more = costs.asked.cpu_seconds - costs.plain.cpu_seconds
    each = more / costs.rows / costs.features * 1e9
    return "\n".join(
        [*lines, "", f"{costs.rows / more:,.0f} rows per CPU second more, {each:.0f} ns for each feature."]
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=31.0, help="of card_fraud; 31 gives 10 million rows in 90 days")
    parser.add_argument("--length", default="90 days")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print(render(measure(given.scale, given.length, Path(scratch) / "run")))


if __name__ == "__main__":
    main()
