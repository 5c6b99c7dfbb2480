"""The event log: everything that happened in a run, in typed columnar files.

A run's folder holds ``log/events/EVENT.parquet``, ``log/agents/POPULATION.parquet``,
``log/networks/NETWORK.parquet``, ``log/samples/TABLE.parquet`` and ``log/snapshots/TABLE.POPULATION.parquet``;
`bustle.outputs.schema` gives their columns.
Memory does not grow with the number of events: a file holds back at most one row group of rows, and a few more wait
together for the thread that writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.outputs.background import Background
from bustle.outputs.epoch import epoch_of
from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.event_sink import EventSink, Values
from bustle.outputs.log_file import LogFile, Reader
from bustle.outputs.parquet_options import ROW_GROUP
from bustle.outputs.schema import (
    LogColumn,
    agent_columns,
    arrow_schema,
    event_columns,
    network_columns,
    sample_columns,
    snapshot_columns,
)
from bustle.scenarios.model import AgentTable, Model, SampleTable

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["BATCH", "EventSink", "LogReader", "LogWriter"]

BATCH = 65_536
"""Rows that are read at once. Sums of floats are made batch by batch, so it decides about their last digit."""


class LogWriter:
    """Writes what a run hands it (see `bustle.outputs.event_sink.EventSink`) into ``folder/log``.

    Every event and every table that needs samples or snapshots gets its file at once, so that all exist at the end.
    Files are called ``NAME.partial`` until `close`. As a context manager it closes on success and aborts on an error.

    Rows are encoded and written on a thread of the log's own. What goes wrong there - a full disk, rows that are not in
    order of time - is raised by one of the next calls, at the latest by `close`.

    Args:
        folder: the run's folder, which exists.
        model: the scenario.
        row_group: rows of a row group, and the rows held in memory per file.
        readers: for events, what is called with each row group after it was written, on the log's thread.
        owned: True if arrays handed to `write` are the log's from then on: nobody changes them, so they are not copied.
            Batches of whole row groups are then written without any copy.

    Raises:
        OutputError: a file cannot be written, or rows do not fit the scenario's columns.
    """

    def __init__(
        self,
        folder: Path | str,
        model: Model,
        *,
        row_group: int = ROW_GROUP,
        owned: bool = False,
        readers: Mapping[str, Reader] | None = None,
    ) -> None:
        self._log = Path(folder) / "log"
        self._model = model
        self._epoch = epoch_of(model.clock)
        self._row_group = row_group
        self._owned = owned
        self._readers = readers or {}
        self._background = Background("bustle log")
        self._complete = False
        self._files: dict[tuple[str, str], LogFile] = {}
        self._snapshots: dict[str, dict[str, tuple[LogColumn, ...]]] = {}
        for event in model.events:
            self._open("events", event, event_columns(model, event))
        for table in model.tables.values():
            if isinstance(table, SampleTable):
                self._open("samples", table.name, sample_columns(table))
            elif isinstance(table, AgentTable) and table.at:
                self._snapshots[table.name] = snapshot_columns(model, table.name)
                for population, columns in self._snapshots[table.name].items():
                    self._open("snapshots", f"{table.name}.{population}", columns)

    def write(self, event: str, columns: Mapping[str, Values]) -> None:
        """Add rows of ``event``, in the run's total order."""
        self._file("events", event).write(columns)

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        """Add one row of sample table ``table``."""
        file = self._file("samples", table)
        target = self._model.tables[table]
        if len(values) != len(target.columns):
            raise OutputError(f"table {table}: {len(values)} values for {len(target.columns)} columns")
        row: dict[str, Values] = {c.name: [value] for c, value in zip(target.columns, values, strict=True)}
        file.write({**row, "time": [time]})

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Values]) -> None:
        """Add the agents of ``population`` as they are at ``time``, for agent table ``table``."""
        file = self._file("snapshots", f"{table}.{population}")
        wanted = self._snapshots[table][population]
        complete = with_ids(columns, wanted)
        rows = len(complete[wanted[-1].name]) if len(wanted) > 1 else 0
        file.write({**complete, "time": np.full(rows, time, np.int64)})

    def write_agents(self, population: str, columns: Mapping[str, Values]) -> None:
        """Write the agents of ``population`` as they are at the end."""
        wanted = agent_columns(self._model.populations[population])
        self._open("agents", population, wanted).write(with_ids(columns, wanted))

    def write_network(self, name: str, offsets: Values, targets: Values) -> None:
        """Write the edges of a network, about a row group at a time."""
        starts, ends = np.asarray(offsets, np.int64), np.asarray(targets)
        file = self._open("networks", name, network_columns(self._model, name))
        first, agents = 0, len(starts) - 1
        while first < agents:
            last = max(first + 1, int(np.searchsorted(starts, starts[first] + self._row_group, side="right")) - 1)
            sources = np.repeat(np.arange(first, last), np.diff(starts[first : last + 1]))
            file.write({"source": sources, "target": ends[starts[first] : starts[last]]})
            first = last

    def rows(self, event: str) -> int:
        """Rows of ``event`` so far."""
        return self._file("events", event).rows

    @property
    def checksums(self) -> dict[str, str]:
        """The SHA-256 of every file of a log that is closed, by its path below the run's folder."""
        return {f"log/{kind}/{name}.parquet": file.sha256 for (kind, name), file in self._files.items()}

    def close(self) -> None:
        """Write what waits, end every file, and give all of them their final names.

        Raises:
            OutputError: a file could not be written; the unfinished files are gone.
        """
        try:
            for file in self._files.values():
                file.finish()
            self._background.finish()
            for file in self._files.values():
                file.appear()
        except BaseException:
            self.abort()
            raise
        self._complete = True

    def abort(self) -> None:
        """Drop the unfinished files; the folder then holds nothing that looks complete."""
        if not self._complete:
            self._background.stop()
            for file in self._files.values():
                file.abort()

    def __enter__(self) -> LogWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _open(self, kind: str, name: str, columns: Sequence[LogColumn]) -> LogFile:
        schema = arrow_schema(self._model, columns, kind, name)
        file = LogFile(
            self._log / kind / f"{name}.parquet",
            columns,
            schema,
            self._epoch,
            self._background,
            row_group=self._row_group,
            owned=self._owned and kind in ("events", "networks"),
            reader=self._readers.get(name) if kind == "events" else None,
        )
        self._files[kind, name] = file
        return file

    def _file(self, kind: str, name: str) -> LogFile:
        try:
            return self._files[kind, name]
        except KeyError:
            raise OutputError(f"the scenario has no {name} among its {kind}") from None


