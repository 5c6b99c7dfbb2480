"""``bustle run``: make a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bustle.cli.failures import explained_failures, told_how_to_go_on
from bustle.cli.loading import loading
from bustle.cli.options import (
    EngineOption,
    FormatOption,
    JsonOption,
    LengthOption,
    ScaleOption,
    ScenarioArgument,
    ScheduleOption,
    SeedOption,
    SetOption,
    WorkersOption,
    engine_name,
    format_names,
    load,
    schedule_name,
    seconds_of,
)
from bustle.cli.show_run import show_run

if TYPE_CHECKING:
    from bustle.pipeline import Watcher
    from bustle.results import RunSummary


def run(
    scenario: ScenarioArgument,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="The folder to write; runs/NAME if not given.")
    ] = None,
    seed: SeedOption = None,
    set_: SetOption = None,
    length: LengthOption = None,
    scale: ScaleOption = None,
    formats: FormatOption = "parquet",
    plot: Annotated[bool, typer.Option("--plot", help="Also draw pictures into the folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a run that is already in the folder.")] = False,
    allow_code: Annotated[
        bool,
        typer.Option("--allow-code", help="Let the scenario import agents written in Python, if you trust it."),
    ] = False,
    engine: EngineOption = "auto",
    workers: WorkersOption = None,
    schedule: ScheduleOption = None,
    checkpoint_every: Annotated[
        str | None,
        typer.Option(
            "--checkpoint-every",
            metavar="TIME",
            help='Keep a checkpoint this often, such as "10 minutes", so that `bustle resume` can go on after a kill.',
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
    json_: JsonOption = False,
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
