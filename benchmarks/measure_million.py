"""``card_fraud`` with a million cardholders: inside the run, and from YAML to Parquet."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.engine_run import Job, run_apart
from benchmarks.findings import Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.sizes import Sizes, scale_of
from benchmarks.whole_run import WholeRun, run_options, whole_run

WORKERS = (1, 2)

BYTES_A_ROW = 100
"""Disk that a row of ``card_fraud`` takes, log and table together, with room to spare."""

ROWS_A_DAY = 1.3
"""Purchases of a cardholder a day, with room to spare."""


def measure(sizes: Sizes) -> Finding:
    """The engine alone with one and two workers, then whole runs of one or two lengths."""
    scale, length = scale_of(sizes.many), f"{sizes.days} days"
    jobs = {
        f"{workers} workers": lambda workers=workers: run_apart(
            Job("card_fraud", workers=workers, length=length, scale=scale)
        )
        for workers in WORKERS
    }
    inside = in_turn(jobs, sizes.repeat_long)
    loops = []
    for name, runs in inside.items():
        wall, cpu, one = least_wall(runs), least_cpu(runs), runs[0]
        loops.append((name, one.firings, one.rows, wall, cpu, one.firings / wall, one.rows / wall, one.firings / cpu))
    fastest = max(float(line[5]) for line in loops)

    notes = []
    lengths = [sizes.days]
    if sizes.long_days is not None:
        if room_for(sizes.many * sizes.long_days):
            lengths.append(sizes.long_days)
        else:
            notes.append(f"There is too little room on the disk for the run of {sizes.long_days} days.")
    repeats = [sizes.repeat_long if days == sizes.days else 1 for days in lengths]
    runs = [cheapest(scale, days, repeat) for days, repeat in zip(lengths, repeats, strict=True)]
    whole = [
        (f"{days} days", rows, run.seconds, run.cpu_seconds, rows / run.seconds, run.peak_megabytes)
        for days, (run, rows) in zip(lengths, runs, strict=True)
    ]
    goals = [
        Goal("firings a second inside the run", fastest, "at least", 2e6),
        Goal(
            "rows of transactions a second, YAML to Parquet", max(float(line[4]) for line in whole), "at least", 1.5e6
        ),
        Goal("peak memory of the largest run, MB", max(run.peak_megabytes for run, _ in runs), "at most", 3000.0),
    ]
    if len(runs) > 1:
        ratio = runs[-1][0].peak_megabytes / runs[0][0].peak_megabytes
        goals.append(Goal(f"peak memory of {lengths[-1]} days, times that of {lengths[0]}", ratio, "at most", 1.1))
    else:
        notes.append("Whether memory stays flat at ten times the rows is measured with `--full`.")
    return Finding(
        "million",
        f"`card_fraud` with {sizes.many:,} cardholders. First {sizes.days} days of the engine alone, its events "
        "dropped; then `bustle run --workers 2`, from the start of Python to the last file.",
        (
            Table(
                (
                    "engine alone",
                    "firings",
                    "rows",
                    "seconds",
                    "CPU seconds",
                    "firings a second",
                    "rows a second",
                    "firings a CPU second",
                ),
                loops,
            ),
            Table(
                ("whole run", "rows of transactions", "seconds", "CPU seconds", "rows a second", "peak memory, MB"),
                whole,
            ),
        ),
        tuple(goals),
        tuple(notes),
    )


def cheapest(scale: float, days: int, repeat: int) -> tuple[WholeRun, int]:
    """The quickest of some whole runs, and the rows of its transactions."""
    found = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            run = whole_run("card_fraud", run_options(scale=scale, length=f"{days} days", workers=2), folder)
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        found.append((run, int(manifest["tables"]["transactions"]["rows"])))
    return min(found, key=lambda pair: pair[0].seconds)


def room_for(cardholder_days: int) -> bool:
    """Whether the temporary folder's disk has room for so many days of cardholders."""
    return shutil.disk_usage(tempfile.gettempdir()).free > cardholder_days * ROWS_A_DAY * BYTES_A_ROW
