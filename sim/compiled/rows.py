"""Rows of events on their way from the buffers of the contexts to the sink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.agents.population import held_dtype
from bustle.outputs.event_sink import Coded
from bustle.scenarios.model import Event
from bustle.scenarios.types import WHOLE, Category, Text, Type
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

_FEW = 20_000
"""Rows up to which threads are not worth while."""

CODE = Category(())
"""The type of the behavior's code."""


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

    def sort(self, start: int, end: int, threads: Executor) -> None:
        """Bring the rows of a window of islands, from ``start`` to before ``end``, into the documented order.

        Each context's rows are sorted on a thread of its own, then the lists are merged.
        """

        def sorted_rows(places: Array) -> Array:
            buckets = np.zeros(len(places) // _ROWS_A_BUCKET + 2, np.int64)
            ordering.sort_rows(places, self._numbers, start, max(end, start + 1), np.empty_like(places), buckets)
            return places

        for event in self._model.events.values():
            lists = [self._listed(event, [number]) for number in range(len(self._linker.rows))]
            lists = [places for places in lists if len(places)] or lists[:1]
            parts = list(threads.map(sorted_rows, lists)) if len(lists) > 1 else [sorted_rows(lists[0])]
            merged = parts[0]
            for part in parts[1:]:
                both = np.empty(len(merged) + len(part), np.int64)
                ordering.merge_rows(merged, part, self._numbers, both)
                merged = both
            self._places[event.name] = merged

    def _listed(self, event: Event, contexts: Sequence[int]) -> Array:
        """Where the rows of an event are, context by context."""
        buffers = np.array([self._linker.rows[k][event.name].address for k in contexts], np.int64)
        counts = np.array([self._linker.counts[k][event.name].array[0] for k in contexts], np.int64)
        places = np.empty(int(counts.sum()), np.int64)
        ordering.list_rows(buffers, counts, len(KEYS) + len(event.fields), places)
        return places

    def _take(self, event: Event) -> Array:
        """The places of an event's rows, in order; they are forgotten."""
        places = (
            self._places.pop(event.name)
            if event.name in self._places
            else self._listed(event, range(len(self._linker.rows)))
        )
        for counts in self._linker.counts:
            counts[event.name].array[0] = 0
        self.counts[event.name] += len(places)
        return places

    def hand_on(self, sink: EventSink, threads: Executor) -> None:
        """Hand everything that waits to the sink."""
        for event in self._model.events.values():
            places = self._take(event)
            if len(places):
                sink.write(event.name, self._columns(event, places, threads if len(places) > _FEW else None))

    def _columns(self, event: Event, places: Array, threads: Executor | None = None) -> dict[str, Any]:
        """Rows as columns in held form; ``threads`` share out the columns."""
        keys = [(name, CODE if name == "behavior" else WHOLE) for name in KEYS]
        wanted = [*keys, *((field.name, field.type) for field in event.fields)]

        def column(word: int) -> Any:
            return self._column(wanted[word][1], places, word)

        places_of = range(len(wanted))
        made = map(column, places_of) if threads is None else threads.map(column, places_of)
        return dict(zip((name for name, _ in wanted), made, strict=True))

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
