"""What a second worker gains where agents are independent of each other."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.engine_run import Job, run_apart
from benchmarks.findings import Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.sizes import Sizes, scale_of

WALKERS = str(Path(__file__).parent / "scenarios" / "walkers.yaml")
WORKERS = (1, 2)
COLUMNS = ("scenario", "independent agents", "workers", "firings", "seconds", "CPU seconds", "times as quick")


def measure(sizes: Sizes) -> Finding:
    """The engine alone on ``walkers`` and ``card_fraud`` with one and two workers, in turn."""
    walkers_days, card_days = sizes.workers_days
    kinds = {
        "walkers": Job(WALKERS, length=f"{walkers_days} days"),
        "card_fraud": Job("card_fraud", length=f"{card_days} days", scale=scale_of(sizes.some)),
    }
    lines, goals = [], []
    for name, job in kinds.items():
        runs = in_turn(
            {
                str(workers): partial(run_apart, Job(job.scenario, workers=workers, length=job.length, scale=job.scale))
                for workers in WORKERS
            },
            sizes.repeat,
        )
        alone = least_wall(runs["1"])
        for workers, found in runs.items():
            wall = least_wall(found)
            independent = ", ".join(found[0].islands)
            lines.append((name, independent, int(workers), found[0].firings, wall, least_cpu(found), alone / wall))
        goals.append(Goal(f"{name}: times as quick with 2 workers", lines[-1][-1], "at least", 1.7))
    return Finding(
        "workers",
        f"The engine alone: {walkers_days} days of `benchmarks/scenarios/walkers.yaml`, whose agents draw much and "
        f"tell little, and {card_days} days of `card_fraud` with {sizes.some:,} cardholders.",
        (Table(COLUMNS, lines),),
        tuple(goals),
        ("On a machine whose cores are busy with other work a second worker gains less than it could.",),
    )
