"""Events: from rules to listeners, and in batches to the sink."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from bustle.agents.population import held_dtype
from bustle.outputs.event_sink import EventSink
from bustle.outputs.missing import NO_VALUE, is_whole
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Emit, Expr, Local, Self
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, State, Text, Type
from bustle.sim.reference.expressions import AttributeOfNone
from bustle.sim.reference.frame import Action, Closure, Frame
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scope import Scope, constant
from bustle.sim.reference.society import AnyAgent

BATCH = 65_536
"""Rows handed to the sink at once."""

KEYS = ("time", "behavior", "agent", "occurrence", "index")
"""The columns every event begins with."""

_KEY_TYPES = (np.int64, np.int32, np.int64, np.int64, np.int64)

Row = tuple[Any, ...]
"""One event as the log holds it: the keys, then the fields; agents as indices."""

Listener = Callable[[Row], None]
"""Called with the event's time, behavior code, acting agent's index and fields; agents as objects."""


class Outlet:
    """Everything of one event: its rows that have not been handed on, and who listens.

    Attributes:
        name: the event's name.
        fields: names of its fields.
        rows: rows that wait to be handed to the sink.
        listeners: called at every emission.
        count: rows handed on so far.
    """

    def __init__(self, name: str, runtime: Runtime) -> None:
        self.name = name
        self.runtime = runtime
        declared = runtime.model.events[name].fields
        self.fields = tuple(field.name for field in declared)
        self.types = tuple(field.type for field in declared)
        self.rows: list[Row] = []
        self.listeners: list[Listener] = []
        self.count = 0
        self._captures = tuple(field.captured for field in declared if field.captured is not None)
        self._captured: tuple[tuple[Closure, Any], ...] | None = None
        self._frame = Frame()
        self._agents = tuple(place for place, type_ in enumerate(self.types) if isinstance(type_, Agent))
        self._episodes = tuple(place for place, type_ in enumerate(self.types) if isinstance(type_, Episode))
        self._sorts = bool(runtime.python_populations)
        self._order = _order_of_codes(runtime)

    # --- emitting -----------------------------------------------------------------

    def compile(self, statement: Emit, scope: Scope, code: int) -> Action:
        """The action of an ``emit``."""
        if self._captures or self.listeners:
            return self._heard(statement, scope, code)
        rows = self.rows
        scheduler = self.runtime.scheduler
        values = [held_closure(value, scope) for value in statement.values]

        def emit(f: Frame) -> None:
            index = f.emitted
            f.emitted = index + 1
            rows.append((scheduler._now, code, f.me.id, f.occurrence, index, *[value(f) for value in values]))

        return emit

    def _heard(self, statement: Emit, scope: Scope, code: int) -> Action:
        values, emit = [scope.compile(value) for value in statement.values], self.emit

        def emit_heard(f: Frame) -> None:
            index = f.emitted
            f.emitted = index + 1
            emit(code, f.me, f.occurrence, index, [value(f) for value in values])

        return emit_heard

    def emit(self, code: int, agent: AnyAgent, occurrence: int, index: int, values: list[Any]) -> None:
        """Take one event.

        Args:
            code: of the behavior in the log.
            agent: who acts.
            occurrence: number of the firing.
            index: number of the emission within the firing.
            values: the declared fields in held form, agents as objects; captured fields are added here.
        """
        now, acting = self.runtime.scheduler._now, agent.id
        row = (now, code, acting, *values)
        if self._captures:
            captured = self._capture(row)
            values, row = [*values, *captured], (*row, *captured)
        for listener in self.listeners:
            listener(row)
        for place in self._agents:
            value = values[place]
            values[place] = -1 if value is None else value.id
        for place in self._episodes:
            if values[place] is None:
                values[place] = -1
        self.rows.append((now, code, acting, occurrence, index, *values))

    def _capture(self, row: Row) -> list[Any]:
        if self._captured is None:
            scope = Scope(self.runtime)
            self._captured = tuple((scope.compile(expr), missing(expr.type)) for expr in self._captures)
        f = self._frame
        f.row = row
        values = []
        for closure, nothing in self._captured:
            try:
                values.append(closure(f))
            except AttributeOfNone:
                values.append(nothing)
        return values

    # --- handing on ---------------------------------------------------------------

    def flush(self, sink: EventSink, everything: bool) -> None:
        """Hand full batches to the sink; at the end everything."""
        rows = self.rows
        if not everything and len(rows) < BATCH:
            return
        ready = self._in_order(everything)
        whole = len(ready) if everything else len(ready) // BATCH * BATCH
        for first in range(0, whole, BATCH):
            batch = ready[first : min(first + BATCH, whole)]
            self.count += len(batch)
            sink.write(self.name, self.columns(batch))
        rows[:] = ready[whole:] + rows[len(ready) :]

    def drain(self) -> list[Row]:
        """All rows that may be handed on now, which are then forgotten."""
        ready = self._in_order(False)
        del self.rows[: len(ready)]
        self.count += len(ready)
        return ready

    def _in_order(self, everything: bool) -> list[Row]:
        """Rows in the documented order. Only agents written in Python can emit out of order, within one instant."""
        rows = self.rows
        if not self._sorts:
            return rows[:]
        ready = len(rows)
        if not everything:
            now = self.runtime.scheduler._now
            while ready and rows[ready - 1][0] >= now:
                ready -= 1
        return sorted(rows[:ready], key=self.sort_key)

    def sort_key(self, row: Row) -> tuple[int, ...]:
        """What rows of an instant are sorted by."""
        population, order = self._order[row[1]]
        return (row[0], population, row[2], order, row[3], row[4])

    def columns(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Rows as columns in held form."""
        names = (*KEYS, *self.fields)
        dtypes: tuple[Any, ...] = (*_KEY_TYPES, *(held_dtype(type_) for type_ in self.types))
        if not rows:
            return {name: np.empty(0, dtype) for name, dtype in zip(names, dtypes, strict=True)}
        columns = zip(*rows, strict=True)
        try:
            return {name: np.array(c, dtype) for name, c, dtype in zip(names, columns, dtypes, strict=True)}
        except (OverflowError, TypeError, ValueError) as error:
            raise RunError(f"event `{self.name}` holds a value that its type does not allow: {error}") from None