class LogReader:
    """Reads the log of the run in ``folder``, lazily: nothing is loaded until asked for.

    Raises:
        OutputError: there is no log, or a file of it cannot be read.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._log = self.folder / "log"
        if not self._log.is_dir():
            raise OutputError(f"{self.folder} holds no log")

    def names(self, kind: str) -> tuple[str, ...]:
        """What there is of ``kind``: ``events``, ``agents``, ``networks``, ``samples`` or ``snapshots``."""
        return tuple(sorted(path.name.removesuffix(".parquet") for path in (self._log / kind).glob("*.parquet")))

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events."""
        return self.names("events")

    def rows(self, event: str) -> int:
        """How many times ``event`` happened."""
        return int(self.file("events", event).metadata.num_rows)

    def scan(self, event: str) -> pl.LazyFrame:
        """The rows of ``event`` as a lazy Polars frame, in the run's total order."""
        return self.scan_of("events", event)

    def agents(self, population: str) -> pl.LazyFrame:
        """The agents of ``population`` at the end of the run."""
        return self.scan_of("agents", population)

    def network(self, name: str) -> pl.LazyFrame:
        """The edges of a network: ``source`` and ``target``, sorted by source."""
        return self.scan_of("networks", name)

    def samples(self, table: str) -> pl.LazyFrame:
        """The rows of a sample table, in held forms."""
        return self.scan_of("samples", table)

    def snapshots(self, table: str, population: str) -> pl.LazyFrame:
        """The snapshots of ``population`` taken for agent table ``table``."""
        return self.scan_of("snapshots", f"{table}.{population}")

    def scan_of(self, kind: str, name: str) -> pl.LazyFrame:
        """Any file of the log as a lazy Polars frame."""
        import polars as pl

        return pl.scan_parquet(self._path(kind, name))

    def batches(
        self, event: str, columns: Sequence[str] | None = None, *, rows: int = BATCH
    ) -> Iterator[pa.RecordBatch]:
        """The rows of ``event`` as Arrow batches of at most ``rows`` rows, in order."""
        return self.batches_of("events", event, columns, rows=rows)

    def batches_of(
        self, kind: str, name: str, columns: Sequence[str] | None = None, *, rows: int = BATCH
    ) -> Iterator[pa.RecordBatch]:
        """Any file of the log as Arrow batches."""
        with self.file(kind, name) as file:
            yield from file.iter_batches(batch_size=rows, columns=None if columns is None else list(columns))

    def file(self, kind: str, name: str) -> pq.ParquetFile:
        """The Parquet file itself: its schema with every column's metadata, and its row count."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self._path(kind, name)
        with one_clear_line("read", path):
            try:
                # Read ahead, whole files would stay in memory until the last row was read.
                return pq.ParquetFile(path, pre_buffer=False)
            except pa.ArrowInvalid as error:
                raise OutputError(f"cannot read {path}: it is damaged or not complete") from error

    def _path(self, kind: str, name: str) -> Path:
        path = self._log / kind / f"{name}.parquet"
        if not path.is_file():
            known = ", ".join(self.names(kind)) or "none"
            raise OutputError(f"{self.folder} has no {name} among its {kind} (there are: {known})")
        return path


def with_ids(columns: Mapping[str, Values], wanted: Sequence[LogColumn]) -> dict[str, Values]:
    """Add what an engine may leave out: ``id``, and ``identity`` where it is the id."""
    complete = dict(columns)
    rows = max((len(values) for values in columns.values()), default=0)
    for name in ("id", "identity"):
        if any(column.name == name for column in wanted):
            complete.setdefault(name, np.arange(rows, dtype=np.int64))
    return complete
