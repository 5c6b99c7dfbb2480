"""Rows of events on their way from the buffers of the contexts to the sink."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.agents.population import held_dtype
from bustle.outputs.event_sink import Coded
from bustle.scenarios.model import Event
from bustle.scenarios.types import Text, Type
from bustle.sim.compiled import ordering
from bustle.sim.compiled.emission import KEYS
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.memory import Array
from bustle.sim.compiled.program import WORLD
from bustle.sim.events import EventRecord

if TYPE_CHECKING:
    from bustle.outputs.event_sink import EventSink

BATCH = 65_536
"""Rows that wait before they are handed on, unless the run ends."""

_ROWS_A_BUCKET = 4


class Rows:
    """All rows that have been emitted and not handed on.

    Attributes:
        counts: rows handed on so far, by event.
    """

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._model = linker.program.model
        self._numbers = np.array(
            [linker.populations[b.who or WORLD].number for b in self._model.behaviors.values()], np.int64
        )
        self.counts = dict.fromkeys(self._model.events, 0)
        self._places: dict[str, Array] = {}

    @property
    def handed_on(self) -> int:
        """Rows of all events together."""
        return sum(self.counts.values())

    def waiting(self) -> int:
        """Rows in the buffers."""
        return sum(int(region.array[0]) for counts in self._linker.counts for region in counts.values())

    def sort(self, start: int, end: int) -> None:
        """Bring the rows of a window of islands, from ``start`` to before ``end``, into the documented order."""
        for event in self._model.events.values():
            places = self._listed(event)
            if len(places):
                buckets = np.zeros(len(places) // _ROWS_A_BUCKET + 2, np.int64)
                ordering.sort_rows(places, self._numbers, start, max(end, start + 1), np.empty_like(places), buckets)
            self._places[event.name] = places

    def _listed(self, event: Event) -> Array:
        buffers = np.array([rows[event.name].address for rows in self._linker.rows], np.int64)
        counts = np.array([counts[event.name].array[0] for counts in self._linker.counts], np.int64)
        places = np.empty(int(counts.sum()), np.int64)
        ordering.list_rows(buffers, counts, len(KEYS) + len(event.fields), places)
        return places

    def _take(self, event: Event) -> Array:
        """The places of an event's rows, in order; they are forgotten."""
        places = self._places.pop(event.name) if event.name in self._places else self._listed(event)
        for counts in self._linker.counts:
            counts[event.name].array[0] = 0
        self.counts[event.name] += len(places)
        return places

    def hand_on(self, sink: EventSink) -> None:
        """Hand everything that waits to the sink."""
        for event in self._model.events.values():
            places = self._take(event)
            if len(places):
                sink.write(event.name, self._columns(event, places))

    def _columns(self, event: Event, places: Array) -> dict[str, Any]:
        """Rows as columns in held form."""
        columns: dict[str, Any] = {}
        for word, name in enumerate(KEYS):
            column = np.empty(len(places), np.int32 if name == "behavior" else np.int64)
            (ordering.fill_i32 if name == "behavior" else ordering.fill_i64)(places, word, column)
            columns[name] = column
        for word, field in enumerate(event.fields, len(KEYS)):
            columns[field.name] = self._column(field.type, places, word)
        return columns

    def _column(self, type_: Type, places: Array, word: int) -> Any:
        dtype = np.dtype(np.int32) if isinstance(type_, Text) else held_dtype(type_)
        column = np.empty(len(places), dtype)
        fill = {"f": ordering.fill_f64, "b": ordering.fill_bool, "i": ordering.fill_i64}[dtype.kind]
        (ordering.fill_i32 if dtype == np.int32 else fill)(places, word, column)
        return Coded(column, self._linker.texts.values) if isinstance(type_, Text) else column

    def records(self) -> Iterator[EventRecord]:
        """Everything that waits as single events, in the documented order of all events together."""
        order = [behavior.order for behavior in self._model.behaviors.values()]
        names = list(self._model.behaviors)
        found: list[tuple[tuple[int, ...], EventRecord]] = []
        for event in self._model.events.values():
            columns = self._columns(event, self._take(event))
            fields = [field.name for field in event.fields]
            lists = [np.asarray(column).tolist() for column in columns.values()]
            for time, code, agent, occurrence, index, *values in zip(*lists, strict=True):
                key = (time, int(self._numbers[code]), agent, order[code], occurrence, index)
                row = dict(zip(fields, values, strict=True))
                found.append((key, EventRecord(event.name, time, names[code], agent, occurrence, index, row)))
        found.sort(key=lambda entry: entry[0])
        yield from (record for _, record in found)
