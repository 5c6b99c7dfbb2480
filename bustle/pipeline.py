"""A run from end to end: world, engine, log, tables, pictures, card, manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.agents.build import World, build_world
from bustle.keyed_draws import keyed_draws
from bustle.outputs.card import write_card
from bustle.outputs.folder import PLOTS, SCENARIO, clear, prepare
from bustle.outputs.inputs import keep_inputs
from bustle.outputs.log import LogWriter
from bustle.outputs.manifest import read_manifest, write_manifest
from bustle.outputs.recorders import record_tables
from bustle.outputs.sinks import check_formats
from bustle.outputs.text_file import write_text_file
from bustle.python_classes import python_classes
from bustle.results import RunSummary, summarize
from bustle.sim.reference.engine import Progress, ReferenceEngine
from bustle.sim.room import require_disk, require_memory

if TYPE_CHECKING:
    from bustle.scenarios import Scenario
    from bustle.scenarios.model import Model
    from bustle.sim.python_agents import PythonAgent

__all__ = ["Progress", "Stop", "execute", "make_engine", "record_again"]

Stop = Callable[[], bool]
"""Asked now and then; True ends the run at the simulated time it has reached."""


def execute(
    scenario: Scenario,
    folder: Path,
    *,
    formats: Sequence[str] = ("parquet",),
    force: bool = False,
    allow_code: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
    plot: bool = False,
) -> RunSummary:
    """Run ``scenario`` and write everything it gives into ``folder``.

    A run that fails takes what it wrote away again; one that ``stop`` ends keeps what happened until then. For the
    other arguments and the errors see `bustle.run`.
    """
    started = time.perf_counter()
    check_formats(formats)
    model = scenario.model
    classes = python_classes(model, allow_code=allow_code)
    require_memory(model)
    new = not folder.exists()
    prepare(folder, force=force)
    try:
        world = build_world(model, model.seed)
        require_disk(model, world, folder)
        engine = make_engine(model, world, classes)
        with LogWriter(folder, model) as log:
            counts = engine.run(log, progress, stop)
        keep_inputs(folder, model)
        write_text_file(folder / SCENARIO, scenario.resolved_text())
        _describe(folder, model, formats, None if counts.complete else counts.ended_at, plot=plot)
    except BaseException:
        clear(folder)
        if new:
            folder.rmdir()
        raise
    return summarize(folder, time.perf_counter() - started)


def make_engine(model: Model, world: World, classes: Mapping[str, type[PythonAgent]]) -> ReferenceEngine:
    """The engine that runs ``model`` in ``world``, which was built with the model's own seed."""
    return ReferenceEngine(model, world, model.seed, classes)


def record_again(folder: Path, formats: Sequence[str] = ("parquet",)) -> tuple[Model, RunSummary]:
    """Make the tables of the run in ``folder`` again from its log, and card and manifest with them.

    Raises:
        OutputError: the folder holds no run, its log lacks something, or a file cannot be written.
        ScenarioError: the folder's scenario cannot be read.
    """
    from bustle.scenarios import load

    started = time.perf_counter()
    check_formats(formats)
    before = read_manifest(folder)
    model = load(folder / SCENARIO).model
    ended_at = None if before["complete"] else _microseconds_between(before["start"], before["ended_at"])
    plotted = any(path.startswith(f"{PLOTS}/") for path in before["files"])
    _describe(folder, model, formats, ended_at, plot=plotted)
    return model, summarize(folder, time.perf_counter() - started)


def _microseconds_between(start: str, end: str) -> int:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) // timedelta(microseconds=1)


def _describe(folder: Path, model: Model, formats: Sequence[str], ended_at: int | None, *, plot: bool) -> None:
    """Write all that is made from a complete log; the manifest comes last and makes the folder a whole run."""
    tables = record_tables(folder, model, keyed_draws(model.seed), formats)
    if plot:
        from bustle.outputs.plots import plot_run

        plot_run(folder)
    write_card(folder, model, tables, ended_at=ended_at)
    write_manifest(folder, model, tables, ended_at=ended_at)
