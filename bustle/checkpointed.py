"""Running with checkpoints: the log goes into a spool, and the engine's state beside it now and then."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.agents.build import build_world
from bustle.outputs.checkpoints import Checkpoints
from bustle.outputs.errors import OutputError
from bustle.outputs.spool import Spool, replay
from bustle.scenarios.diagnostics import RunError
from bustle.sim.engines import Choice, choose_engine, make_compiled

if TYPE_CHECKING:
    from bustle.outputs.event_sink import EventSink
    from bustle.pipeline import Options, Watcher
    from bustle.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Spooled:
    """The log of a run that has ended."""

    path: Path
    length: int

    def replay(self, sink: EventSink) -> None:
        """Hand the log to ``sink``."""
        replay(self.path, self.length, sink)


def run_spooled(
    scenario: Scenario, folder: Path, options: Options, watcher: Watcher
) -> tuple[Choice, int | None, Spooled]:
    """Run a scenario from its beginning, or from the checkpoint in ``folder``, to its end.

    Returns:
        The engine that was chosen, the simulated time in microseconds at which the run was stopped (None if it came to
        its end), and the log.

    Raises:
        RunError: the engine keeps no checkpoints, or the run cannot go on.
        OutputError: the checkpoint cannot be read or written.
    """
    model = scenario.model
    checkpoints = Checkpoints(folder)
    saved = checkpoints.load() if checkpoints.exists else None
    world = build_world(model, model.seed)
    choice = choose_engine(model, world, "compiled" if options.engine == "auto" else options.engine, options.schedule)
    if choice.engine != "compiled":
        raise RunError("checkpoints need the compiled engine")
    if saved is not None and saved.finished:
        return choice, saved.values["ended_at"], Spooled(checkpoints.spool_path, saved.spooled)
    engine = make_compiled(choice, workers=options.workers, compiling=watcher.compiling)
    if saved is None:
        kept = {**asdict(options), "engine": choice.engine, "schedule": choice.schedule}
        spool = checkpoints.begin(model, scenario.resolved_text(), kept)
    else:
        spool = Spool(checkpoints.spool_path, saved.spooled)
        try:
            engine.restore(saved.arrays, saved.values)
        except (KeyError, ValueError, TypeError) as error:
            raise OutputError(f"{checkpoints.folder} does not fit this version of bustle: {error}") from error
    every = options.checkpoint_every or 0.0
    last = time.monotonic()

    def between() -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            checkpoints.save(spool, *engine.state())
            last = time.monotonic()

    try:
        counts = engine.run(spool, watcher.progress, watcher.stop, between=between)
        ended_at = None if counts.complete else counts.ended_at
        checkpoints.save(spool, {}, {"ended_at": ended_at}, finished=True)
        return choice, ended_at, Spooled(checkpoints.spool_path, spool.flush())
    finally:
        spool.close()
