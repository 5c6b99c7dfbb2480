"""All tables of a run: those that can be made alongside its log, and those that are made from it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from bustle.outputs.agent_lookup import AgentLookup, HeldColumns
from bustle.outputs.background import Background
from bustle.outputs.cells import Rows
from bustle.outputs.log import LogReader
from bustle.outputs.recorders.agents import agents_of
from bustle.outputs.recorders.alongside import TableAlongside, is_known_at_once
from bustle.outputs.recorders.each import each_event
from bustle.outputs.recorders.edges import edges
from bustle.outputs.recorders.open_table import OpenTable, RecordedTable
from bustle.outputs.recorders.recording import Recording
from bustle.outputs.recorders.samples import samples
from bustle.outputs.recorders.windows import windows_of_events
from bustle.outputs.row_draws import DrawFunction
from bustle.outputs.sinks import open_sink
from bustle.scenarios.model import AgentTable, EachTable, EdgeTable, Model, SampleTable, Table


class Tables:
    """Writes every table of ``model`` into ``folder/tables``.

    As a context manager it drops whatever is not complete when it is left.

    Args:
        folder: the run's folder, which exists.
        model: the scenario.
        draw: makes the draws of columns; see `bustle.outputs.row_draws.DrawFunction`.
        formats: names in `bustle.outputs.sinks.FORMATS`.
    """

    def __init__(
        self, folder: Path | str, model: Model, draw: DrawFunction, formats: Sequence[str] = ("parquet",)
    ) -> None:
        self._folder = Path(folder)
        self._model = model
        self._draw = draw
        self._formats = tuple(dict.fromkeys(formats))
        self._shared = ExitStack()
        self._alongside: dict[str, TableAlongside] = {}
        self._background = Background("bustle tables")

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._sinks = [stack.enter_context(open_sink(name, self._folder / "tables")) for name in self._formats]
            self._shared = stack.pop_all()
        return self

    def alongside(self, agents: Mapping[str, HeldColumns]) -> dict[str, Callable[[pa.RecordBatch], None]]:
        """Begin the tables that can be made while the log is written.

        Args:
            agents: held columns (links and attributes) at the start of the populations that nobody joins, by name.

        Returns:
            For events, what is to be called with each row group of the log (see `bustle.outputs.log.LogWriter`). Rows
            are made and written on a thread of the tables' own; what goes wrong there is raised by one of the next
            calls, at the latest by `record`.

        Raises:
            OutputError: a file cannot be written, or a table cannot be made.
        """
        for table in self._model.tables.values():
            if isinstance(table, EachTable) and is_known_at_once(table, self._model, agents):
                into = OpenTable(table, self._model, self._sinks)
                self._shared.callback(into.drop)
                self._alongside[table.name] = TableAlongside(table, into, self._model, agents, self._draw)
        events = dict.fromkeys(table.event for table in self._alongside.values())
        return {event: partial(self._take, event) for event in events}

    def _take(self, event: str, group: pa.RecordBatch) -> None:
        for table in self._alongside.values():
            if table.event == event:
                self._background.hand_over(partial(table.take, group))

    def record(self) -> tuple[RecordedTable, ...]:
        """Complete the tables that were made alongside the log, and make the others; the log must be complete.

        Returns:
            The tables in the scenario's order.

        Raises:
            OutputError: the log lacks something, or a file cannot be written.
            RunError: a draw in a column has an argument that its distribution does not allow.
        """
        self._background.finish()
        reader = LogReader(self._folder)
        recording = Recording(reader, self._model, AgentLookup(reader, self._model), self._draw)
        recorded = tuple(self._record(table, recording) for table in self._model.tables.values())
        self._shared.close()
        return recorded

    def _record(self, table: Table, recording: Recording) -> RecordedTable:
        if table.name in self._alongside:
            made = self._alongside[table.name].table
            for batch in made.rest():
                made.write(batch)
        else:
            made = OpenTable(table, self._model, self._sinks)
            self._shared.callback(made.drop)
            writing = Background("bustle table")
            with ExitStack() as stack:
                stack.callback(writing.stop)
                for rows in stack.enter_context(closing(table_rows(table, recording))):
                    for batch in made.batches(rows):
                        writing.hand_over(partial(made.write, batch))
                for batch in made.rest():
                    writing.hand_over(partial(made.write, batch))
                writing.finish()
        return made.complete(self._folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._background.stop()
        self._shared.__exit__(kind, error, trace)


def table_rows(table: Table, recording: Recording) -> Generator[Rows]:
    """The rows of ``table``, made from the log a bounded number at a time."""
    match table:
        case EachTable(window=None):
            yield from each_event(table, recording)
        case EachTable():
            yield from windows_of_events(table, recording)
        case AgentTable():
            yield from agents_of(table, recording)
        case SampleTable():
            yield from samples(table, recording)
        case EdgeTable():
            yield from edges(table, recording)
