"""``bustle plot``: a run's pictures."""

from __future__ import annotations

import typer

from bustle.cli.failures import explained_failures
from bustle.cli.options import FolderArgument


def plot(folder: FolderArgument) -> None:
    """Draw a run's pictures into FOLDER/plots and print their paths."""
    with explained_failures():
        from bustle.outputs.plots import plot_run

        for path in plot_run(folder):
            typer.echo(str(path))
