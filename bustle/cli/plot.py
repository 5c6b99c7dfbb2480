"""``bustle plot``: a run's pictures."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from bustle.cli.failures import explained_failures
from bustle.cli.options import folder_argument


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    folder_argument(parser)
    parser.set_defaults(do=plot)


def plot(folder: Path) -> None:
    """Draw a run's pictures into FOLDER/plots and print their paths."""
    with explained_failures():
        from bustle.outputs.plots import plot_run

        for path in plot_run(folder):
            print(path)
