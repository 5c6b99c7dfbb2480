"""The compiled engine beside the reference engine."""

from __future__ import annotations

from functools import partial

from benchmarks.engine_run import Job, run_apart
from benchmarks.findings import Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.sizes import Sizes, scale_of

REFERENCE = "reference"


def measure(sizes: Sizes) -> Finding:
    """Both engines alone on the same ``card_fraud``, in turn, for so long that their start weighs little."""
    length, scale = f"{sizes.reference_days} days", scale_of(sizes.some)
    jobs = {
        REFERENCE: Job("card_fraud", REFERENCE, length=length, scale=scale),
        "compiled, 1 worker": Job("card_fraud", length=length, scale=scale),
        "compiled, 2 workers": Job("card_fraud", workers=2, length=length, scale=scale),
    }
    runs = in_turn({name: partial(run_apart, job) for name, job in jobs.items()}, sizes.repeat_long)
    slow = runs[REFERENCE][0].firings
    slow_rate, slow_cpu_rate = slow / least_wall(runs[REFERENCE]), slow / least_cpu(runs[REFERENCE])
    lines = []
    for name, found in runs.items():
        wall, cpu, firings = least_wall(found), least_cpu(found), found[0].firings
        rate, cpu_rate = firings / wall, firings / cpu
        lines.append((name, firings, wall, cpu, rate, cpu_rate, rate / slow_rate, cpu_rate / slow_cpu_rate))
    columns = (
        "engine",
        "firings",
        "seconds",
        "CPU seconds",
        "firings a second",
        "firings a CPU second",
        "times as quick",
        "times less CPU time",
    )
    return Finding(
        "reference",
        f"The engines alone on {sizes.reference_days} days of `card_fraud` with {sizes.some:,} cardholders.",
        (Table(columns, lines),),
        (
            Goal("times as quick as the reference engine, 1 worker", lines[1][6], "at least", 100.0),
            Goal("times as quick as the reference engine, 2 workers", lines[2][6], "at least", 100.0),
            Goal("times less CPU time than the reference engine, 1 worker", lines[1][7], "at least", 100.0),
        ),
    )
