"""``bustle record``: the tables of a run, made again from its log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import explained_failures
from bustle.cli.options import FolderArgument, FormatOption, JsonOption, format_names

FeaturesOption = Annotated[
    Path | None, typer.Option("--features", metavar="FILE", help="A file that asks for features of the tables.")
]


def record(
    folder: FolderArgument,
    formats: FormatOption = "parquet",
    features: FeaturesOption = None,
    json_: JsonOption = False,
) -> None:
    """Record a run's tables again from its log, without running the scenario."""
    with explained_failures():
        names = format_names(formats)

        from bustle.cli.summary import summary_table, summary_values
        from bustle.pipeline import record_again

        model, summary = record_again(folder, names, features)
        if json_:
            print_json(summary_values(summary, folder))
        else:
            results().print(summary_table(summary, folder, model.title or model.name))
