"""Running with checkpoints: the log goes into a spool, and the engine's state beside it now and then."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.outputs.checkpoints import Checkpoints, Saved
from bustle.outputs.errors import OutputError
from bustle.outputs.spool import Spool, replay
from bustle.sim.engines import CheckpointedEngine, Choice, make_compiled

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
    scenario: Scenario, folder: Path, options: Options, choice: Choice, watcher: Watcher
) -> tuple[int | None, Spooled]:
    """Run a scenario from its beginning, or from the checkpoint in ``folder``, to its end.

    Args:
        scenario: what is run.
        folder: the run's folder.
        options: how it is run.
        choice: the compiled engine.
        watcher: who follows it.

    Returns:
        The simulated time in microseconds at which the run was stopped (None if it came to its end), and the log.

    Raises:
        RunError: the run cannot go on.
        OutputError: the checkpoint cannot be read or written.
    """
    checkpoints = Checkpoints(folder)
    saved = checkpoints.load() if checkpoints.exists else None
    if saved is not None and saved.finished:
        return saved.values["ended_at"], Spooled(checkpoints.spool_path, saved.spooled)
    engine = make_compiled(choice, workers=options.threads, compiling=watcher.compiling)
    if saved is None:
        chosen = {"engine": choice.engine, "schedule": choice.schedule, "workers": options.threads}
        kept = {**asdict(options), **chosen}
        spool = checkpoints.begin(scenario.model, scenario.resolved_text(), kept)
    else:
        spool = _taken_up(engine, saved, checkpoints)
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
        return ended_at, Spooled(checkpoints.spool_path, spool.flush())
    finally:
        spool.close()


def _taken_up(engine: CheckpointedEngine, saved: Saved, checkpoints: Checkpoints) -> Spool:
    """Bring ``engine`` where it was, and the spool with it.

    Raises:
        OutputError: the checkpoint is not of this engine, or its spool is damaged.
    """
    try:
        engine.restore(saved.arrays, saved.values)
    except (KeyError, ValueError, TypeError) as error:
        raise OutputError(f"{checkpoints.folder} does not fit this version of bustle") from error
    return Spool(checkpoints.spool_path, saved.spooled)
