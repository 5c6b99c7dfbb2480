"""A finished run: its folder, its tables and its log, read when asked for."""

from __future__ import annotations

import json
import shutil
import weakref
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import polars as pl

    from bustle.outputs.log import LogReader
    from bustle.sim.engines import Choice


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What one table holds: its number of rows, bytes in all formats, and the share of rows under each yes/no label."""

    name: str
    rows: int
    bytes: int
    label_shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run at a glance.

    Attributes:
        scenario: the scenario's name.
        seed: the seed of every draw.
        events: events written to the log, of all kinds.
        simulated: simulated time covered, in microseconds.
        complete: False if the run was interrupted.
        seconds: wall-clock time the run took (never written to the folder).
        bytes: size of the folder.
        tables: the tables, in the scenario's order.
        engine: the engine that ran it, with its schedule; empty where nothing was run.
        why_engine: why this one.
        workers: threads that advanced agents; 0 where nothing was run.
    """

    scenario: str
    seed: int
    events: int
    simulated: int
    complete: bool
    seconds: float
    bytes: int
    tables: tuple[TableSummary, ...]
    engine: str = ""
    why_engine: str = ""
    workers: int = 0


def summarize(folder: Path, seconds: float, choice: Choice | None = None, workers: int = 1) -> RunSummary:
    """The summary of the run in ``folder``, from its manifest; with ``choice``, of a run just made with ``workers``.

    Raises:
        OutputError: the folder holds no complete run.
    """
    from bustle.outputs.manifest import read_manifest

    manifest = read_manifest(folder)
    start = datetime.fromisoformat(manifest["start"])
    end = datetime.fromisoformat(manifest["end"] if manifest["complete"] else manifest["ended_at"])
    return RunSummary(
        scenario=manifest["scenario"]["name"],
        seed=manifest["seed"],
        events=sum(event["rows"] for event in manifest["events"].values()),
        simulated=(end - start) // timedelta(microseconds=1),
        complete=manifest["complete"],
        seconds=seconds,
        bytes=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        tables=tuple(_table_summary(folder, name, entry) for name, entry in manifest["tables"].items()),
        engine="" if choice is None else choice.name,
        why_engine="" if choice is None else choice.why,
        workers=0 if choice is None else choice.threads(workers),
    )


def _table_summary(folder: Path, name: str, entry: dict[str, Any]) -> TableSummary:
    size = sum((folder / path).stat().st_size for path in entry["files"])
    rows = entry["rows"]
    shares = {label: count / rows for label, count in entry["true"].items()} if rows else {}
    return TableSummary(name, rows, size, shares)


class Run:
    """A finished run.

    A run without ``out`` lives in a temporary folder that goes when the `Run` is closed, leaves its ``with``
    block, or is garbage-collected. Frames read from it before that stay usable; lazy ones do not.
    """

    def __init__(self, folder: Path, summary: RunSummary, temporary: Path | None = None) -> None:
        self.folder = folder
        self.summary = summary
        self._remove = weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True) if temporary else None

    def __repr__(self) -> str:
        rows = ", ".join(f"{table.name}: {table.rows:,} rows" for table in self.summary.tables)
        return f"<Run of {self.summary.scenario}, seed {self.summary.seed}: {rows or 'no tables'}>"

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the recorded tables, in the scenario's order."""
        return tuple(table.name for table in self.summary.tables)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest: scenario hash, seed, versions, row counts, and a checksum for every file."""
        loaded: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return loaded

    def table(self, name: str) -> pl.DataFrame:
        """The table ``name``, whole, as a Polars frame (``.to_pandas()`` gives a pandas one).

        Raises:
            KeyError: there is no such table; the message names those that exist.
            ValueError: the run wrote the table in none of the formats with types (Parquet, Arrow IPC).
        """
        return self.scan(name).collect()

    def scan(self, name: str) -> pl.LazyFrame:
        """The table ``name`` as a lazy Polars frame, for tables larger than memory. Raises as `table` does."""
        import polars as pl

        if name not in self.tables:
            raise KeyError(f"no table {name!r}; there are: {', '.join(self.tables)}")
        parquet, arrow = (self.folder / "tables" / f"{name}.{extension}" for extension in ("parquet", "arrow"))
        if parquet.exists():
            return pl.scan_parquet(parquet)
        if arrow.exists():
            return pl.scan_ipc(arrow)
        raise ValueError(f"table {name!r} was not written as Parquet or Arrow IPC; add 'parquet' to formats")

    def columns(self, name: str, *roles: str) -> list[str]:
        """The columns of the table ``name`` that have one of ``roles``, or all of them, in their order.

        Roles are ``input``, ``feature``, ``label``, ``known`` and ``key``.

        Raises:
            KeyError: there is no such table; the message names those that exist.
        """
        if name not in self.tables:
            raise KeyError(f"no table {name!r}; there are: {', '.join(self.tables)}")
        columns = self.manifest["tables"][name]["columns"]
        return [column["name"] for column in columns if not roles or column["role"] in roles]

    @cached_property
    def log(self) -> LogReader:
        """The event log: everything that happened, the agents at the end, and the networks."""
        from bustle.outputs.log import LogReader

        return LogReader(self.folder)

    def events(self, name: str) -> pl.LazyFrame:
        """The log of event ``name`` as a lazy Polars frame, in the order in which it happened.

        Raises:
            OutputError: there is no such event; the message names those that exist.
        """
        return self.log.scan(name)

    def agents(self, population: str) -> pl.LazyFrame:
        """The agents of ``population`` as they were at the end, as a lazy Polars frame.

        Raises:
            OutputError: there is no such population; the message names those that exist.
        """
        return self.log.agents(population)

    def close(self) -> None:
        """Remove the folder if it is a temporary one."""
        if self._remove is not None:
            self._remove()

    def __enter__(self) -> Self:
        """The run itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the run."""
        self.close()
