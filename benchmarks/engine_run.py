"""One run of a scenario, engine only: the events are dropped, nothing is written.

Prints as JSON how long the engine's loop took, apart from reading the scenario and making the
world, and how much it did.

    python -m benchmarks.engine_run card_fraud --length "5 days"
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bustle import Scenario
from bustle.agents.build import build_world
from bustle.sim.reference.engine import ReferenceEngine


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
class EngineRun:
    """What an engine did. ``agents`` counts all populations, ``firings`` rules begun, ``rows`` events emitted."""

    agents: int
    firings: int
    rows: int
    setup_seconds: float
    seconds: float
    cpu_seconds: float


def engine_run(scenario: str, seed: int, length: str | None, scale: float | None) -> EngineRun:
    """Make the world, run the engine over it, and time the latter."""
    started = time.perf_counter()
    model = Scenario.load(scenario).with_values(length=length, scale=scale, seed=seed).model
    world = build_world(model, model.seed)
    engine = ReferenceEngine(model, world, model.seed)
    agents = sum(population.size for population in world.populations.values())
    counter = Counter()
    loop_started, cpu_started = time.perf_counter(), time.process_time()
    counts = engine.run(counter)
    return EngineRun(
        agents=agents,
        firings=counts.firings,
        rows=counter.rows,
        setup_seconds=loop_started - started,
        seconds=time.perf_counter() - loop_started,
        cpu_seconds=time.process_time() - cpu_started,
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length")
    parser.add_argument("--scale", type=float)
    arguments = parser.parse_args()
    # The first run of rules in a process may compile draw functions; the second is what is measured.
    engine_run(arguments.scenario, arguments.seed, "1 day", 0.01)
    print(json.dumps(asdict(engine_run(arguments.scenario, arguments.seed, arguments.length, arguments.scale))))


if __name__ == "__main__":
    main()
