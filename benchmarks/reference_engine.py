"""Measure the reference engine, with bare SimPy and Mesa loops beside it.

Takes four measurements in one run, each in a process of its own, several times in turn; the
fastest of each by CPU time counts:

* the engine alone on ``card_fraud``: firings and rows a second, nothing written;
* bare loops of SimPy and Mesa over as many agents and events as that run had agents and firings;
* all of ``bustle run card_fraud``: log, tables and manifest on disk;
* all of ``bustle run handbook_fraud``: seconds and the peak memory of the process.

    python -m benchmarks.reference_engine
    python -m benchmarks.reference_engine --length "5 days" --scale 0.1 --repeat 1 --json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.process_cost import run_python
from benchmarks.whole_run import WholeRun, run_options, whole_run

LOOPS = ("simpy", "mesa-shuffle", "mesa-do")

FIRINGS_A_SECOND = 40_000
"""What the engine is asked to reach on ``card_fraud``."""

PEAK_MEGABYTES = 600
"""What ``handbook_fraud`` is asked to stay under."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Events a second of one loop, and how many times the engine's."""

    name: str
    events: int
    seconds: float
    cpu_seconds: float
    per_second: float
    ratio: float


def fastest(arguments: Sequence[str], repeat: int) -> dict[str, Any]:
    """The result with the least CPU time of ``repeat`` processes of this interpreter that print ``cpu_seconds``."""
    return min((run_python(arguments).result for _ in range(repeat)), key=lambda result: float(result["cpu_seconds"]))


def rates(engine: Mapping[str, Any], loops: Mapping[str, Mapping[str, Any]]) -> list[Rate]:
    """The engine's firings and rows and the loops' events by CPU second, with ratios to the engine's firings."""
    cpu = float(engine["cpu_seconds"])
    reference = engine["firings"] / cpu
    lines = [
        ("engine, firings", int(engine["firings"]), float(engine["seconds"]), cpu),
        ("engine, rows of events", int(engine["rows"]), float(engine["seconds"]), cpu),
    ]
    lines += [
        (f"bare {name}", int(loop["events"]), float(loop["seconds"]), float(loop["cpu_seconds"]))
        for name, loop in loops.items()
    ]
    return [
        Rate(name, events, seconds, cpu, events / cpu, events / cpu / reference) for name, events, seconds, cpu in lines
    ]


def cheapest_run(scenario: str, options: Sequence[str], repeat: int) -> WholeRun:
    """The whole run with the least CPU time of ``repeat`` runs on the reference engine."""
    runs = [whole_run(scenario, ["--engine", "reference", *options]) for _ in range(repeat)]
    return min(runs, key=lambda run: run.cpu_seconds)


def render(lines: Sequence[Rate], runs: Sequence[WholeRun], agents: int, machine: Mapping[str, object]) -> str:
    """The measurements as Markdown."""
    text = [", ".join(f"{name} {value}" for name, value in machine.items()), ""]
    text += [
        f"`card_fraud`, {agents:,} agents:",
        "",
        "| loop | events | seconds | CPU seconds | events per CPU second | times the engine |",
        "|---|---|---|---|---|---|",
    ]
    text += [
        f"| {x.name} | {x.events:,} | {x.seconds:.2f} | {x.cpu_seconds:.2f} | {x.per_second:,.0f} | {x.ratio:.2f} |"
        for x in lines
    ]
    text += [
        "",
        "| whole run | rows in tables | seconds | CPU seconds | rows per second | peak memory, MB |",
        "|---|---|---|---|---|---|",
    ]
    text += [
        f"| `{x.scenario}` | {x.rows:,} | {x.seconds:.1f} | {x.cpu_seconds:.1f} | {x.rows / x.seconds:,.0f} |"
        f" {x.peak_megabytes:,.0f} |"
        for x in runs
    ]
    return "\n".join(text)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length", default="10 days", help="simulated time of card_fraud")
    parser.add_argument("--scale", type=float, help="scale of card_fraud's populations")
    parser.add_argument("--handbook-length", help="simulated time of handbook_fraud, if not all of it")
    parser.add_argument("--repeat", type=int, default=3, help="processes for each measurement of card_fraud")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()

    machine = describe_machine()
    options = run_options(seed=arguments.seed, length=arguments.length, scale=arguments.scale)
    command = ["-m", "benchmarks.engine_run", "card_fraud", "--engine", "reference", *options]
    engine = fastest(command, arguments.repeat)
    size = ["--agents", str(engine["agents"]), "--events", str(engine["firings"])]
    loops = {name: fastest(["-m", "benchmarks.bare_loops", name, *size], arguments.repeat) for name in LOOPS}
    runs = [
        cheapest_run("card_fraud", options, arguments.repeat),
        cheapest_run("handbook_fraud", run_options(seed=arguments.seed, length=arguments.handbook_length), 1),
    ]
    lines = rates(engine, loops)
    passed = {
        f"card_fraud at {FIRINGS_A_SECOND:,} firings a second": lines[0].per_second >= FIRINGS_A_SECOND,
        f"handbook_fraud under {PEAK_MEGABYTES} MB": runs[1].peak_megabytes < PEAK_MEGABYTES,
    }
    if arguments.json:
        found = {"machine": machine, "engine": engine, "rates": [asdict(x) for x in lines]}
        print(json.dumps({**found, "runs": [asdict(x) for x in runs], "passed": passed}, indent=1))
    else:
        print(render(lines, runs, int(engine["agents"]), machine))
        print("\n" + "\n".join(f"{'reached' if ok else 'NOT REACHED'}: {goal}" for goal, ok in passed.items()))


if __name__ == "__main__":
    main()
