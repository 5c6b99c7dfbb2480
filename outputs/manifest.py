"""What a run's folder holds: ``manifest.json``, written last.

The manifest says what was run (scenario, seed, parameters), what came out (rows, columns, roles) and a SHA-256 for
every file. A folder without it is not complete. Nothing in it depends on the machine or on the time of day, so the
same run gives the same manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from bustle.outputs.epoch import Epoch, epoch_of
from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.folder import CARD, DATABASE, LOG_KINDS, MANIFEST, PLOTS, SCENARIO, TABLE_EXTENSIONS, files_in
from bustle.outputs.log import LogReader
from bustle.outputs.recorders import RecordedTable
from bustle.outputs.table_schema import TableColumn, in_table_units, unit_of
from bustle.outputs.text_file import write_text_file
from bustle.outputs.timestamps import timestamp_text
from bustle.scenarios.files import KEPT
from bustle.scenarios.model import Model

FORMAT = "bustle run 1"
"""Name and version of the manifest's format."""

Result = TypeVar("Result")


def write_manifest(
    folder: Path | str,
    model: Model,
    tables: Sequence[RecordedTable],
    *,
    ended_at: int | None = None,
    checksums: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write ``manifest.json`` for the run in ``folder``, after every other file.

    Args:
        folder: the run's folder, with its log and tables.
        model: the scenario that was run.
        tables: what was recorded.
        ended_at: the simulated time (microseconds since the start) at which the run was stopped, if it was.
        checksums: the SHA-256 of files that need not be read for it, by path; those of ``tables`` are known too.

    Returns:
        The manifest.

    Raises:
        OutputError: a file cannot be read or written.
    """
    folder = Path(folder)
    epoch = epoch_of(model.clock)
    reader = LogReader(folder)
    known = dict(checksums or {})
    for table in tables:
        known |= table.checksums
    files = _digests(folder, sorted(_files(folder, tables)), known)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "bustle": bustle_version(),
        "complete": ended_at is None,
        "ended_at": None if ended_at is None else timestamp_text(ended_at, epoch),
        "scenario": {
            "name": model.name,
            "title": model.title,
            "sha256": files.get(SCENARIO, {}).get("sha256"),
        },
        "seed": model.seed,
        "scale": model.scale,
        "start": timestamp_text(0, epoch),
        "end": timestamp_text(model.clock.length, epoch),
        "parameters": {name: _parameter(model, name, epoch) for name in model.parameters},
        "events": {name: {"rows": reader.rows(name)} for name in model.events},
        "agents": {name: {"rows": reader.file("agents", name).metadata.num_rows} for name in reader.names("agents")},
        "networks": {
            name: {"edges": reader.file("networks", name).metadata.num_rows} for name in reader.names("networks")
        },
        "tables": {table.name: _table(table, folder, epoch) for table in tables},
        "files": files,
    }
    if model.audits:
        manifest["audit"] = {name: asdict(audit) for name, audit in model.audits.items()}
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_text_file(folder / MANIFEST, text)
    return manifest


def read_manifest(folder: Path | str) -> dict[str, Any]:
    """The manifest of the run in ``folder``.

    Raises:
        OutputError: there is none, or it is not a manifest that this version reads.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise OutputError(f"{folder} has no {MANIFEST}: it holds no complete run")
    try:
        with one_clear_line("read", path):
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            format_, files = manifest["format"], manifest["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path} is damaged: it is not the manifest of a run") from error
    if format_ != FORMAT or not isinstance(files, dict):
        raise OutputError(f"{path} has the format {format_!r}; this version of bustle reads {FORMAT!r}")
    return manifest


def bustle_version() -> str:
    """The version of bustle; read by name, since the data layer does not import the package's face."""
    return str(import_module(__name__.partition(".")[0]).__version__)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Raises:
        OutputError: it cannot be read.
    """
    with one_clear_line("read", path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def side_by_side(function: Callable[[str], Result], paths: Sequence[str]) -> list[Result]:
    """What ``function`` gives for each of ``paths``, several at a time, as hashing does not need Python's lock."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, paths))


def _digests(folder: Path, paths: Sequence[str], known: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return dict(zip(paths, side_by_side(lambda path: _file(folder / path, known.get(path)), paths), strict=True))


def _file(path: Path, sha256: str | None) -> dict[str, Any]:
    if path.name == DATABASE:
        # The file itself differs from run to run in its headers; see bustle.outputs.sinks.duckdb_file.
        from bustle.outputs.sinks.duckdb_file import table_digests

        return {"tables_sha256": table_digests(path)}
    return {"bytes": path.stat().st_size, "sha256": sha256 or sha256_of(path)}


def _files(folder: Path, tables: Sequence[RecordedTable]) -> Iterator[str]:
    yield from (name for name in (SCENARIO, CARD) if (folder / name).is_file())
    if (folder / KEPT).is_dir():
        yield from (f"{KEPT}/{path}" for path in files_in(folder / KEPT))
    for kind in LOG_KINDS:
        yield from (f"log/{kind}/{path.name}" for path in (folder / "log" / kind).glob("*.parquet"))
    for table in tables:
        yield from table_files(folder, table.name)
    if (folder / "tables" / DATABASE).is_file():
        yield f"tables/{DATABASE}"
    yield from (f"{PLOTS}/{path.name}" for path in (folder / PLOTS).glob("*.*") if path.suffix != ".partial")


def table_files(folder: Path, table: str) -> list[str]:
    """The files of its own that hold ``table``, from this recording or an earlier one, relative to the folder."""
    names = (f"tables/{table}.{extension}" for extension in TABLE_EXTENSIONS)
    return [name for name in names if (folder / name).is_file()]


def _table(table: RecordedTable, folder: Path, epoch: Epoch) -> dict[str, Any]:
    shared = [f"tables/{DATABASE}"] if (folder / "tables" / DATABASE).is_file() else []
    return {
        "rows": table.rows,
        "true": table.true,
        "columns": [_column(column, epoch) for column in table.columns],
        "files": [*table_files(folder, table.name), *shared],
    }


def _column(column: TableColumn, epoch: Epoch) -> dict[str, str]:
    entry = {"name": column.name, "role": column.role, "type": str(column.type)}
    entry |= {"unit": unit_of(column.type, epoch.zone), "about": column.about}
    return {key: text for key, text in entry.items() if text}


def _parameter(model: Model, name: str, epoch: Epoch) -> dict[str, Any]:
    type_ = model.parameters[name].type
    entry = {"value": in_table_units(model.values[name], type_, epoch), "unit": unit_of(type_, epoch.zone)}
    return {key: value for key, value in entry.items() if value != ""}
