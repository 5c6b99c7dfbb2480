"""A run from end to end: world, plan, engine, and what is written (`bustle.writing`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.agents.build import World, build_world
from bustle.outputs.checkpoints import Checkpoints
from bustle.outputs.errors import OutputError
from bustle.outputs.folder import MANIFEST, PLOTS, SCENARIO, clear, prepare
from bustle.outputs.sink_to_come import SinkToCome
from bustle.outputs.sinks import check_formats
from bustle.outputs.text_file import write_text_file
from bustle.python_classes import python_classes
from bustle.results import RunSummary, summarize
from bustle.scenarios.diagnostics import RunError
from bustle.sim.engines import Choice, Progress, choose_engine, default_workers, make_chosen, require_possible
from bustle.sim.plan.room import require_bytes, require_disk, require_memory, spool_size

if TYPE_CHECKING:
    from bustle.scenarios import Scenario
    from bustle.scenarios.model import Model
    from bustle.writing import Writing

__all__ = ["Options", "Progress", "Stop", "Watcher", "execute", "record_again", "resumable", "resume", "scenario_of"]

Stop = Callable[[], bool]
"""Asked now and then; True ends the run at the simulated time it has reached."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a scenario is run and what is written; see `bustle.run`.

    Attributes:
        formats: of the tables.
        plot: draw pictures too.
        engine: one of `bustle.sim.engines.ENGINES`.
        schedule: of the compiled engine; the plan's choice if not given.
        workers: threads of the compiled engine; one a core if not given.
        checkpoint_every: seconds of wall-clock time between checkpoints; none without.
    """

    formats: tuple[str, ...] = ("parquet",)
    plot: bool = False
    engine: str = "auto"
    schedule: str | None = None
    workers: int | None = None
    checkpoint_every: float | None = None

    @property
    def threads(self) -> int:
        """The number of workers."""
        return default_workers() if self.workers is None else self.workers


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who follows a run.

    Attributes:
        progress: called now and then with simulated microseconds, firings and rows so far.
        stop: asked now and then; True ends the run there.
        compiling: called with the number of rules that must be compiled first, if any.
    """

    progress: Progress | None = None
    stop: Stop | None = None
    compiling: Callable[[int], None] | None = None


NOBODY = Watcher()


def execute(
    scenario: Scenario,
    folder: Path,
    options: Options = Options(),
    *,
    force: bool = False,
    allow_code: bool = False,
    watcher: Watcher = NOBODY,
) -> RunSummary:
    """Run ``scenario`` and write everything it gives into ``folder``.

    A run that fails takes what it wrote away again, unless it has a checkpoint and failed for a reason outside of its
    scenario; one that is stopped keeps what happened until then. For the errors see `bustle.run`.
    """
    started = time.perf_counter()
    check_formats(options.formats)
    model = scenario.model
    keeping = options.checkpoint_every is not None
    require_possible(model, options.engine, options.schedule, workers=options.workers, checkpoints=keeping)
    classes = python_classes(model, allow_code=allow_code)
    require_memory(model)
    new = not folder.exists()
    prepare(folder, force=force)
    try:
        world = build_world(model, model.seed)
        choice = choose_engine(model, world, "compiled" if keeping else options.engine, options.schedule)
        _require_room(choice, folder, model if keeping else None)
        if keeping:
            return _run_with_checkpoints(scenario, folder, options, choice, world, watcher, started)
        engine = make_chosen(choice, model, world, classes, workers=options.threads, compiling=watcher.compiling)
        owned = choice.engine == "compiled"
        with SinkToCome(partial(_open, folder, scenario, world, options.formats, owned=owned)) as sink:
            counts = engine.run(sink if owned else sink.made().sink, watcher.progress, watcher.stop)
            sink.made().complete(None if counts.complete else counts.ended_at, plot=options.plot)
    except BaseException as error:
        if not _may_go_on(error, folder):
            clear(folder)
            if new:
                folder.rmdir()
        raise
    return summarize(folder, time.perf_counter() - started, choice, options.threads)


def _open(folder: Path, scenario: Scenario, world: World, formats: Sequence[str], *, owned: bool = False) -> Writing:
    """Begin to write; importing what that takes is half of the work."""
    from bustle.writing import Writing

    return Writing(folder, scenario, world, formats, owned=owned)


def _require_room(choice: Choice, folder: Path, with_checkpoints: Model | None = None) -> None:
    """Refuse a run that does not fit; a run with checkpoints also needs room for its spool."""
    found = choice.plan.estimate
    require_disk(found.disk if with_checkpoints is None else found.disk + spool_size(with_checkpoints, found), folder)
    require_bytes(choice.memory, f"in the {choice.engine} engine")


