"""``bustle explain``: how a scenario will be run, and what that takes and gives, before it is run."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.cli.consoles import print_json
from bustle.cli.failures import explained_failures
from bustle.cli.options import json_option, load, scenario_argument, value_options, workers_option
from bustle.cli.quantities import size_text

if TYPE_CHECKING:
    from bustle.sim.engines import Choice


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    scenario_argument(parser)
    value_options(parser)
    workers_option(parser)
    json_option(parser)
    parser.set_defaults(do=explain)


def explain(
    scenario: str,
    set_: list[str] | None,
    length: str | None,
    scale: float | None,
    seed: int | None,
    workers: int | None,
    *,
    json_: bool,
) -> None:
    """Show how a run will be done, and what it takes and gives: engine, schedule, events, rows, memory, disk."""
    with explained_failures():
        model = load(scenario, set_, length=length, scale=scale, seed=seed).model

        from bustle.sim.engines import choose_engine, default_workers
        from bustle.sim.plan.estimate import sketch_world

        threads = workers or default_workers()
        choice = choose_engine(model, sketch_world(model))
        notes = [*choice.plan.estimate.notes, *_what_does_not_fit(choice, Path())]
        if json_:
            found = {**choice.plan.estimate.to_dict(), "notes": notes}
            print_json({"scenario": model.name, **found, "plan": choice.plan.to_dict(threads)})
        else:
            from bustle.cli.explanation import print_explanation

            print_explanation(model, choice, threads, notes)


def _what_does_not_fit(choice: Choice, folder: Path) -> list[str]:
    """What this machine has too little of, with numbers."""
    from bustle.agents.limits import memory_of_machine
    from bustle.cli.explanation import in_words

    notes = []
    there, free = memory_of_machine(), shutil.disk_usage(folder).free
    disk = choice.plan.estimate.disk
    if choice.memory > there:
        notes.append(
            f"the run needs about {size_text(choice.memory)} of memory and this machine has {size_text(there)}: "
            "it will be refused (try a smaller --scale)"
        )
    if disk.kind != "unknown" and disk.number > free:
        will = "it will be refused" if disk.kind in ("expected", "at least") else "it may end with a full disk"
        notes.append(
            f"the run writes {in_words(disk) or 'about '}{size_text(disk.number)} and {size_text(free)} are free "
            f"here: {will} (try a smaller --scale or --length)"
        )
    return notes
