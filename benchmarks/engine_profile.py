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
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, ClassVar

from benchmarks.engine_run import Counter
from benchmarks.stopwatch import Stopwatch
from bustle import Scenario
from bustle.agents.build import build_world
from bustle.sim.compiled import engine as loops
from bustle.sim.compiled import ordering
from bustle.sim.compiled.team import Team
from bustle.sim.engines import make_engine

STAGES: dict[str, list[tuple[ModuleType | type, str]]] = {
    "agents on their own": [(loops, "advance_islands")],
    "the queue": [(loops, "advance_queue")],
    "starting clocks": [(loops, "start_clocks"), (loops, "begin_all")],
    "sorting rows": [
        (ordering, name) for name in ("list_rows", "count_rows", "begin_buckets", "deal_rows", "sort_buckets")
    ],
    "filling columns": [(ordering, "fill_columns")],
    "the sink": [(Counter, name) for name in ("write", "write_sample", "write_agents", "write_network")],
}
"""What is timed: functions that do not call each other."""

REST = "all else"


def engine_profile(scenario: str, length: str | None, scale: float | None, workers: int) -> dict[str, object]:
    """CPU seconds of each stage of a run, with its firings and rows.

    ``undisturbed_seconds`` is the CPU time of what one thread does after the other, and of the busiest worker wherever
    workers go side by side.
    """
    model = Scenario.load(scenario).with_values(length=length, scale=scale).model
    engine = make_engine(model, build_world(model, model.seed), model.seed, workers=workers)
    watch = Stopwatch()
    for stage, functions in STAGES.items():
        for owner, name in functions:
            watch.around(owner, name, stage)
    vars(loops)["Team"] = NotedTeam
    counter = Counter()
    started, cpu_started = time.perf_counter(), time.process_time()
    counts = engine.run(counter)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    shared = [sum(times) - side_by_side(times, workers) for times in NotedTeam.rounds]
    stages = {name: stage.thread_seconds for name, stage in watch.stages.items()}
    return {
        "firings": counts.firings,
        "rows": counter.rows,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "undisturbed_seconds": cpu_seconds - sum(shared),
        "stages": {**stages, REST: cpu_seconds - sum(stages.values())},
        "calls": {name: len(stage.calls) for name, stage in watch.stages.items()},
    }


class NotedTeam(Team):
    """Notes the CPU time of every piece of work.

    Attributes:
        rounds: for each time that work was shared out, in order, the times of its pieces.
    """

    rounds: ClassVar[list[list[float]]] = []

    def each(self, function: Callable[..., Any], work: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What `Team.each` does, and the time of each piece."""
        times: list[float] = []
        self.rounds.append(times)

        def noted(*arguments: Any) -> Any:
            started = time.thread_time()
            try:
                return function(*arguments)
            finally:
                times.append(time.thread_time() - started)

        return super().each(noted, work)


def side_by_side(times: Sequence[float], workers: int) -> float:
    """How long pieces of work take that ``workers`` share out, each taking the next one when it is free."""
    busy = [0.0] * workers
    for piece in times:
        busy[busy.index(min(busy))] += piece
    return max(busy)


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
