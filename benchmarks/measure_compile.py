"""What a scenario costs before anything happens: compiling it once, and starting it ever after."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.findings import Finding, Goal, Table
from benchmarks.first_event import STEPS
from benchmarks.process_cost import run_python
from benchmarks.sizes import Sizes
from benchmarks.whole_run import WholeRun, run_options, whole_run

TINY = ["--engine", "compiled", *run_options(scale=0.1, length="2 days")]


def measure(sizes: Sizes) -> Finding:
    """Tiny runs of ``card_fraud`` with empty caches and with full ones, then the time to the first event."""
    pairs = [cold_and_warm() for _ in range(sizes.repeat_long)]
    cold, warm = (min((pair[i] for pair in pairs), key=lambda run: run.cpu_seconds) for i in (0, 1))
    runs = [("empty", cold.seconds, cold.cpu_seconds), ("full", warm.seconds, warm.cpu_seconds)]
    runs.append(("difference", cold.seconds - warm.seconds, cold.cpu_seconds - warm.cpu_seconds))
    starts = [run_python(["-m", "benchmarks.first_event", "card_fraud"]).result for _ in range(sizes.repeat + 1)][1:]
    best = min(starts, key=lambda found: float(found["total"]["seconds"]))
    ages = [float(best["age"][step]) for step in STEPS]
    steps = [(step, age, age - before) for step, age, before in zip(STEPS, ages, [0.0, *ages], strict=False)]
    cpu = min(float(found["total"]["cpu_seconds"]) for found in starts)
    making = ages[STEPS.index("world made")] - ages[STEPS.index("scenario read")]
    return Finding(
        "compile",
        "A tiny `bustle run card_fraud` with empty and with full caches of machine code, and `Scenario.events()` of "
        "`card_fraud` as shipped to its first event, caches full.",
        (
            Table(("caches", "seconds", "CPU seconds"), runs),
            Table(("done", "seconds since the process began", "of it, since the line above"), steps),
        ),
        (
            Goal("CPU seconds of the run with empty caches", cold.cpu_seconds, "at most", 20.0),
            Goal("seconds from the start of the process to the first event, caches full", ages[-1], "at most", 1.5),
        ),
        (
            f"The start takes {cpu:.2f} CPU seconds. Making the world, with the imports it needs, is {making:.2f} of "
            "the seconds.",
        ),
    )


def cold_and_warm() -> tuple[WholeRun, WholeRun]:
    """A tiny run that compiles everything, and the same again."""
    with tempfile.TemporaryDirectory() as scratch:
        caches = {name: str(Path(scratch) / name) for name in ("NUMBA_CACHE_DIR", "BUSTLE_CACHE_DIR")}
        return whole_run("card_fraud", TINY, environment=caches), whole_run("card_fraud", TINY, environment=caches)
