"""Where the time of the compiled engine's run goes: agents, the queue, sorting, columns, the sink.

The rows are dropped, as in `benchmarks.engine_run`. Prints JSON. With several workers it also says how long the run
would take if each of them had a processor of its own, reckoned from CPU time: a figure that other programs on a busy
machine do not change.

    python -m benchmarks.engine_profile card_fraud --length "5 days" --workers 2
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from types import ModuleType

from benchmarks.engine_run import Counter
from benchmarks.stopwatch import Stopwatch
from bustle import Scenario
from bustle.agents.build import build_world
from bustle.sim.compiled import engine as loops
from bustle.sim.compiled import ordering
from bustle.sim.engines import make_engine

ISLANDS = "agents on their own"

STAGES: dict[str, list[tuple[ModuleType | type, str]]] = {
    ISLANDS: [(loops, "advance_islands")],
    "the queue": [(loops, "advance_queue")],
    "starting clocks": [(loops, "start_clocks"), (loops, "begin_all")],
    "sorting rows": [(ordering, "list_rows"), (ordering, "sort_rows")],
    "filling columns": [(ordering, name) for name in ("fill_i64", "fill_i32", "fill_f64", "fill_bool")],
    "the sink": [(Counter, name) for name in ("write", "write_sample", "write_agents", "write_network")],
}
"""What is timed: functions that do not call each other."""

REST = "all else"


def engine_profile(scenario: str, length: str | None, scale: float | None, workers: int) -> dict[str, object]:
    """CPU seconds of each stage of a run, with its firings and rows.

    ``undisturbed_seconds`` is the CPU time of what one thread does after the other, and of the slowest worker wherever
    workers go side by side.
    """
    model = Scenario.load(scenario).with_values(length=length, scale=scale).model
    engine = make_engine(model, build_world(model, model.seed), model.seed, workers=workers)
    watch = Stopwatch()
    for stage, functions in STAGES.items():
        for owner, name in functions:
            watch.around(owner, name, stage)
    counter = Counter()
    started, cpu_started = time.perf_counter(), time.process_time()
    counts = engine.run(counter)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    islands = watch.stages[ISLANDS]
    stages = {name: stage.thread_seconds for name, stage in watch.stages.items()}
    return {
        "firings": counts.firings,
        "rows": counter.rows,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "undisturbed_seconds": cpu_seconds - islands.thread_seconds + slowest(islands.calls, workers),
        "stages": {**stages, REST: cpu_seconds - sum(stages.values())},
        "calls": {name: len(stage.calls) for name, stage in watch.stages.items()},
    }


def slowest(times: Sequence[float], workers: int) -> float:
    """The sum of the longest times of each round, in which every worker is called once."""
    return sum(max(times[first : first + workers]) for first in range(0, len(times), workers))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario")
    parser.add_argument("--length")
    parser.add_argument("--scale", type=float)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    warm = Scenario.load(given.scenario).with_values(length="1 day", scale=0.01).model
    make_engine(warm, build_world(warm, warm.seed), warm.seed).run(Counter())
    print(json.dumps(engine_profile(given.scenario, given.length, given.scale, given.workers)))


if __name__ == "__main__":
    main()
