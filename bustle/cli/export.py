"""``bustle export``: a run's tables in the files of a published dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import BadArgument, explained_failures
from bustle.cli.options import FolderArgument, JsonOption

_KINDS = ("amlworld",)


def export(
    folder: FolderArgument,
    as_: Annotated[str, typer.Option("--as", metavar="KIND", help="The published dataset: amlworld.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder to write to.")],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the files' names begin with; the scenario's if not given.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace files of these names.")] = False,
    json_: JsonOption = False,
) -> None:
    """Write a run's tables as the files of a published dataset, for code that reads those."""
    with explained_failures():
        if as_ not in _KINDS:
            raise BadArgument(f"--as {as_}: no such dataset", f"known: {', '.join(_KINDS)}")

        from bustle.outputs.exports.amlworld import export_amlworld

        done = export_amlworld(folder, out, name=name, force=force)
        counts = {"transactions": done.transactions, "accounts": done.accounts, "attempts": done.attempts}
        if json_:
            print_json({"files": [str(file) for file in done.files], **counts})
        else:
            for file, (what, count) in zip(done.files, counts.items(), strict=True):
                results().print(f"{file}: {count:,} {what}", markup=False, highlight=False, soft_wrap=True)
