"""Where tables are written: one format a module.

To add a format, write a module with a class that follows `bustle.outputs.sinks.sink.Sink` and name it in `FORMATS`.
A format's own libraries are imported only when it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.outputs.errors import OutputError
from bustle.scenarios.diagnostics import suggest

if TYPE_CHECKING:
    from bustle.outputs.sinks.sink import Sink

__all__ = ["FORMATS", "Format", "check_formats", "open_sink"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its module and class, and the distribution and extra it needs beyond bustle's own."""

    name: str
    module: str
    sink: str
    about: str
    needs: str = ""


_FORMATS = (
    Format("parquet", "bustle.outputs.sinks.parquet", "ParquetSink", "columns with types, roles and units, compressed"),
    Format("csv", "bustle.outputs.sinks.csv", "CsvSink", "comma-separated text with a header"),
    Format("jsonl", "bustle.outputs.sinks.json_lines", "JsonLinesSink", "one JSON object a line"),
    Format("arrow", "bustle.outputs.sinks.arrow_ipc", "ArrowSink", "Arrow IPC file (Feather 2), compressed"),
    Format("duckdb", "bustle.outputs.sinks.duckdb_file", "DuckDbSink", "all tables in one database file", "duckdb"),
)

FORMATS: dict[str, Format] = {format_.name: format_ for format_ in _FORMATS}
"""Every format by name."""


def check_formats(names: Iterable[str]) -> None:
    """Refuse formats that are unknown or not installed, before anything is run.

    Raises:
        OutputError: names the format, and the extra to install where one is missing.
    """
    for name in names:
        if name not in FORMATS:
            hint = suggest(name, FORMATS, "formats")
            raise OutputError(f"unknown format `{name}`" + (f": {hint}" if hint else ""))
        needs = FORMATS[name].needs
        if needs and find_spec(needs) is None:
            raise OutputError(f"the format `{name}` needs an extra: pip install 'bustle[{needs}]'")


def open_sink(name: str, folder: Path) -> Sink:
    """A sink of format ``name`` that writes tables into ``folder``.

    Raises:
        OutputError: the format is unknown or not installed.
    """
    check_formats([name])
    format_ = FORMATS[name]
    sink: Sink = getattr(import_module(format_.module), format_.sink)(folder)
    return sink
