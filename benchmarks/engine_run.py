"""One run of a scenario, engine only: the events are dropped, nothing is written.

Prints as JSON how long the engine's loop took, apart from reading the scenario and making the
world, and how much it did.

    python -m benchmarks.engine_run card_fraud --length "5 days"
    python -m benchmarks.engine_run card_fraud --length "5 days" --engine compiled --schedule global
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.process_cost import peak_megabytes, run_python
from bustle import Scenario
from bustle.agents.build import build_world
from bustle.sim.engines import choose_engine, make_chosen


@dataclass
class Counter:
    """A sink that counts rows of events and forgets them."""

    rows: int = 0

    def write(self, event: str, columns: Mapping[str, Any]) -> None:
        """Count a batch of one event's rows."""
        self.rows += len(columns["time"])

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        """Drop a sample."""

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Any]) -> None:
        """Drop a snapshot."""

    def write_agents(self, population: str, columns: Mapping[str, Any]) -> None:
        """Drop the agents at the end."""

    def write_network(self, name: str, offsets: Any, targets: Any) -> None:
        """Drop a network."""


@dataclass(frozen=True, slots=True)
class Job:
    """What an engine is to run; what is None is left to the scenario or the plan."""

    scenario: str
    engine: str = "compiled"
    schedule: str | None = None
    workers: int = 1
    seed: int = 1
    length: str | None = None
    scale: float | None = None

    def arguments(self) -> list[str]:
        """The same as arguments of this script."""
        options = {name: value for name, value in asdict(self).items() if name != "scenario" and value is not None}
        return [self.scenario, *(text for name, value in options.items() for text in (f"--{name}", str(value)))]


@dataclass(frozen=True, slots=True)
class EngineRun:
    """What an engine did.

    Attributes:
        engine: in words, with the schedule of the compiled one.
        islands: populations whose agents advance on their own.
        agents: of all populations.
        firings: rules begun.
        rows: events emitted.
        world_seconds: to read the scenario and to make the world.
        ready_seconds: to plan the run and to make the engine.
        seconds: of the run itself.
        cpu_seconds: of the run itself, all threads.
        peak_megabytes: of the process.
    """

    engine: str
    islands: list[str]
    agents: int
    firings: int
    rows: int
    world_seconds: float
    ready_seconds: float
    seconds: float
    cpu_seconds: float
    peak_megabytes: float

    @property
    def nanoseconds(self) -> float:
        """CPU nanoseconds for each firing."""
        return 1e9 * self.cpu_seconds / self.firings


def engine_run(job: Job) -> EngineRun:
    """Make the world, run the engine over it, and time the latter."""
    started = time.perf_counter()
    values = Scenario.load(job.scenario).with_values(length=job.length, scale=job.scale, seed=job.seed)
    model = values.model
    world = build_world(model, model.seed)
    made = time.perf_counter()
    choice = choose_engine(model, world, job.engine, job.schedule)
    engine = make_chosen(choice, model, world, workers=job.workers)
    counter = Counter()
    loop_started, cpu_started = time.perf_counter(), time.process_time()
    counts = engine.run(counter)
    seconds, cpu_seconds = time.perf_counter() - loop_started, time.process_time() - cpu_started
    return EngineRun(
        engine=choice.name,
        islands=sorted(choice.plan.coupling.islands),
        agents=sum(population.size for population in world.populations.values()),
        firings=counts.firings,
        rows=counter.rows,
        world_seconds=made - started,
        ready_seconds=loop_started - made,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        peak_megabytes=peak_megabytes(resource.getrusage(resource.RUSAGE_SELF)),
    )


def run_apart(job: Job) -> EngineRun:
    """`engine_run` in a process of its own."""
    return EngineRun(**run_python(["-m", "benchmarks.engine_run", *job.arguments()]).result)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario")
    parser.add_argument("--engine", choices=("auto", "reference", "compiled"), default="compiled")
    parser.add_argument("--schedule", choices=("windows", "global"))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length")
    parser.add_argument("--scale", type=float)
    job = Job(**vars(parser.parse_args()))
    # The first run of rules in a process loads or compiles them; the second is what is measured.
    engine_run(Job(job.scenario, job.engine, job.schedule, job.workers, job.seed, "1 day", 0.01))
    print(json.dumps(asdict(engine_run(job))))


if __name__ == "__main__":
    main()
