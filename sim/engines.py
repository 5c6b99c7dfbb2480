"""Choosing an engine and making it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from bustle.scenarios.diagnostics import RunError

if TYPE_CHECKING:
    from bustle.agents.build import World
    from bustle.outputs.event_sink import EventSink
    from bustle.scenarios.model import Model
    from bustle.sim.events import EventRecord, RunCounts
    from bustle.sim.python_agents import PythonAgent

EngineName = Literal["auto", "reference", "compiled"]

ENGINES: tuple[EngineName, ...] = ("auto", "reference", "compiled")
"""What may be asked for; ``auto`` takes what finishes first by the plan's estimate."""

Progress = Callable[[int, int, int], None]
"""Called with simulated microseconds, firings and rows so far."""


class Engine(Protocol):
    """One run of a scenario."""

    def run(
        self,
        sink: EventSink,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        until: int | None = None,
    ) -> RunCounts:
        """Run to the end, handing everything to ``sink``."""

    def events(self) -> Iterator[EventRecord]:
        """Run, and give every event in order."""


def make_engine(
    model: Model,
    world: World,
    seed: int,
    python_classes: Mapping[str, type[PythonAgent]] | None = None,
    *,
    engine: str = "compiled",
    schedule: str | None = None,
    workers: int = 1,
    compiling: Callable[[int], None] | None = None,
) -> Engine:
    """The engine that runs ``model`` in ``world``.

    Args:
        model: the checked scenario.
        world: its world, made with the same ``seed``.
        seed: keys every draw.
        python_classes: the class of each population that is written in Python.
        engine: ``reference`` or ``compiled``.
        schedule: one of the plan's schedules; the plan's choice if not given.
        workers: threads of the compiled engine.
        compiling: called with the number of rules that must be compiled first, if any.

    Raises:
        RunError: the engine or the schedule cannot run this scenario.
    """
    if engine == "reference":
        from bustle.sim.reference import ReferenceEngine

        return ReferenceEngine(model, world, seed, python_classes)
    if engine != "compiled":
        raise RunError(f"there is no engine `{engine}`")

    from bustle.sim.compiled.engine import CompiledEngine
    from bustle.sim.plan import plan_of

    chosen = schedule or plan_of(model, world).schedule
    return CompiledEngine(model, world, seed, schedule=chosen, workers=workers, compiling=compiling)
