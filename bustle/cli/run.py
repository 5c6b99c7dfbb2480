"""``bustle run``: make a dataset."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.cli.failures import explained_failures, told_how_to_go_on
from bustle.cli.loading import loading
from bustle.cli.options import (
    engine_name,
    format_names,
    format_option,
    json_option,
    load,
    quiet_option,
    scenario_argument,
    schedule_name,
    seconds_of,
    value_options,
    workers_option,
)
from bustle.cli.show_run import show_run

if TYPE_CHECKING:
    from bustle.pipeline import Watcher
    from bustle.results import RunSummary


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    scenario_argument(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="The folder to write; runs/NAME if not given.")
    value_options(parser)
    format_option(parser)
    parser.add_argument("--plot", action="store_true", help="Also draw pictures into the folder.")
    parser.add_argument("--force", action="store_true", help="Replace a run that is already in the folder.")
    help_code = "Let the scenario import agents written in Python, if you trust it."
    parser.add_argument("--allow-code", action="store_true", help=help_code)
    help_engine = "auto, reference or compiled: the same bytes, sooner or later; auto if not given."
    parser.add_argument("--engine", default="auto", metavar="NAME", help=help_engine)
    workers_option(parser)
    help_schedule = "windows or global; the plan's choice if not given."
    parser.add_argument("--schedule", metavar="NAME", help=help_schedule)
    help_every = 'Keep a checkpoint this often, such as "10 minutes", so that `bustle resume` can go on after a kill.'
    parser.add_argument("--checkpoint-every", metavar="TIME", help=help_every)
    quiet_option(parser)
    json_option(parser)
    parser.set_defaults(do=run)


def run(
    scenario: str,
    out: Path | None,
    set_: list[str] | None,
    length: str | None,
    scale: float | None,
    seed: int | None,
    formats: str,
    *,
    plot: bool,
    force: bool,
    allow_code: bool,
    engine: str,
    workers: int | None,
    schedule: str | None,
    checkpoint_every: str | None,
    quiet: bool,
    json_: bool,
) -> None:
    """Run a scenario and write its dataset to a folder.

    Ctrl-C ends the run at the simulated time it has reached: log and tables up to there are kept,
    the manifest says that the run is not complete, and the exit code is 130.
    """
    with explained_failures(), loading():
        chosen = load(scenario, set_, length=length, scale=scale, seed=seed)
        folder = out if out is not None else Path("runs") / chosen.name
        names = format_names(formats)
        chosen_engine, chosen_schedule = engine_name(engine), schedule_name(schedule)
        every = None if checkpoint_every is None else seconds_of(checkpoint_every)

        from bustle.pipeline import Options, execute

    options = Options(names, plot, chosen_engine, chosen_schedule, workers, every)

    def work(watcher: Watcher) -> RunSummary:
        return execute(chosen.checked, folder, options, force=force, allow_code=allow_code, watcher=watcher)

    with told_how_to_go_on(folder):
        show_run(work, chosen.model, folder, quiet=quiet, json_=json_, with_checkpoints=every is not None)
