"""The page about the command line names every command and option there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from bustle.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "command_line.md"


def options_of(command: str) -> set[str]:
    group = typer.main.get_command(app)
    return {
        option
        for parameter in group.commands[command].params  # type: ignore[attr-defined]
        for option in parameter.opts
        if option.startswith("--") and option not in ("--help",)
    }


def test_every_command_is_on_the_page() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"^\| `bustle (\w+)", PAGE.read_text(), re.MULTILINE)) == commands


def test_every_option_of_run_is_on_the_page_and_no_other() -> None:
    section = PAGE.read_text().split("## `bustle run`")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `(--[a-z-]+)", section, re.MULTILINE))
    assert told == options_of("run")
