"""Following a run on the terminal: progress, interruption, and what came out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.cli.consoles import messages, print_json, results
from bustle.cli.failures import INTERRUPTED

if TYPE_CHECKING:
    from bustle.pipeline import Watcher
    from bustle.results import RunSummary
    from bustle.scenarios.model import Model


def show_run(
    work: Callable[[Watcher], RunSummary],
    model: Model,
    folder: Path,
    *,
    quiet: bool = False,
    json_: bool = False,
    with_checkpoints: bool = False,
) -> None:
    """Do ``work`` under a progress bar and print its summary; ends the command if it was interrupted."""
    from bustle.allocator import keep_freed_memory
    from bustle.cli.interrupt import stop_on_interrupt
    from bustle.cli.progress import progress_bar
    from bustle.pipeline import Watcher

    def compiling(rules: int) -> None:
        if not quiet:
            messages().print(f"compiling rules (once): {rules}", markup=False)

    keep_freed_memory()
    with stop_on_interrupt(with_checkpoints=with_checkpoints) as stop, progress_bar(model, shown=not quiet) as progress:
        summary = work(Watcher(progress, stop, compiling))
    if json_:
        from bustle.cli.summary import summary_values

        print_json(summary_values(summary, folder))
    elif not quiet:
        from bustle.cli.summary import summary_table

        results().print(summary_table(summary, folder, model.title or model.name))
    if not summary.complete:
        messages().print("interrupted: what happened until then is kept, and the manifest says so", markup=False)
        raise SystemExit(INTERRUPTED)
