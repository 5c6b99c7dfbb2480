"""``bustle verify``: is a run's folder whole and unchanged?"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from bustle.cli.consoles import messages, print_json
from bustle.cli.failures import FAILED, explained_failures
from bustle.cli.options import folder_argument, json_option


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    folder_argument(parser)
    json_option(parser)
    parser.set_defaults(do=verify)


def verify(folder: Path, *, json_: bool) -> None:
    """Recompute the checksum of every file in a run's folder and compare it with the manifest."""
    with explained_failures():
        from bustle.outputs.verify import verify as problems_of

        problems = problems_of(folder)
        if json_:
            found = [{"kind": p.kind, "path": p.path, "message": p.text} for p in problems]
            print_json({"ok": not problems, "problems": found})
        elif problems:
            messages().print("\n".join(f"{problem.kind}: {problem}" for problem in problems), markup=False)
        else:
            messages().print(f"{folder}: every file is as it was written", markup=False)
        if problems:
            raise SystemExit(FAILED)
