"""How the cost of a firing grows with the number of agents."""

from __future__ import annotations

from functools import partial

from benchmarks.engine_run import Job, run_apart
from benchmarks.findings import Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.sizes import Sizes, scale_of

SCHEDULES = ("windows", "global")


def measure(sizes: Sizes) -> Finding:
    """The engine alone on ``card_fraud`` of several sizes and one length, with both schedules."""
    length = f"{sizes.days} days"
    jobs = {
        (schedule, people): Job("card_fraud", schedule=schedule, length=length, scale=scale_of(people))
        for people in sizes.growth
        for schedule in SCHEDULES
    }
    runs = in_turn({str(key): partial(run_apart, job) for key, job in jobs.items()}, sizes.repeat_long)
    lines = []
    costs = {}
    for key in jobs:
        found = runs[str(key)]
        costs[key] = 1e9 * least_cpu(found) / found[0].firings
        lines.append((*key, found[0].firings, least_wall(found), least_cpu(found), costs[key]))
    first, last = sizes.growth[0], sizes.growth[-1]
    return Finding(
        "growth",
        f"The engine alone, one worker, {sizes.days} days of `card_fraud`: CPU time of a firing, starting the agents' "
        "clocks included.",
        (Table(("schedule", "cardholders", "firings", "seconds", "CPU seconds", "CPU ns a firing"), lines),),
        tuple(
            Goal(
                f"cost of a firing at {last:,} cardholders, times that at {first:,}, schedule {schedule}",
                costs[schedule, last] / costs[schedule, first],
                "at most",
                2.0,
            )
            for schedule in SCHEDULES
        ),
    )
