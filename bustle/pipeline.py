"""A run from end to end: world, engine, log, tables, pictures, card, manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.agents.build import build_world
from bustle.folder import clear, prepare
from bustle.keyed_draws import keyed_draws
from bustle.outputs.errors import one_clear_line
from bustle.outputs.log import LogWriter
from bustle.outputs.recorders import record_tables
from bustle.outputs.sinks import check_formats
from bustle.results import RunSummary, summarize
from bustle.scenarios.model import Model
from bustle.sim.reference.engine import ReferenceEngine

if TYPE_CHECKING:
    from bustle.scenarios import Scenario

Progress = Callable[[int, int, int], None]
"""Called now and then with the simulated time in microseconds, and the numbers of firings and events so far."""

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
    arguments and errors see `bustle.run`.
    """
    started = time.perf_counter()
    check_formats(formats)
    model = scenario.model
    classes = python_classes(model, allow_code=allow_code)
    made = not folder.exists()
    prepare(folder, force=force)
    try:
        engine = choose_engine(model, classes)
        with LogWriter(folder, model) as log:
            counts = engine.run(log, progress, stop)
        _write(folder / "scenario.yaml", scenario.resolved_text())
        tables = record_tables(folder, model, keyed_draws(model.seed), formats)
    except BaseException:
        clear(folder)
        if made:
            folder.rmdir()
        raise
    return summarize(folder, model, counts, tables, time.perf_counter() - started)
