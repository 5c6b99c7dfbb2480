"""A whole run beside merely writing its largest table."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.findings import Finding, Goal, Table
from benchmarks.process_cost import run_python
from benchmarks.sizes import Sizes, scale_of
from benchmarks.whole_run import run_options, whole_run
from benchmarks.write_table import PLAIN


def measure(sizes: Sizes) -> Finding:
    """Run ``card_fraud``, at full length if there is time, and write its transactions again from memory, in turn."""
    days = sizes.days if sizes.long_days is None else sizes.long_days
    options = run_options(scale=scale_of(sizes.many), length=f"{days} days", workers=2)
    runs, writings = [], []
    for _ in range(sizes.repeat_long if days == sizes.days else 1):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            runs.append(whole_run("card_fraud", options, folder))
            table = folder / "tables" / "transactions.parquet"
            writings.append(run_python(["-m", "benchmarks.write_table", str(table)]).result)
    seconds, cpu = min(run.seconds for run in runs), min(run.cpu_seconds for run in runs)
    lines: list[tuple[str, float, float, float, float]] = [("the whole run", seconds, cpu, 1.0, 1.0)]
    for name in writings[0]:
        wall, own = (min(float(found[name][key]) for found in writings) for key in ("seconds", "cpu_seconds"))
        lines.append((f"`pq.write_table`, {name}", wall, own, seconds / wall, cpu / own))
    _, _, _, wall_times, cpu_times = next(line for line in lines if line[0].endswith(PLAIN))
    usual = "`pq.write_table` as it comes"
    return Finding(
        "writing",
        f"`bustle run card_fraud --workers 2` with {sizes.many:,} cardholders and {days} days, beside "
        "`pq.write_table` of the same transactions from memory.",
        (Table(("what", "seconds", "CPU seconds", "whole run, times this", "its CPU time, times this"), lines),),
        (
            Goal(f"wall-clock time of the whole run, times that of {usual}", wall_times, "at most", 3.0),
            Goal(f"CPU time of the whole run, times that of {usual}", cpu_times, "at most", 3.0),
        ),
    )
