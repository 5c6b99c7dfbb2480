"""Choosing an engine and making it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from bustle.agents.cores import cores
from bustle.scenarios.diagnostics import RunError

if TYPE_CHECKING:
    from bustle.agents.build import World
    from bustle.outputs.event_sink import EventSink
    from bustle.scenarios.model import Model
    from bustle.sim.compiled.preparing import Prepared
    from bustle.sim.events import EventRecord, RunCounts
    from bustle.sim.plan import Plan
    from bustle.sim.python_agents import PythonAgent

EngineName = Literal["auto", "reference", "compiled"]

ENGINES: tuple[EngineName, ...] = ("auto", "reference", "compiled")
"""What may be asked for; ``auto`` takes what finishes first by the plan's estimate."""

Progress = Callable[[int, int, int], None]
"""Called with simulated microseconds, firings and rows so far."""


class ChoiceError(RunError):
    """An engine, a schedule or a number of workers that this scenario cannot be run with."""


MOST_WORKERS = 16
"""Workers that are used unless more are asked for."""


def default_workers() -> int:
    """As many workers as there are cores that this process may use, up to `MOST_WORKERS`."""
    return min(cores(), MOST_WORKERS)


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


class CheckpointedEngine(Engine, Protocol):
    """An engine whose run can be taken up again."""

    def run(
        self,
        sink: EventSink,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        until: int | None = None,
        between: Callable[[], None] | None = None,
    ) -> RunCounts:
        """Run to the end; ``between`` is called whenever `state` may be asked."""

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the run has changed so far: arrays by name, and JSON-ready values."""

    def restore(self, arrays: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Take up a run at a `state`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine that has been chosen for a run, and why.

    Attributes:
        engine: ``reference`` or ``compiled``.
        why: in words.
        schedule: of the compiled engine.
        plan: the plan that it follows from.
        prepared: the generated code, where the compiled engine may be used.
    """

    engine: str
    why: str
    schedule: str
    plan: Plan
    prepared: Prepared | None = None

    @property
    def name(self) -> str:
        """The engine in words, with the schedule of the compiled one."""
        return f"compiled engine, schedule {self.schedule}" if self.engine == "compiled" else "reference engine"

    def threads(self, workers: int) -> int:
        """How many of ``workers`` have something to do: only windows have islands to divide."""
        return workers if self.engine == "compiled" and self.schedule == "windows" else 1

    @property
    def memory(self) -> int:
        """Bytes of memory that the engine needs."""
        estimate = self.plan.estimate
        return estimate.compiled_memory if self.engine == "compiled" else estimate.memory


def require_possible(
    model: Model,
    engine: str = "auto",
    schedule: str | None = None,
    *,
    workers: int | None = None,
    checkpoints: bool = False,
) -> None:
    """Refuse what a scenario cannot be run with, before anything is made.

    Args:
        model: the checked scenario.
        engine: one of `ENGINES`.
        schedule: one of the plan's schedules, if one is asked for.
        workers: threads of the compiled engine, if a number is asked for.
        checkpoints: whether the run is to keep checkpoints.

    Raises:
        ChoiceError: it cannot be done; the message says why, and what can.
    """
    from bustle.sim.facts import Facts
    from bustle.sim.plan import coupling_of, legal_schedules

    if engine not in ENGINES:
        raise ChoiceError(f"there is no engine `{engine}`; there are {', '.join(ENGINES)}")
    if workers is not None and workers < 1:
        raise ChoiceError(f"there must be at least 1 worker, not {workers}")
    if workers is not None and workers > 1 and engine == "reference":
        raise ChoiceError(f"only the compiled engine has {workers} workers; the reference engine runs in one thread")
    facts = Facts(model)
    python = ", ".join(facts.python_populations)
    if python and (checkpoints or engine == "compiled"):
        why = ", which keeps no checkpoints" if checkpoints else ""
        raise ChoiceError(f"agents written in Python ({python}) need the reference engine{why}")
    if checkpoints and engine == "reference":
        raise ChoiceError("only the compiled engine keeps checkpoints")
    if schedule is None:
        return
    if python or engine == "reference":
        raise ChoiceError("only the compiled engine has schedules; the reference engine runs in one order")
    possible = legal_schedules(coupling_of(model, facts))
    if schedule not in possible:
        raise ChoiceError(f"the schedule `{schedule}` is not possible here; possible: {', '.join(possible)}")


def choose_engine(model: Model, world: World, wanted: str = "auto", schedule: str | None = None) -> Choice:
    """The engine for a run.

    Args:
        model: the checked scenario.
        world: its world, made with the model's own seed.
        wanted: one of `ENGINES`.
        schedule: one of the plan's schedules, which also asks for the compiled engine; the plan's choice if not given.

    Raises:
        ChoiceError: the engine or the schedule cannot run this scenario.
    """
    from bustle.sim.plan import plan_of

    require_possible(model, wanted, schedule)
    if schedule is not None:
        wanted = "compiled"
    python = any(population.python_class is not None for population in model.populations.values())
    prepared = None
    if wanted != "reference" and not (python and wanted == "auto"):
        from bustle.sim.compiled.preparing import prepare

        prepared = prepare(model, world, model.seed)
    plan = plan_of(model, world, rules=0 if prepared is None else prepared.rules_to_compile)
    engine, why = (plan.engine, plan.why_engine) if wanted == "auto" else (wanted, "as asked for")
    return Choice(engine, why, schedule or plan.schedule, plan, prepared)


def make_chosen(
    choice: Choice,
    model: Model,
    world: World,
    python_classes: Mapping[str, type[PythonAgent]] | None = None,
    *,
    workers: int = 1,
    compiling: Callable[[int], None] | None = None,
) -> Engine:
    """The engine of a choice; see `make_engine` for the arguments."""
    if choice.engine == "compiled":
        return make_compiled(choice, workers=workers, compiling=compiling)

    from bustle.sim.reference import ReferenceEngine

    return ReferenceEngine(model, world, model.seed, python_classes)


def make_compiled(
    choice: Choice, *, workers: int = 1, compiling: Callable[[int], None] | None = None
) -> CheckpointedEngine:
    """The compiled engine of a choice that is one."""
    from bustle.sim.compiled.engine import CompiledEngine

    assert choice.prepared is not None
    return CompiledEngine(choice.prepared, schedule=choice.schedule, workers=workers, compiling=compiling)


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
    from bustle.sim.compiled.preparing import prepare
    from bustle.sim.plan import legal_schedules

    prepared = prepare(model, world, seed)
    chosen = schedule or legal_schedules(prepared.program.coupling)[0]
    return CompiledEngine(prepared, schedule=chosen, workers=workers, compiling=compiling)
