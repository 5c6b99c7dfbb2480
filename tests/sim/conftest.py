"""Small scenarios, run in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from bustle.agents.build import build_world
from bustle.scenarios.scenario import Scenario
from bustle.sim.python_agents import PythonAgent
from bustle.sim.reference import ReferenceEngine, RunCounts

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

HEAD = "scenario: test\nclock: {start: 2026-01-01, length: 10 days}\n"


class Memory:
    """An event sink that keeps everything."""

    def __init__(self) -> None:
        self.batches: dict[str, list[dict[str, Any]]] = {}
        self.samples: list[tuple[str, int, tuple[Any, ...]]] = []
        self.snapshots: list[tuple[str, int, str, dict[str, Any]]] = []
        self.agents: dict[str, dict[str, Any]] = {}
        self.networks: dict[str, tuple[Any, Any]] = {}

    def write(self, event: str, columns: Mapping[str, Any]) -> None:
        self.batches.setdefault(event, []).append(dict(columns))

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        self.samples.append((table, time, values))

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Any]) -> None:
        self.snapshots.append((table, time, population, dict(columns)))

    def write_agents(self, population: str, columns: Mapping[str, Any]) -> None:
        self.agents[population] = dict(columns)

    def write_network(self, name: str, offsets: Any, targets: Any) -> None:
        self.networks[name] = (offsets, targets)

    def rows(self, event: str) -> list[dict[str, Any]]:
        """The event's rows, in order, as Python values."""
        rows: list[dict[str, Any]] = []
        for batch in self.batches.get(event, []):
            columns = [np.asarray(column).tolist() for column in batch.values()]
            rows += [dict(zip(batch, values, strict=True)) for values in zip(*columns, strict=True)]
        return rows


@dataclass
class Outcome:
    """A finished run."""

    engine: ReferenceEngine
    counts: RunCounts
    memory: Memory
    behaviors: tuple[str, ...] = field(default=())

    def rows(self, event: str, behavior: str | None = None) -> list[dict[str, Any]]:
        rows = [{**row, "behavior": self.behaviors[row["behavior"]]} for row in self.memory.rows(event)]
        return rows if behavior is None else [row for row in rows if row["behavior"] == behavior]

    def column(self, event: str, name: str) -> list[Any]:
        return [row[name] for row in self.rows(event)]

    def agents(self, population: str) -> dict[str, list[Any]]:
        return {name: column.tolist() for name, column in self.memory.agents[population].items()}


Make = Callable[..., ReferenceEngine]
Simulate = Callable[..., Outcome]


def make_engine(
    text: str,
    seed: int = 1,
    classes: Mapping[str, type[PythonAgent]] | None = None,
    **values: Any,
) -> ReferenceEngine:
    scenario = Scenario.from_text(text if text.startswith("scenario:") else HEAD + text)
    length = values.pop("length", None)
    model = scenario.with_values(values, length=length, seed=seed).model
    return ReferenceEngine(model, build_world(model, seed), seed, classes)


def run_engine(text: str, seed: int = 1, classes: Any = None, until: int | None = None, **values: Any) -> Outcome:
    engine = make_engine(text, seed, classes, **values)
    memory = Memory()
    counts = engine.run(memory, until=until)
    names = (*engine.model.behaviors, *(p.name for p in engine.model.populations.values() if p.python_class))
    return Outcome(engine, counts, memory, names)


@pytest.fixture
def simulate() -> Simulate:
    """Runs a scenario given as text (the sections after ``clock``) and gives everything it made."""
    return run_engine


@pytest.fixture
def make() -> Make:
    """Makes an engine that has not run."""
    return make_engine


@pytest.fixture
def memory() -> Memory:
    """A sink that keeps everything."""
    return Memory()
