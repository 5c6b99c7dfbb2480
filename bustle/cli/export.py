"""``bustle export``: a run's tables in the files of a published dataset."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import BadArgument, explained_failures
from bustle.cli.options import folder_argument, json_option

_KINDS = ("amlworld",)


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    folder_argument(parser)
    help_kind = "The published dataset: amlworld."
    parser.add_argument("--as", dest="as_", required=True, metavar="KIND", help=help_kind)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="The folder to write to.")
    help_name = "What the files' names begin with; the scenario's if not given."
    parser.add_argument("--name", metavar="NAME", help=help_name)
    parser.add_argument("--force", action="store_true", help="Replace files of these names.")
    json_option(parser)
    parser.set_defaults(do=export)


def export(folder: Path, as_: str, out: Path, name: str | None, *, force: bool, json_: bool) -> None:
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
