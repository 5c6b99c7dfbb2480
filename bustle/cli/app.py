"""The ``bustle`` command and its sub-commands."""

from __future__ import annotations

import argparse
import errno
import inspect
import os
import re
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any

COMMANDS = {
    "run": "Run a scenario and write its dataset to a folder.",
    "resume": "Go on with a run that was killed, from its last checkpoint.",
    "check": "Check a scenario without running it.",
    "list": "List the shipped scenarios, one line each.",
    "show": "Show a scenario: parameters with bounds and sources, populations, events, tables.",
    "new": "Write a commented starter scenario that checks and runs as it is.",
    "explain": "Show how a run will be done, and what it takes and gives.",
    "record": "Record a run's tables again from its log, without running the scenario.",
    "verify": "Compare every file in a run's folder with its checksum.",
    "audit": "Measure leaks, realism, ledger and labels.",
    "plot": "Draw a run's pictures into FOLDER/plots and print their paths.",
    "export": "Write a run's tables as the files of a published dataset.",
}
"""Every command, with a line about it. Its module has its name, its arguments and what it does."""

_EXIT_CODES = (
    "Exit codes: 0 done; 1 the run failed, a folder does not verify, or an audit fails; 2 a bad scenario or bad "
    "arguments; 130 interrupted."
)


def app(words: Sequence[str] | None = None) -> None:
    """Run the command line; ends with SystemExit unless all went well.

    Args:
        words: what follows the command's name; the process's arguments if not given.
    """
    given = sys.argv[1:] if words is None else list(words)
    if not given:
        parser().print_help()
        raise SystemExit(2)
    wanted = next((word for word in given if word in COMMANDS), "")
    arguments = vars(parser([wanted]).parse_args(given))
    do = arguments.pop("do")
    try:
        do(**arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: say no more at the end
        raise SystemExit(1) from None


def parser(commands: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The parser of the command line; only ``commands`` are loaded, and take arguments."""
    whole = argparse.ArgumentParser(
        prog="bustle",
        description="Simulate agents from a scenario file and record labelled datasets.",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action=_Version, nargs=0, dest=argparse.SUPPRESS, help="Show the version and stop.")
    parts = whole.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Part)
    for name, line in COMMANDS.items():
        part = parts.add_parser(
            name, help=line, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name in commands:
            module = import_module(f"bustle.cli.{name}")
            module.arguments(part)
            part.description = inspect.cleandoc(part.get_default("do").__doc__)
    return whole


class _Part(argparse.ArgumentParser):
    """A command's arguments. An option that it does not have is told with the one that may have been meant."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """See `argparse.ArgumentParser`; unknown words end the process."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            from bustle.scenarios.diagnostics import suggest

            word = unknown[0].partition("=")[0]
            hint = suggest(word, re.findall("--[a-z-]+", self.format_usage())) if word.startswith("-") else ""
            self.error(f"unknown argument: {word}" + (f" ({hint})" if hint else ""))
        return found, unknown


class _Version(argparse.Action):
    """Shows the version, which takes a moment to find out."""

    def __call__(self, *_: object) -> None:
        import bustle

        print(f"bustle {bustle.__version__}")
        raise SystemExit(0)
