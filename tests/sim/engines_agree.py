"""Compares the compiled engine with the reference over many random scenarios.

``python -m tests.sim.engines_agree --from 0 --to 2000`` runs every schedule that is legal for each scenario with 1, 2
and 3 workers, prints what differs with the number of the scenario, goes on, and ends with exit code 1 if anything did.
``--show NUMBER`` prints a scenario, ``--shrink NUMBER`` a smaller one that differs as well.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TypeVar

from bustle.agents.build import World, build_world
from bustle.scenarios.diagnostics import RunError, ScenarioError
from bustle.scenarios.model import Model
from bustle.scenarios.scenario import Scenario
from bustle.sim.reference import ReferenceEngine
from tests.sim.engine_logs import Engine, Log, first_difference, log_of
from tests.sim.random_scenarios import random_scenario
from tests.sim.random_scenarios.shrinking import shrunk

T = TypeVar("T")

WORKERS = (1, 2, 3)

CHUNK = 50
"""Scenarios compared in one process."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where an engine gave something else than the reference."""

    scenario: str
    variant: str
    difference: str

    def __str__(self) -> str:
        return f"{self.scenario}, {self.variant}: {self.difference}"


@dataclass(frozen=True, slots=True)
class Variant:
    """The compiled engine with one schedule and some workers; without a schedule it chooses one itself."""

    schedule: str | None = None
    workers: int = 1

    def __call__(self, model: Model, world: World, seed: int) -> Engine:
        """Make the engine."""
        from bustle.sim.engines import make_engine

        engine: Engine = make_engine(
            model, world, seed, engine="compiled", schedule=self.schedule, workers=self.workers
        )
        return engine

    def __str__(self) -> str:
        return f"schedule {self.schedule or 'of its choice'} with {self.workers} workers"


def reference_log(model: Model, seed: int) -> Log:
    """What the reference engine makes."""
    return log_of(ReferenceEngine, model, seed)


def variants(
    model: Model, seed: int, schedules: Sequence[str] = (), workers: Sequence[int] = WORKERS
) -> Iterator[Variant]:
    """The compiled engine in every way that is legal for a scenario.

    Args:
        model: the scenario.
        seed: keys its world.
        schedules: those to try, where they are legal; all if left out.
        workers: numbers of workers to try.
    """
    from bustle.sim.plan import plan_of

    try:
        legal: Sequence[str] = plan_of(model, build_world(model, seed)).schedules
    except RunError:
        legal = ()  # its world cannot be made, which the engine's log will say
    if not schedules:
        yield Variant()
    for schedule in legal:
        if not schedules or schedule in schedules:
            yield from (Variant(schedule, count) for count in workers)


def disagreements(
    name: str, model: Model, seed: int, schedules: Sequence[str] = (), workers: Sequence[int] = WORKERS
) -> Iterator[Disagreement]:
    """Every variant of the compiled engine that differs from the reference."""
    expected = reference_log(model, seed)
    if expected.crash:
        yield Disagreement(name, "reference", first_difference(expected, expected))
        return
    for variant in variants(model, seed, schedules, workers):
        difference = first_difference(expected, log_of(variant, model, seed))
        if difference:
            yield Disagreement(name, str(variant), difference)


def of_number(number: int, schedules: Sequence[str] = (), workers: Sequence[int] = WORKERS) -> Iterator[Disagreement]:
    """`disagreements` of a random scenario, whose seed is its number."""
    name = f"scenario {number}"
    try:
        model = Scenario.from_text(random_scenario(number)).model
    except ScenarioError as error:
        yield Disagreement(name, "checker", str(error))
        return
    yield from disagreements(name, model, number, schedules, workers)


def _smallest(number: int, schedules: Sequence[str], workers: Sequence[int]) -> str:
    """The scenario of a number with as much left out as can be while an engine differs, or dies."""

    def fails(text: str) -> bool:
        try:
            return _apart(text_differs, text, number, schedules, workers)
        except BrokenProcessPool:
            return True

    return shrunk(random_scenario(number), fails)


def text_differs(text: str, seed: int, schedules: Sequence[str], workers: Sequence[int]) -> bool:
    """Whether any engine makes something else than the reference of a scenario given as text."""
    model = Scenario.from_text(text).model
    return next(disagreements("", model, seed, schedules, workers), None) is not None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.engines_agree", description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first number")
    parser.add_argument("--to", dest="end", type=int, default=100, help="the number after the last")
    parser.add_argument("--schedule", action="append", default=[], help="only this schedule; may be repeated")
    parser.add_argument("--workers", action="append", type=int, default=[], help="only so many; may be repeated")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes side by side")
    parser.add_argument("--show", type=int, help="print the scenario of this number, and nothing else")
    parser.add_argument("--shrink", type=int, help="print the smallest scenario found that differs as this one does")
    given = parser.parse_args(arguments)
    if given.show is not None:
        print(random_scenario(given.show))
        return 0
    if given.shrink is not None:
        print(_smallest(given.shrink, given.schedule, given.workers or WORKERS))
        return 0
    failed: set[int] = set()
    started = time.monotonic()
    firsts = range(given.first, given.end, CHUNK)
    ends = [min(first + CHUNK, given.end) for first in firsts]

    def compare(first: int, end: int) -> list[tuple[int, str]]:
        return _in_other_processes(first, end, given.schedule, given.workers or WORKERS)

    with ThreadPoolExecutor(given.jobs) as jobs:
        for end, found in zip(ends, jobs.map(compare, firsts, ends), strict=True):
            for number, told in found:
                failed.add(number)
                print(told, flush=True)
            print(f"up to {end}: {len(failed)} differ, {time.monotonic() - started:.0f} s", flush=True)
    listed = ", ".join(map(str, sorted(failed)[:50]))
    print(f"{given.end - given.first} scenarios, {len(failed)} differ{': ' + listed if failed else ''}")
    return 1 if failed else 0


def _in_other_processes(
    first: int, end: int, schedules: Sequence[str], workers: Sequence[int]
) -> list[tuple[int, str]]:
    """`differing`, where a scenario that kills its process is one that differs."""
    try:
        return _apart(differing, first, end, schedules, workers)
    except BrokenProcessPool:
        if end - first == 1:
            return [(first, f"scenario {first}: the process died")]
    middle = (first + end) // 2
    halves = ((first, middle), (middle, end))
    return [found for half in halves for found in _in_other_processes(*half, schedules, workers)]


def _apart(work: Callable[..., T], *arguments: object) -> T:
    """What ``work`` gives in a process of its own: what engines keep of a scenario ends with it."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def differing(first: int, end: int, schedules: Sequence[str], workers: Sequence[int]) -> list[tuple[int, str]]:
    """The numbers from ``first`` up to ``end`` that differ, and how."""
    numbers = range(first, end)
    return [(number, str(found)) for number in numbers for found in of_number(number, schedules, workers)]


if __name__ == "__main__":
    sys.exit(main())