def _order_of_codes(runtime: Runtime) -> tuple[tuple[int, int], ...]:
    populations = list(runtime.model.populations)
    behaviors = [
        (-1 if behavior.who is None else populations.index(behavior.who), behavior.order)
        for behavior in runtime.model.behaviors.values()
    ]
    return (*behaviors, *((populations.index(name), len(behaviors)) for name in runtime.python_populations))


def held_closure(expr: Expr, scope: Scope) -> Closure:
    """The closure of a field's value as the log holds it: agents as indices, ``none`` as -1."""
    fixed = scope.fixed(expr)
    if fixed is not None:
        return constant(-1 if fixed[0] is None else fixed[0])
    closure = scope.compile(expr)
    match expr.type:
        case Agent():
            if isinstance(expr, Self):
                return attrgetter("me.id")
            if isinstance(expr, Local):
                slot = expr.slot

                def index_of_local(f: Frame) -> int:
                    agent = f.locals[slot]
                    return -1 if agent is None else agent.id

                return index_of_local

            def index(f: Frame) -> int:
                agent = closure(f)
                return -1 if agent is None else agent.id

            return index
        case Quantity() | Bool() | Instant() | Category() | State() | Text():
            return closure

    def number(f: Frame) -> Any:
        value = closure(f)
        return -1 if value is None else value

    return number


def missing(type_: Type) -> Any:
    """What stands where a value of ``type_`` could not be looked up."""
    match type_:
        case Quantity() if not type_.held_whole:
            return math.nan
        case Bool():
            return False
        case Text():
            return None
        case Agent() | Episode():
            return None
    return NO_VALUE if is_whole(type_) else -1
