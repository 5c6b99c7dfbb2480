"""``card_fraud`` with a million cardholders: inside the run, and from YAML to Parquet."""

from __future__ import annotations

import json
import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.engine_run import Job, run_apart
from benchmarks.findings import Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.sizes import Sizes, scale_of
from benchmarks.whole_run import WholeRun, run_options, whole_run

WORKERS = (1, 2)

INSIDE = (
    "engine alone",
    "firings",
    "rows",
    "seconds",
    "CPU seconds",
    "firings a second",
    "rows a second",
    "firings a CPU second",
)
WHOLE = ("whole run", "rows of transactions", "seconds", "CPU seconds", "rows a second", "peak memory, MB")

BYTES_A_ROW = 100
"""Disk that a row of ``card_fraud`` takes, log and table together, with room to spare."""

ROWS_A_DAY = 1.3
"""Purchases of a cardholder a day, with room to spare."""


def measure(sizes: Sizes) -> Finding:
    """The engine alone with one and two workers, then whole runs of one or two lengths."""
    scale = scale_of(sizes.many)
    inside = engine_alone(scale, sizes.days, sizes.repeat_long)
    lengths = [sizes.days]
    notes = "Whether memory stays flat at ten times the rows is measured with `--full`."
    if sizes.long_days is not None and room_for(sizes.many * sizes.long_days):
        lengths.append(sizes.long_days)
        notes = ""
    elif sizes.long_days is not None:
        notes = f"There is too little room on the disk for the run of {sizes.long_days} days."
    runs = [quickest(scale, days, sizes.repeat_long if days == sizes.days else 1) for days in lengths]
    whole = [
        (f"{days} days", rows, run.seconds, run.cpu_seconds, rows / run.seconds, run.peak_megabytes)
        for days, (run, rows) in zip(lengths, runs, strict=True)
    ]
    goals = [Goal("firings a second inside the run", max(line[5] for line in inside), "at least", 2e6)]
    length, *_, speed, _ = whole[-1]
    goals.append(Goal(f"rows of transactions a second, YAML to Parquet, {length}", speed, "at least", 1.5e6))
    goals.append(Goal("peak memory of the largest run, MB", max(line[5] for line in whole), "at most", 3000.0))
    if len(whole) > 1:
        flat = f"peak memory of {whole[1][0]}, times that of {whole[0][0]}"
        goals.append(Goal(flat, whole[1][5] / whole[0][5], "at most", 1.1))
    return Finding(
        "million",
        f"`card_fraud` with {sizes.many:,} cardholders. First {sizes.days} days of the engine alone, its events "
        "dropped; then `bustle run --workers 2`, from the start of Python to the last file.",
        (Table(INSIDE, inside), Table(WHOLE, whole)),
        tuple(goals),
        (notes,) if notes else (),
    )


def engine_alone(scale: float, days: int, repeat: int) -> list[tuple[str, int, int, float, float, float, float, float]]:
    """The engine's speed with each number of workers, in turn: the rows of a table with the columns `INSIDE`."""
    jobs = {
        f"{workers} worker{'s' if workers > 1 else ''}": Job(
            "card_fraud", workers=workers, length=f"{days} days", scale=scale
        )
        for workers in WORKERS
    }
    lines = []
    for name, runs in in_turn({name: partial(run_apart, job) for name, job in jobs.items()}, repeat).items():
        wall, cpu, one = least_wall(runs), least_cpu(runs), runs[0]
        lines.append((name, one.firings, one.rows, wall, cpu, one.firings / wall, one.rows / wall, one.firings / cpu))
    return lines


def quickest(scale: float, days: int, repeat: int) -> tuple[WholeRun, int]:
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
