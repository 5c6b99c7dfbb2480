"""``bustle record``: the tables of a run, made again from its log."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import explained_failures
from bustle.cli.options import folder_argument, format_names, format_option, json_option


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    folder_argument(parser)
    format_option(parser)
    help_features = "A file that asks for features of the tables."
    parser.add_argument("--features", type=Path, metavar="FILE", help=help_features)
    json_option(parser)
    parser.set_defaults(do=record)


def record(folder: Path, formats: str, features: Path | None, *, json_: bool) -> None:
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
