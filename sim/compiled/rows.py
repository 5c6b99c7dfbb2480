"""Rows of events on their way from the buffers of the contexts to the sink."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.agents.population import held_dtype
from bustle.outputs.event_sink import Coded
from bustle.scenarios.model import Event
from bustle.scenarios.types import WHOLE, Category, Text, Type
from bustle.sim.compiled import ordering
from bustle.sim.compiled.arrays import ArrayPool
from bustle.sim.compiled.emission import KEYS
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.memory import Array
from bustle.sim.compiled.program import WORLD
from bustle.sim.compiled.team import ALONE, Team
from bustle.sim.events import EventRecord

if TYPE_CHECKING:
    from bustle.outputs.event_sink import EventSink

_ROWS_A_BUCKET = 4

_FEW = 20_000
"""Rows up to which threads are not worth while."""

CODE = Category(())
"""The type of the behavior's code."""


class Rows:
    """All rows that have been emitted and not handed on.

    Attributes:
        counts: rows handed on so far, by event.
        window: if what waits are the rows of a window of islands, which lie in any order: its first instant, and the
            one after its last. None if they lie in order.
    """

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._model = linker.program.model
        self._numbers = np.array(
            [linker.populations[b.who or WORLD].number for b in self._model.behaviors.values()], np.int64
        )
        self.counts = dict.fromkeys(self._model.events, 0)
        self.window: tuple[int, int] | None = None
        self._arrays = ArrayPool()

    @property
    def handed_on(self) -> int:
        """Rows of all events together."""
        return sum(self.counts.values())

    def waiting(self) -> int:
        """Rows in the buffers."""
        return sum(int(region.array[0]) for counts in self._linker.counts for region in counts.values())

    def hand_on(self, sink: EventSink, team: Team) -> None:
        """Hand everything that waits to the sink, in the documented order; ``team`` shares the work out."""
        for event in self._model.events.values():
            columns = self._take(event, team)
            if columns is not None:
                sink.write(event.name, columns)

    def _take(self, event: Event, team: Team = ALONE) -> dict[str, Any] | None:
        """What waits of an event as columns in held form; it is forgotten. None where nothing waits."""
        counts = [counts[event.name].array for counts in self._linker.counts]
        buffers = [
            (rows[event.name].address, int(count[0]))
            for rows, count in zip(self._linker.rows, counts, strict=True)
            if count[0]
        ]
        rows = sum(count for _, count in buffers)
        if not rows:
            return None
        columns = self._columns(event, buffers, rows, ALONE if rows < _FEW else team)
        for count in counts:
            count[0] = 0
        self.counts[event.name] += rows
        return columns

    def _columns(self, event: Event, buffers: Sequence[tuple[int, int]], rows: int, team: Team) -> dict[str, Any]:
        """The rows of an event as columns, in order; ``team`` shares the work out."""
        keys: list[tuple[str, Type]] = [(name, CODE if name == "behavior" else WHOLE) for name in KEYS]
        wanted = [*keys, *((field.name, field.type) for field in event.fields)]
        columns = [self._arrays.take(_dtype(type_), rows) for _, type_ in wanted]
        addresses = np.array([_address(column) for column in columns], np.int64)
        sizes = np.array([column.itemsize for column in columns], np.int64)
        listed = self._arrays.take(np.int64, 2 * rows)

        def fill(first: int, last: int) -> None:
            ordering.fill_columns(_address(listed), first, last, _address(addresses), _address(sizes), len(wanted))

        if self.window is None:
            first = 0
            for buffer, count in buffers:
                ordering.list_rows(buffer, count, len(wanted), first, _address(listed))
                first += count
            team.each(fill, _shares(rows, len(self._linker.contexts)))
        else:
            self._sorted(buffers, rows, len(wanted), listed, fill, team)
        return {
            name: Coded(column, self._linker.texts.values) if isinstance(type_, Text) else column
            for (name, type_), column in zip(wanted, columns, strict=True)
        }

    def _sorted(
        self,
        buffers: Sequence[tuple[int, int]],
        rows: int,
        width: int,
        listed: Array,
        fill: Callable[[int, int], None],
        team: Team,
    ) -> None:
        """List the rows of a window in order, and ``fill`` the columns with each stretch that is ready."""
        assert self.window is not None
        start, end = self.window
        buckets = rows // _ROWS_A_BUCKET + 1
        scale = buckets / (end - start)
        places = self._arrays.take(np.int32, len(buffers) * buckets)
        begins, room = self._arrays.take(np.int64, buckets + 1), self._arrays.take(np.int64, 2 * rows)
        of_buffer = [_address(places) + places.itemsize * buckets * number for number in range(len(buffers))]

        def count(number: int) -> None:
            ordering.count_rows(*buffers[number], width, start, scale, buckets, of_buffer[number])

        def deal(number: int) -> None:
            ordering.deal_rows(*buffers[number], width, start, scale, buckets, of_buffer[number], _address(listed))

        def finish(first: int, last: int) -> None:
            numbers = _address(self._numbers)
            ordering.sort_buckets(_address(listed), _address(begins), first, last, numbers, _address(room))
            fill(int(begins[first]), int(begins[last]))

        team.each(count, [(number,) for number in range(len(buffers))])
        ordering.begin_buckets(_address(places), len(buffers), buckets, _address(begins))
        team.each(deal, [(number,) for number in range(len(buffers))])
        cuts = [int(np.searchsorted(begins, first)) for first, _ in _shares(rows, len(self._linker.contexts))]
        team.each(finish, list(pairwise([*cuts, buckets])))

    def records(self) -> Iterator[EventRecord]:
        """Everything that waits as single events, in the documented order of all events together."""
        order = [behavior.order for behavior in self._model.behaviors.values()]
        names = list(self._model.behaviors)
        found: list[tuple[tuple[int, ...], EventRecord]] = []
        for event in self._model.events.values():
            columns = self._take(event)
            if columns is None:
                continue
            fields = [field.name for field in event.fields]
            lists = [np.asarray(column).tolist() for column in columns.values()]
            for time, code, agent, occurrence, index, *values in zip(*lists, strict=True):
                key = (time, int(self._numbers[code]), agent, order[code], occurrence, index)
                row = dict(zip(fields, values, strict=True))
                found.append((key, EventRecord(event.name, time, names[code], agent, occurrence, index, row)))
        found.sort(key=lambda entry: entry[0])
        yield from (record for _, record in found)


def _dtype(type_: Type) -> np.dtype[Any]:
    return np.dtype(np.int32) if isinstance(type_, Text) else held_dtype(type_)


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _shares(rows: int, parts: int) -> list[tuple[int, int]]:
    """Stretches of about the same length."""
    return list(pairwise(rows * part // parts for part in range(parts + 1)))
