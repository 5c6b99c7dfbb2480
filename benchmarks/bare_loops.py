"""The least that SimPy and Mesa can do: many agents, each drawing exponential gaps, and nothing else.

An event here draws a gap and adds one to a tally. What an engine built on these libraries takes
beyond that is the price of its rules, its keyed draws and its log.

    python -m benchmarks.bare_loops simpy --agents 1000 --events 200000
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Loop:
    """Events done and time taken by the loop alone: no imports, no making of agents."""

    events: int
    seconds: float
    cpu_seconds: float


def timed(loop: Callable[[], int]) -> Loop:
    """Run ``loop``, which returns its number of events, and time it."""
    started, cpu_started = time.perf_counter(), time.process_time()
    events = loop()
    return Loop(events, time.perf_counter() - started, time.process_time() - cpu_started)


def simpy_loop(agents: int, events: int, seed: int = 0) -> Loop:
    """A SimPy process an agent, each waiting for one exponential gap after the other.

    Runs until ``events`` are expected to have happened, in SimPy's order of time.
    """
    import simpy

    environment = simpy.Environment()
    draw = random.Random(seed).expovariate
    done = 0

    def live() -> Generator[simpy.Event, None, None]:
        nonlocal done
        while True:
            yield environment.timeout(draw(1.0))
            done += 1

    for _ in range(agents):
        environment.process(live())

    def loop() -> int:
        environment.run(until=events / agents)
        return done

    return timed(loop)


def mesa_loop(agents: int, events: int, seed: int = 0, *, shuffled: bool = True) -> Loop:
    """Mesa's step loop: every agent once a round, ``events / agents`` rounds (at least one).

    There is no order of time in it: a round visits agents in random order with ``shuffle_do``, in
    order of creation with ``do``.
    """
    import mesa

    class Living(mesa.Agent):  # type: ignore[misc]
        """An agent that draws a gap and counts it."""

        def step(self) -> None:
            """One event."""
            self.model.random.expovariate(1.0)
            self.model.done += 1

    model = mesa.Model(seed=seed)
    model.done = 0
    Living.create_agents(model, agents)

    def loop() -> int:
        visit = model.agents.shuffle_do if shuffled else model.agents.do
        for _ in range(max(1, round(events / agents))):
            visit("step")
        return int(model.done)

    return timed(loop)


LOOPS: dict[str, Callable[[int, int, int], Loop]] = {
    "simpy": simpy_loop,
    "mesa-shuffle": lambda agents, events, seed: mesa_loop(agents, events, seed, shuffled=True),
    "mesa-do": lambda agents, events, seed: mesa_loop(agents, events, seed, shuffled=False),
}
"""The loops by name."""


def main() -> None:
    """Command line: runs one loop and prints its `Loop` as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loop", choices=LOOPS)
    parser.add_argument("--agents", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(json.dumps(asdict(LOOPS[arguments.loop](arguments.agents, arguments.events, arguments.seed))))


if __name__ == "__main__":
    main()