def _may_go_on(error: BaseException, folder: Path) -> bool:
    """Whether a run that has failed can be taken up again: its disk was full, say. A rule would fail again."""
    return not isinstance(error, RunError) and Checkpoints(folder).exists


def resume(folder: Path, *, watcher: Watcher = NOBODY) -> tuple[Model, RunSummary]:
    """Take up the run in ``folder`` where its last checkpoint left it, and bring it to its end.

    Raises:
        OutputError: there is no checkpoint, or it cannot be used.
        ScenarioError: the kept scenario cannot be read.
        RunError: the run cannot go on, for a reason in the scenario.
    """
    from bustle.scenarios import load

    started = time.perf_counter()
    options, scenario = resumable(folder), load(scenario_of(folder))
    model = scenario.model
    if (folder / MANIFEST).is_file():  # killed when all was done but taking the checkpoint away
        Checkpoints(folder).remove()
        return model, summarize(folder, time.perf_counter() - started)
    require_memory(model)
    world = build_world(model, model.seed)
    choice = choose_engine(model, world, options.engine, options.schedule)
    try:
        return model, _run_with_checkpoints(scenario, folder, options, choice, world, watcher, started)
    except RunError:
        clear(folder)
        raise


def resumable(folder: Path) -> Options:
    """The options of the run in ``folder`` that can be taken up again.

    Raises:
        OutputError: there is none.
    """
    from bustle.outputs.manifest import read_manifest

    checkpoints = Checkpoints(folder)
    if not checkpoints.exists and (folder / MANIFEST).is_file():
        ended = "has come to its end" if read_manifest(folder)["complete"] else "was ended by Ctrl-C"
        raise OutputError(f"the run in {folder} {ended}: there is nothing to go on with")
    kept = checkpoints.options()
    try:
        return Options(**{**kept, "formats": tuple(kept["formats"])})
    except (KeyError, TypeError) as error:
        raise OutputError(f"{checkpoints.folder} is damaged") from error


def scenario_of(folder: Path) -> Path:
    """The scenario of a run that can be taken up: the checkpoint's, which goes when the run is complete."""
    return folder / SCENARIO if (folder / MANIFEST).is_file() else Checkpoints(folder).scenario


def _run_with_checkpoints(
    scenario: Scenario,
    folder: Path,
    options: Options,
    choice: Choice,
    world: World,
    watcher: Watcher,
    started: float,
) -> RunSummary:
    """Run, or go on with, a scenario that keeps checkpoints in ``folder``."""
    from bustle.checkpointed import run_spooled

    ended_at, spool = run_spooled(scenario, folder, options, choice, watcher)
    with _open(folder, scenario, world, options.formats) as writing:
        spool.replay(writing.sink)
        writing.complete(ended_at, plot=options.plot)
    Checkpoints(folder).remove()
    return summarize(folder, time.perf_counter() - started, choice, options.threads)


def record_again(
    folder: Path, formats: Sequence[str] = ("parquet",), features: Path | None = None
) -> tuple[Model, RunSummary]:
    """Make the tables of the run in ``folder`` again from its log, and card and manifest with them.

    Args:
        folder: the run's.
        formats: of the tables.
        features: a file that asks for features of the tables; the run's scenario then asks for them, too.

    Raises:
        OutputError: the folder holds no run, its log lacks something, or a file cannot be written.
        ScenarioError: the folder's scenario cannot be read, or what is asked for has problems.
        FileNotFoundError: there is no file ``features``.
    """
    from bustle.outputs.manifest import read_manifest
    from bustle.scenarios import load
    from bustle.writing import describe, tables_of

    started = time.perf_counter()
    check_formats(formats)
    before = read_manifest(folder)
    scenario = load(folder / SCENARIO)
    if features is not None:
        scenario = scenario.with_features(features)
        write_text_file(folder / SCENARIO, scenario.resolved_text())
    model = scenario.model
    ended_at = None if before["complete"] else _microseconds_between(before["start"], before["ended_at"])
    plotted = any(path.startswith(f"{PLOTS}/") for path in before["files"])
    with tables_of(folder, model, formats) as tables:
        describe(folder, model, tables, ended_at, plot=plotted)
    return model, summarize(folder, time.perf_counter() - started)


def _microseconds_between(start: str, end: str) -> int:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) // timedelta(microseconds=1)
