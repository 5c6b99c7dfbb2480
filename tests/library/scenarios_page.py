"""The tables of `docs/scenarios.md`, made from the scenarios. Run as a module, it writes them into the page.

python -m tests.library.scenarios_page
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

import bustle

PAGE = Path(__file__).resolve().parents[2] / "docs/scenarios.md"
ROWS = 3

_TABLE = r"\n*(?:^\|.*\n)*\n*"
_PARAMETERS = re.compile(rf"^(?P<head><!-- parameters: (?P<name>\w+) -->\n){_TABLE}", re.MULTILINE)
_FIRST_ROWS = re.compile(
    rf"^(?P<head>First rows of `(?P<table>\w+)`(?: with `(?P<label>\w+)`)? of `bustle run (?P<words>.+)`:\n){_TABLE}",
    re.MULTILINE,
)


def filled(page: str) -> str:
    """The page with the table of parameters after each comment for one, and the first rows after each such sentence."""
    page = _PARAMETERS.sub(lambda found: f"{found['head']}{_parameters(found['name'])}\n", page)
    return _FIRST_ROWS.sub(lambda found: f"{found['head']}\n{_first_rows(**_named(found))}\n", page).rstrip("\n") + "\n"


def _parameters(name: str) -> str:
    scenario = bustle.Scenario.load(name)
    rows = [
        (f"`{parameter.name}`", scenario.parameters[parameter.name], parameter.about, parameter.because)
        for parameter in scenario.model.parameters.values()
    ]
    return _markdown(("parameter", "value", "what it is", "where it comes from"), rows)


def _named(found: re.Match[str]) -> dict[str, Any]:
    return {name: text for name, text in found.groupdict().items() if name != "head"}


def _first_rows(table: str, label: str | None, words: str) -> str:
    """The first rows of a table of the run that a command makes; with a label, those that have it."""
    name, *options = shlex.split(words)
    with bustle.run(name, **dict(_arguments(options))) as run:
        frame = run.table(table).filter(pl.col(label) if label else True).head(ROWS)
        columns = run.manifest["tables"][table]["columns"]
    heads = [f"**{c['name']}**" if c["role"] in ("label", "known") else c["name"] for c in columns]
    frame = frame.with_columns(pl.selectors.categorical().cast(pl.String))
    return _markdown(heads, [[_cell(value) for value in row] for row in frame.iter_rows()])


def _arguments(options: list[str]) -> Iterator[tuple[str, Any]]:
    """The options of a command as arguments of `bustle.run`."""
    words, values = iter(options), dict[str, str]()
    for option in words:
        match option:
            case "--scale":
                yield "scale", float(next(words))
            case "--length":
                yield "length", next(words)
            case "--seed":
                yield "seed", int(next(words))
            case "--allow-code":
                yield "allow_code", True
            case "--set":
                parameter, _, value = next(words).partition("=")
                values[parameter] = value
            case _:
                raise ValueError(f"an option that this page does not use: {option}")
    yield "set", values


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return str(round(value, 3))
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


def _markdown(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
