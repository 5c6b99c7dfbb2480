"""``bustle new``: a commented scenario to start from."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from importlib import resources
from pathlib import Path

from bustle.cli.consoles import messages
from bustle.cli.failures import BadArgument, explained_failures


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="The file to write, such as shop.yaml.")
    parser.add_argument("--force", action="store_true", help="Overwrite the file if it exists.")
    parser.set_defaults(do=new)


def new(file: Path, *, force: bool) -> None:
    """Write a commented starter scenario that checks and runs as it is."""
    with explained_failures():
        if file.suffix == "":
            file = file.with_suffix(".yaml")
        if file.exists() and not force:
            raise BadArgument(f"{file} exists", "give another name, or --force to overwrite it")
        file.write_text(starter(file), encoding="utf-8")
        messages().print(f"wrote {file}\nnext: bustle run {file}", markup=False)


def starter(file: Path) -> str:
    """The starter's text for ``file``: the scenario takes the file's name, as far as a name may hold it."""
    name = re.sub(r"\W+", "_", file.stem, flags=re.ASCII).strip("_").lower() or "scenario"
    if name[0].isdigit():
        name = f"scenario_{name}"
    template = resources.files("bustle.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    return template.replace("{file}", file.name).replace("{name}", name)
