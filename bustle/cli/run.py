"""``bustle run``: make a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bustle.cli.consoles import messages, print_json, results
from bustle.cli.failures import INTERRUPTED, explained_failures
from bustle.cli.options import (
    FormatOption,
    JsonOption,
    LengthOption,
    ScaleOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    format_names,
    load,
)


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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
    json_: JsonOption = False,
) -> None:
    """Run a scenario and write its dataset to a folder.

    Ctrl-C ends the run at the simulated time it has reached: log and tables up to there are kept,
    the manifest says that the run is not complete, and the exit code is 130.
    """
    with explained_failures():
        chosen = load(scenario, set_, length=length, scale=scale, seed=seed)
        folder = out if out is not None else Path("runs") / chosen.name
        names = format_names(formats)

        from bustle.cli.interrupt import stop_on_interrupt
        from bustle.cli.progress import progress_bar
        from bustle.cli.summary import summary_table, summary_values
        from bustle.pipeline import execute

        with stop_on_interrupt() as stop, progress_bar(chosen.model, shown=not quiet) as progress:
            summary = execute(
                chosen.checked,
                folder,
                formats=names,
                force=force,
                allow_code=allow_code,
                progress=progress,
                stop=stop,
                plot=plot,
            )
        if json_:
            print_json(summary_values(summary, folder))
        elif not quiet:
            results().print(summary_table(summary, folder, chosen.model.title or chosen.name))
        if not summary.complete:
            messages().print("interrupted: what happened until then is kept, and the manifest says so", markup=False)
            raise typer.Exit(INTERRUPTED)
