"""An event log for a model that bustle does not run: events in, a run's folder out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bustle.outputs.attach.convert import Convert, TimeReader, converter
from bustle.outputs.attach.declare import Declaration, span_of, start_of
from bustle.outputs.attach.finish import finish
from bustle.outputs.attach.roster import Ids, Roster
from bustle.outputs.epoch import epoch_of
from bustle.outputs.folder import prepare
from bustle.outputs.log import LogWriter
from bustle.outputs.schema import EVENT_KEYS
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.model import Event

_BATCH = 4096
"""Rows of an event that are held back before they go to the log in one piece."""

_SECOND = 1_000_000

_SOME_LENGTH = 1
"""Length of the run in microseconds until it is known; nothing in the log depends on it."""


class EventLog:
    """Takes events from any Python code and writes what a run of bustle writes: log, tables, card, manifest.

    Use it as a context manager: leaving it completes the folder; leaving it by an exception leaves nothing that looks
    complete. Tables: one for each event, with its time and fields, labels marked as labels.

        >>> import tempfile
        >>> from datetime import timedelta
        >>> with tempfile.TemporaryDirectory() as out:
        ...     with EventLog(f"{out}/sales", {"sale": {"shop": "id", "amount": "money"}}) as log:
        ...         log.emit("sale", time=timedelta(hours=9), shop=3, amount=12.5)
        ...     sorted(path.name for path in log.folder.iterdir())
        ['README.md', 'log', 'manifest.json', 'scenario.yaml', 'tables']

    Args:
        folder: the folder to write; made if it is not there.
        events: the fields of each event and their types: ``number``, ``whole``, ``money`` (an amount in the main
            unit), ``bool``, ``duration``, ``instant``, ``episode``, ``text``, ``category(a, b)``, ``id`` (the number
            of an agent or thing), or a population of the roster; ``label`` in front marks ground truth.
        start: local date and time of the model's time zero.
        timezone: IANA name of the zone of local time; none if not given.
        unit: what a number given as time counts: ``"minutes"``, ``"15 minutes"``, a timedelta. Without it only
            datetimes and timedeltas are times.
        clock: gives the current time, for events that are emitted without ``time``.
        end: gives the time that the log reaches when it is closed; the clock if not given, or else the next full
            second after the last event.
        name: name of the dataset: letters, digits, underscores.
        title: one line for the card.
        about: a paragraph for the card.
        seed: the seed your model ran with, for the card and the manifest; 0 if there is none to tell.
        formats: of the tables: ``parquet``, ``csv``, ``jsonl``, ``arrow``, ``duckdb``.
        force: replace a run that is already in ``folder``.
        roster: who the agents are; `record_mesa` gives one.

    Raises:
        ValueError: an event, a field or a type cannot be; the message says what can.
        FolderOccupied: ``folder`` holds something already and ``force`` is not set (a `FileExistsError`).
    """

    def __init__(
        self,
        folder: Path | str,
        events: Mapping[str, Mapping[str, str]],
        *,
        start: str | date = "2026-01-01",
        timezone: str | None = None,
        unit: str | timedelta | None = None,
        clock: Callable[[], Any] | None = None,
        end: Callable[[], Any] | None = None,
        name: str = "recorded",
        title: str = "",
        about: str = "",
        seed: int = 0,
        formats: Sequence[str] = ("parquet",),
        force: bool = False,
        roster: Roster | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._clock = clock
        self._reached = end or clock
        self._formats = tuple(formats)
        self._roster: Roster = roster or Ids()
        self._declared = Declaration(
            name, events, self._roster.populations, start_of(start), timezone, title=title, about=about, seed=seed
        )
        self._model = self._declared.scenario(_SOME_LENGTH, {}).model
        self._times = TimeReader(epoch_of(self._model.clock), None if unit is None else span_of(unit, "unit"))
        prepare(self.folder, force=force)
        self._writer = LogWriter(self.folder, self._model)
        self._pages = {event.name: _Page.of(event, self._times, self._roster) for event in self._model.events.values()}
        self._last = 0
        self._emitted = 0
        self._open = True

    def emit(self, event: str, /, *, time: Any = None, **fields: Any) -> None:
        """Add one event.

        Args:
            event: its name, as declared.
            time: when it happens: a datetime, a timedelta since the start, or a number of units. The clock's time
                if not given. Never before the event emitted last.
            fields: the value of every declared field; None is *none* for ids, episodes and categories.

        Raises:
            ValueError: the event or a field is not declared, a field is missing, a value is out of range, time runs
                backwards, or the log is closed. Nothing was added.
            TypeError: a value is of another type than its field. Nothing was added.
        """
        if not self._open:
            raise ValueError(f"{self.folder} is closed: no event can be added")
        page = self._pages.get(event)
        if page is None:
            raise ValueError(f"no event {event!r} is declared; {suggest(event, self._pages, 'events')}")
        values = page.held(fields)
        at = self._instant(event, time)
        page.add((at, -1, -1, self._emitted, 0, *values))
        self._last = at
        self._emitted += 1
        if page.rows >= _BATCH:
            page.flush(self._writer)

    def close(self) -> None:
        """Complete the folder: log, tables, card, and last the manifest.

        Raises:
            OutputError: a file cannot be written. The folder then holds nothing that looks complete.
            TypeError, ValueError: an attribute of an agent is not of its type.
        """
        if not self._open:
            return
        self._open = False
        try:
            self._finish()
        except BaseException:
            self._writer.abort()
            raise
        finally:
            self._roster.detach()

    def abort(self) -> None:
        """Stop, and leave nothing that looks complete."""
        if self._open:
            self._open = False
            self._writer.abort()
            self._roster.detach()

    def __enter__(self) -> Self:
        """The log itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete the folder, or abort on an exception."""
        if kind is None:
            self.close()
        else:
            self.abort()

    def _instant(self, event: str, time: Any) -> int:
        """Microseconds since the start, checked to run forwards."""
        if time is None and self._clock is None:
            raise ValueError(f"event {event}: say time=..., or give the log a clock")
        try:
            at = self._times.instant(self._clock() if time is None and self._clock else time)
        except (TypeError, ValueError, OverflowError) as error:
            raise type(error)(f"event {event}: time: {error}") from None
        if at < 0:
            raise ValueError(f"event {event}: its time is {-at / 1e6:g} s before the start")
        if at < self._last:
            raise ValueError(
                f"event {event}: time runs backwards, {(self._last - at) / 1e6:g} s before the event before"
            )
        return at

    def _finish(self) -> None:
        """Write everything that is not yet on disk, in the order in which a reader may trust it."""
        for page in self._pages.values():
            page.flush(self._writer)
        for population in self._roster.populations:
            agents = self._roster.columns(self._model.populations[population], self._times)
            self._writer.write_agents(population, agents)
        end = self._times.instant(self._reached()) if self._reached else self._last // _SECOND * _SECOND + _SECOND
        scenario = self._declared.scenario(max(end, self._last + 1), self._roster.sizes())
        self._writer.close()
        finish(self.folder, scenario, self._formats)


@dataclass(slots=True)
class _Page:
    """The rows of one event that wait to be written."""

    event: Event
    converts: dict[str, Convert]
    waiting: list[tuple[Any, ...]]

    @classmethod
    def of(cls, event: Event, times: TimeReader, roster: Roster) -> Self:
        """An empty page for ``event``."""
        return cls(event, {f.name: converter(f.type, times, roster.agent_id) for f in event.fields}, [])

    @property
    def rows(self) -> int:
        """How many rows wait."""
        return len(self.waiting)

    def held(self, fields: Mapping[str, Any]) -> list[Any]:
        """The held forms of ``fields``, in the order declared."""
        values = []
        for name, convert in self.converts.items():
            if name not in fields:
                raise ValueError(f"event {self.event.name}: field {name!r} is missing")
            try:
                values.append(convert(fields[name]))
            except (TypeError, ValueError, OverflowError) as error:
                raise type(error)(f"event {self.event.name}: field {name}: {error}") from None
        if len(fields) > len(values):
            unknown = next(name for name in fields if name not in self.converts)
            hint = suggest(unknown, self.converts, "fields") or "it has no fields"
            raise ValueError(f"event {self.event.name}: no field {unknown!r} is declared; {hint}")
        return values

    def add(self, row: tuple[Any, ...]) -> None:
        """Keep a row: the keys, then the fields."""
        self.waiting.append(row)

    def flush(self, writer: LogWriter) -> None:
        """Hand the waiting rows to ``writer``."""
        if self.waiting:
            columns = zip(*self.waiting, strict=True)
            names = (*EVENT_KEYS, *self.converts)
            writer.write(self.event.name, {name: list(values) for name, values in zip(names, columns, strict=True)})
            self.waiting.clear()
