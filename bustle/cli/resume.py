"""``bustle resume``: go on with a run that was killed."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.cli.failures import told_how_to_go_on
from bustle.cli.options import folder_argument, json_option, quiet_option
from bustle.cli.show_run import show_run

if TYPE_CHECKING:
    from bustle.pipeline import Watcher
    from bustle.results import RunSummary


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    folder_argument(parser)
    quiet_option(parser)
    json_option(parser)
    parser.set_defaults(do=resume)


def resume(folder: Path, *, quiet: bool, json_: bool) -> None:
    """Go on with a run that was killed, from its last checkpoint.

    The run must have been started with --checkpoint-every. What comes out is what an uninterrupted run gives, byte for
    byte.
    """
    with told_how_to_go_on(folder):
        from bustle.pipeline import resumable, scenario_of
        from bustle.pipeline import resume as take_up
        from bustle.scenarios import load

        resumable(folder)
        model = load(scenario_of(folder)).model

        def work(watcher: Watcher) -> RunSummary:
            return take_up(folder, watcher=watcher)[1]

        show_run(work, model, folder, quiet=quiet, json_=json_, with_checkpoints=True)
