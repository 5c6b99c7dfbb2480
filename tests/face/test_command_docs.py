"""The page about the command line names every command and option there is, and no other."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from bustle.cli.app import COMMANDS, parser

PAGE = Path(__file__).parents[2] / "docs" / "command_line.md"


def options_of(command: str) -> set[str]:
    with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.suppress(SystemExit):
        parser().parse_args([command, "--help"])
    return set(re.findall(r"^ +(?:-\w(?: [A-Z]+)?, )?(--[a-z-]+)", told.getvalue(), re.MULTILINE)) - {"--help"}


def test_every_command_is_on_the_page() -> None:
    assert set(re.findall(r"^\| `bustle (\w+)", PAGE.read_text(), re.MULTILINE)) == set(COMMANDS)


def test_every_option_of_run_is_on_the_page_and_no_other() -> None:
    section = PAGE.read_text().split("## `bustle run`")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE))
    assert told == options_of("run")
