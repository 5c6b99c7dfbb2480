"""The ``bustle`` command and its sub-commands."""

from __future__ import annotations

from typing import Annotated

import typer

import bustle
from bustle.cli.audit import audit
from bustle.cli.check import check
from bustle.cli.explain import explain
from bustle.cli.export import export
from bustle.cli.list import list_scenarios
from bustle.cli.new import new
from bustle.cli.plot import plot
from bustle.cli.record import record
from bustle.cli.resume import resume
from bustle.cli.run import run
from bustle.cli.show import show
from bustle.cli.verify import verify

app = typer.Typer(
    name="bustle",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 the run failed, a folder does not verify, or an audit fails; 2 a bad scenario or "
    "bad arguments; 130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bustle {bustle.__version__}")
        raise typer.Exit


@app.callback()
def bustle_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Simulate agents from a scenario file and record labelled datasets."""


for _name, _command in (
    ("run", run),
    ("resume", resume),
    ("check", check),
    ("list", list_scenarios),
    ("show", show),
    ("new", new),
    ("explain", explain),
    ("record", record),
    ("verify", verify),
    ("audit", audit),
    ("plot", plot),
    ("export", export),
):
    app.command(_name)(_command)
