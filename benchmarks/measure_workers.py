"""What a second worker gains where agents are independent of each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.bare_draws import BareDraws, draws_apart
from benchmarks.engine_run import EngineRun, Job, run_apart
from benchmarks.findings import Cell, Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.process_cost import run_python
from benchmarks.sizes import Sizes, scale_of
from benchmarks.whole_run import run_options

WALKERS = str(Path(__file__).parent / "scenarios" / "walkers.yaml")
BARE = "a bare loop of draws"
WORKERS = (1, 2)
COLUMNS = (
    "what",
    "workers",
    "firings",
    "seconds",
    "CPU seconds",
    "times as quick",
    "times as quick, each worker with a processor of its own",
)


def measure(sizes: Sizes) -> Finding:
    """The engine alone on ``walkers`` and ``card_fraud``, and a bare loop, with one and two workers, all in turn."""
    walkers_days, card_days = sizes.workers_days
    jobs = {
        "walkers": Job(WALKERS, length=f"{walkers_days} days"),
        "card_fraud": Job("card_fraud", length=f"{card_days} days", scale=scale_of(sizes.some)),
    }
    runs: dict[str, Callable[[], EngineRun | BareDraws]] = {}
    for workers in WORKERS:
        runs |= {f"{name} {workers}": partial(run_apart, replace(job, workers=workers)) for name, job in jobs.items()}
        runs[f"{BARE} {workers}"] = partial(draws_apart, sizes.draws, workers)
    times = in_turn(runs, sizes.repeat)
    lines: list[tuple[Cell, ...]] = []
    goals = []
    for name in (*jobs, BARE):
        one, two = (times[f"{name} {workers}"] for workers in WORKERS)
        gain = least_wall(one) / least_wall(two)
        apart: Cell = ""
        if name in jobs:
            apart = undisturbed_seconds(jobs[name]) / undisturbed_seconds(replace(jobs[name], workers=2))
            goals.append(Goal(f"{name}: times as quick with 2 workers", gain, "at least", 1.7))
            goals.append(Goal(f"{name}: the same, each with a processor of its own", apart, "at least", 1.7))
        lines.append((name, 1, done(one[0]), least_wall(one), least_cpu(one), 1.0, 1.0 if apart else ""))
        lines.append((name, 2, done(two[0]), least_wall(two), least_cpu(two), gain, apart))
    return Finding(
        "workers",
        f"The engine alone: {walkers_days} days of `benchmarks/scenarios/walkers.yaml`, whose agents draw much and "
        f"tell little, and {card_days} days of `card_fraud` with {sizes.some:,} cardholders; all agents that act much "
        "are independent of each other.",
        (Table(COLUMNS, lines),),
        tuple(goals),
        (
            "The bare loop shares nothing and never waits: what two threads of it gained is what this machine had to "
            "give meanwhile. What workers would gain with a processor each is reckoned from the CPU time of the "
            "busiest of them and of all that they do not share out.",
        ),
    )


def done(run: EngineRun | BareDraws) -> int:
    """Firings of a run, or draws of the bare loop."""
    return run.firings if isinstance(run, EngineRun) else run.draws


def undisturbed_seconds(job: Job) -> float:
    """How long the run would take if every worker had a processor of its own."""
    options = run_options(length=job.length, scale=job.scale, workers=job.workers)
    found = run_python(["-m", "benchmarks.engine_profile", job.scenario, *options]).result
    return float(found["undisturbed_seconds"])
