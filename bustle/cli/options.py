"""Arguments that several commands share, and how their text becomes values."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.cli.failures import BadArgument

if TYPE_CHECKING:
    from bustle.api import Scenario


def scenario_argument(parser: ArgumentParser) -> None:
    """The scenario."""
    parser.add_argument("scenario", metavar="SCENARIO", help="A file, or the name of a shipped scenario.")


def folder_argument(parser: ArgumentParser) -> None:
    """A run's folder."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="The folder of a run.")


def value_options(parser: ArgumentParser) -> None:
    """What can be given other values: parameters, length, scale and seed."""
    help_set = "Give a parameter another value. May be repeated."
    parser.add_argument("--set", dest="set_", action="append", metavar="NAME=VALUE", help=help_set)
    parser.add_argument("--length", metavar="DURATION", help='Simulated time, such as "30 days".')
    parser.add_argument("--scale", type=number, metavar="FACTOR", help="Multiply every population's size.")
    help_seed = "The seed of every draw, at least 0; the scenario's own if not given."
    parser.add_argument("--seed", type=whole_number(0), metavar="NUMBER", help=help_seed)


def workers_option(parser: ArgumentParser) -> None:
    """How many threads."""
    help_workers = "Threads of the compiled engine, 1 to 64; one a core if not given."
    parser.add_argument("--workers", type=whole_number(1, 64), metavar="NUMBER", help=help_workers)


def format_option(parser: ArgumentParser) -> None:
    """In which formats tables are written."""
    help_formats = "Formats of the tables, comma-separated: parquet, csv, jsonl, arrow, duckdb; parquet if not given."
    parser.add_argument("--format", dest="formats", default="parquet", metavar="LIST", help=help_formats)


def json_option(parser: ArgumentParser) -> None:
    """Results for programs."""
    parser.add_argument("--json", dest="json_", action="store_true", help="Write the result to stdout as JSON.")


def quiet_option(parser: ArgumentParser) -> None:
    """Say nothing."""
    parser.add_argument("-q", "--quiet", action="store_true", help="No progress and no summary.")


def number(text: str) -> float:
    """A number from the command line."""
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number within bounds from the command line."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" if most is None else f"from {least} to {most}"
            raise ArgumentTypeError(f"{value} is not {bounds}")
        return value

    return read


def engine_name(text: str) -> str:
    """The engine of that name.

    Raises:
        BadArgument: there is none.
    """
    from bustle.scenarios.diagnostics import suggest
    from bustle.sim.engines import ENGINES

    if text not in ENGINES:
        raise BadArgument(f"--engine {text}: no such engine", suggest(text, ENGINES) or f"known: {', '.join(ENGINES)}")
    return text


def schedule_name(text: str | None) -> str | None:
    """The schedule of that name; None where none is asked for.

    Raises:
        BadArgument: there is none.
    """
    known = ("windows", "global")
    if text is not None and text not in known:
        from bustle.scenarios.diagnostics import suggest

        raise BadArgument(f"--schedule {text}: no such schedule", suggest(text, known) or f"known: {', '.join(known)}")
    return text


def seconds_of(text: str) -> float:
    """Seconds of wall-clock time from text such as ``30 s``, ``10 minutes`` or ``1 hour``.

    Raises:
        BadArgument: it is no such time.
    """
    number, _, unit = text.strip().partition(" ")
    units = {"": 1.0, "s": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0}
    factor = units.get(unit.strip().removesuffix("s") or unit.strip())
    try:
        seconds = float(number) * (factor or 0.0)
    except ValueError:
        seconds = -1.0
    if factor is None or not 0 < seconds < 1e9:
        raise BadArgument(f"--checkpoint-every {text}: not a time", 'write it as "10 minutes" or "30 s"')
    return seconds


def settings(pairs: list[str] | None) -> dict[str, str]:
    """The ``--set`` options as a dictionary.

    Raises:
        BadArgument: an option without ``=``, or a name given twice.
    """
    values: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or not name:
            raise BadArgument(f"--set {pair}: not of the form NAME=VALUE", 'write it as --set "alert_after=5"')
        if name in values:
            raise BadArgument(f"--set {name}: given twice")
        values[name] = value.strip()
    return values


def format_names(text: str) -> tuple[str, ...]:
    """The formats of a comma-separated list, each once.

    Raises:
        BadArgument: no format is given.
        OutputError: a format is not known, or not installed.
    """
    from bustle.outputs.sinks import FORMATS, check_formats

    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    if not names:
        raise BadArgument("--format: no format given", f"known formats: {', '.join(FORMATS)}")
    check_formats(names)
    return names


def load(
    name: str,
    pairs: list[str] | None = None,
    *,
    length: str | None = None,
    scale: float | None = None,
    seed: int | None = None,
) -> Scenario:
    """The scenario called ``name``, or in the file ``name``, with the values of the command line.

    Raises:
        ScenarioError: the scenario, or a value given for it, cannot be used.
        BadArgument: an option cannot be read.
    """
    from bustle.api import Scenario

    values = settings(pairs)
    if scale is not None and not scale > 0:
        raise BadArgument(f"--scale {scale}: must be above 0")
    return Scenario.load(name).with_values(values, length=length, scale=scale, seed=seed)
