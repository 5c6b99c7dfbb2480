"""The compiled engine: the same event log as the reference engine's, from machine code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.agents.build import surroundings
from bustle.agents.evaluate import evaluate_one
from bustle.agents.population import held_dtype
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    AgentTable,
    AtTrigger,
    EveryTrigger,
    Expr,
    Intervention,
    RateTrigger,
    SampleTable,
    WhenTrigger,
)
from bustle.scenarios.types import Agent, Bool, Episode, Text
from bustle.sim.compiled import records as r
from bustle.sim.compiled.bodies import sample_unit
from bustle.sim.compiled.building import Compiling, compile_units
from bustle.sim.compiled.firing import invoke
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.preparing import Prepared
from bustle.sim.compiled.rows import Rows
from bustle.sim.compiled.saving import restore_arrays, state_arrays
from bustle.sim.compiled.schedules import (
    BARRIER_AHEAD,
    DONE,
    FAILED,
    advance_islands,
    advance_queue,
    begin_all,
    start_clocks,
)
from bustle.sim.compiled.telling import begin_unit, changed_unit
from bustle.sim.compiled.unit import kind_of
from bustle.sim.events import EventRecord, RunCounts
from bustle.sim.problems import too_many_waiting
from bustle.sim.timetable import INTERVENTION_BEGINS, INTERVENTION_ENDS, SAMPLE, Agenda

if TYPE_CHECKING:
    from bustle.outputs.event_sink import EventSink

Progress = Callable[[int, int, int], None]
"""Called with simulated microseconds, firings and rows so far."""

BUDGET = 65_536
"""Firings after which the queue pauses, so that rows are handed on and somebody may stop the run."""

WINDOW_ROWS = 400_000
"""Rows that a window of islands should give: enough to be worth a sweep, few enough for the processor's caches."""

_SECONDS_BETWEEN_REPORTS = 0.1


class CompiledEngine:
    """One run of a scenario.

    Args:
        prepared: the scenario, its world and its generated code.
        schedule: ``windows`` lets independent agents advance on their own; ``global`` runs everything in one order.
        workers: threads that advance islands side by side; the log is the same for any number.
        compiling: called with the number of rules that must be compiled first, if any.

    Raises:
        RunError: the schedule is not possible.
    """

    def __init__(
        self,
        prepared: Prepared,
        *,
        schedule: str = "windows",
        workers: int = 1,
        compiling: Compiling | None = None,
    ) -> None:
        self._program, self._units = prepared.program, prepared.units
        self.model = model = self._program.model
        islands = self._program.coupling.islands if schedule == "windows" else frozenset[str]()
        if schedule == "windows" and not islands:
            raise RunError("no agents of this scenario are independent of each other, so windows are not possible")
        self._workers = workers if islands else 1
        self._linker = Linker(self._program, self._units, self._workers, model.clock.length)
        self._linker.functions.array[:] = compile_units(self._units, compiling)
        self._run = self._linker.run.address
        self._contexts = [context.address for context in self._linker.contexts]
        self._islands = islands
        for name in islands:
            people = self._linker.populations[name]
            people.record[r.QUEUED] = 0
            people.record.view(np.float64)[r.SHARD_SCALE] = self._workers / max(1, people.size)
            people.record[r.LAST_SHARD] = self._workers - 1
        self._rows = Rows(self._linker)
        self._values = dict(model.values)
        self._former: dict[str, dict[str, Any]] = {}
        self._restored = False
        self._agenda = Agenda(model.clock.length)
        self._last: list[tuple[str, str]] = []
        self._now = 0
        self._window = max(1, model.clock.length // 64)
        self._used = False
        self._sink: EventSink | None = None

    # --- running

    def run(
        self,
        sink: EventSink,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        until: int | None = None,
        between: Callable[[], None] | None = None,
    ) -> RunCounts:
        """Run to the end, handing everything to ``sink``; see `bustle.sim.reference.ReferenceEngine.run`.

        ``between`` is called whenever everything so far has been handed on, so that `state` may be asked.

        Raises:
            RunError: the run cannot go on for a reason in the scenario; the message begins with the simulated time.
            RuntimeError: this engine has run already.
        """
        end = self.model.clock.length if until is None else min(until, self.model.clock.length)
        self._sink = sink
        stopped = False
        reported = time.monotonic()
        with self._threads() as threads:
            self._start()
            for _ in self._stretches(end, threads):
                self._rows.hand_on(sink)
                if between is not None:
                    between()
                moment = time.monotonic()
                if moment - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = moment
                    if progress is not None:
                        progress(self._now, self.firings, self._rows.handed_on)
                    if should_stop is not None and should_stop():
                        stopped = True
                        break
        complete = not stopped and end == self.model.clock.length
        if complete:
            for table, population in self._last:
                self._snapshot(table, population, self.model.clock.length)
        for name, csr in self._program.world.networks.items():
            sink.write_network(name, csr.offsets, csr.targets)
        for name in self.model.populations:
            sink.write_agents(name, self.agent_columns(name))
        counts = RunCounts(self.firings, dict(self._rows.counts), self._now if stopped else end, complete)
        if progress is not None:
            progress(counts.ended_at, counts.firings, counts.rows)
        return counts

    def events(self) -> Iterator[EventRecord]:
        """Run, and give every event, in the documented order, a stretch of time after the other.

        Raises:
            RunError: as for `run`.
            RuntimeError: this engine has run already.
        """
        with self._threads() as threads:
            self._start()
            for _ in self._stretches(self.model.clock.length, threads):
                yield from self._rows.records()

    @property
    def firings(self) -> int:
        """Behaviors run so far."""
        return sum(int(context.array[r.FIRED]) for context in self._linker.contexts)

    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max(1, self._workers), thread_name_prefix="bustle-shard")

    def _start(self) -> None:
        """Begin: interventions at time 0, then clocks, instants and conditions."""
        if self._used:
            raise RuntimeError("an engine runs once: make another one")
        self._used = True
        for intervention in self.model.interventions.values():
            self._plan(intervention)
        for table in self.model.tables.values():
            if isinstance(table, SampleTable):
                first = -(-self._now // table.every) * table.every
                self._agenda.add(first, SAMPLE, self._sampler(table))
            elif isinstance(table, AgentTable):
                self._plan_snapshots(table)
        if self._restored:
            return
        self._agenda.act(0)
        for name, behavior in self.model.behaviors.items():
            number = self._linker.behaviors[name]
            match behavior.trigger:
                case RateTrigger() | EveryTrigger():
                    status = start_clocks(self._run, number)
                case AtTrigger() | WhenTrigger():
                    status = begin_all(self._run, number, self._linker.numbers[begin_unit(name)])
                case _:
                    status = 0
            if status != 0:
                raise self._error(*self._earliest(), located=False)

    def _stretches(self, end: int, threads: ThreadPoolExecutor) -> Iterator[None]:
        """Advance to ``end``, pausing now and then with rows to be handed on."""
        while True:
            due = self._agenda.next(end)
            if self._islands:
                while self._now < due:
                    self._advance_window(min(due, self._now + self._window), threads)
                    yield
            else:
                while self._advance_queue(due) != DONE:
                    yield
                self._now = due
                yield
            if due >= end:
                return
            self._agenda.act(due)

    def _advance_queue(self, until: int) -> int:
        how = int(advance_queue(self._run, until, BUDGET, False, -1))
        if how == FAILED:
            raise self._error(*self._earliest())
        if how != DONE:
            self._now = max(self._now, int(self._linker.queue.array[0]))
        return how

    def _advance_window(self, end: int, threads: ThreadPoolExecutor) -> None:
        """Bring everybody to ``end``: couplers in order, with the islands they need, then all islands."""
        passed = -1
        while True:
            how = int(advance_queue(self._run, end, 1 << 62, True, passed))
            if how == BARRIER_AHEAD:
                instant, passed = (int(word) for word in self._linker.queue.array[:2])
                self._advance_islands(instant, passed >> 40, threads)
                continue
            if how == FAILED:
                found = self._earliest()
                self._forget_errors()
                self._advance_islands(found[0], found[1] >> 40, threads, found)
                raise self._error(*found)
            break
        self._advance_islands(end, 0, threads)
        rows = self._rows.waiting()
        self._rows.sort(self._now, end)
        elapsed, self._now = end - self._now, end
        wanted = elapsed * WINDOW_ROWS / max(1, rows)
        self._window = max(1, int(min(max(wanted, self._window / 4), self._window * 4, self.model.clock.length)))

    def _advance_islands(self, until: int, before: int, threads: ThreadPoolExecutor, known: Any = None) -> None:
        if len(self._contexts) == 1:
            failed = advance_islands(self._contexts[0], until, before) != 0
        else:
            failed = any([*threads.map(lambda context: advance_islands(context, until, before) != 0, self._contexts)])
        if failed:
            found = self._earliest()
            raise self._error(*(found if known is None else min(found, known, key=lambda error: error[:2])))

    # --- checkpoints

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Everything that the run has changed so far: arrays by name, and JSON-ready values.

        To be asked between two stretches, when all rows have been handed on.
        """
        values = {
            "now": self._now,
            "parameters": self._values,
            "former": self._former,
            "rows": self._rows.counts,
            "workers": self._workers,
        }
        return state_arrays(self._linker), values

    def restore(self, arrays: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Take up the run at a `state` that an engine of the same scenario, seed, schedule and workers gave."""
        restore_arrays(self._linker, arrays)
        self._now = values["now"]
        self._former.update(values["former"])
        self._values.update(values["parameters"])
        for name, value in self._values.items():
            self._linker.set_cell("parameter", name, value)
        self._rows.counts.update(values["rows"])
        self._restored = True

    # --- what happens at set times

    def _at_start(self, expr: Expr) -> Any:
        """The value with the parameters of the start."""
        return evaluate_one(expr, surroundings(self.model, self._program.world, self._program.seed))

    def _evaluate(self, expr: Expr) -> Any:
        """The value with the parameters as they are now."""
        as_now = replace(self.model, values=dict(self._values))
        return evaluate_one(expr, surroundings(as_now, self._program.world, self._program.seed))

    def _plan(self, intervention: Intervention) -> None:
        former: dict[str, Any] = self._former.setdefault(intervention.name, {})

        def begin(now: int) -> None:
            former.update({name: self._values[name] for name, _ in intervention.values})
            self._set_parameters({name: self._evaluate(value) for name, value in intervention.values}, now)

        start = int(self._at_start(intervention.at))
        self._plan_at(start, INTERVENTION_BEGINS, begin)
        if intervention.until is not None:
            until = int(self._at_start(intervention.until))
            if until > start >= 0:
                self._plan_at(until, INTERVENTION_ENDS, lambda now: self._set_parameters(former, now))

    def _plan_at(self, time: int, place: int, act: Callable[[int], None]) -> None:
        """Do something at an instant, unless the run has passed it already."""
        if time >= self._now:
            self._agenda.add(time, place, act)

    def _set_parameters(self, values: dict[str, Any], now: int) -> None:
        """Give parameters new values; all stand before anybody is told."""
        changed = [name for name, value in values.items() if self._values[name] != value]
        self._values.update(values)
        for name, value in values.items():
            self._linker.set_cell("parameter", name, value)
        for name in changed:
            unit = self._linker.numbers.get(changed_unit("parameter", name))
            if unit is not None:
                self._invoke(unit, now, 0)

    def _invoke(self, unit: int, now: int, payload: int) -> None:
        if invoke(self._contexts[0], unit, 0, 0, now, payload) != 0:
            self._linker.contexts[0].array[r.ERROR_TIME] = now
            raise self._error(*self._earliest())
        self._linker.contexts[0].array[r.TOP] = 0

    def _sampler(self, table: SampleTable) -> Callable[[int], None]:
        room = np.zeros(max(1, len(table.columns)), np.int64)
        unit = self._linker.numbers[sample_unit(table.name)]

        def sample(now: int) -> None:
            self._invoke(unit, now, room.ctypes.data)
            if self._sink is not None:
                values = tuple(self._held(word, column.value) for word, column in zip(room, table.columns, strict=True))
                self._sink.write_sample(table.name, now, values)
            self._agenda.add(now + table.every, SAMPLE, sample)

        return sample

    def _held(self, word: Any, expr: Expr) -> Any:
        match expr.type:
            case Agent() | Episode() if word < 0:
                return None
            case Bool():
                return bool(word)
            case Text():
                return self._linker.texts.values[int(word)]
        return float(word.view(np.float64)) if kind_of(expr.type) == "f" else int(word)

    def _plan_snapshots(self, table: AgentTable) -> None:
        for instant in dict.fromkeys(int(self._at_start(expr)) for expr in table.at):
            self._plan_at(instant, SAMPLE, lambda now: self._snapshot(table.name, table.population, now))
            if instant == self.model.clock.length:
                self._last.append((table.name, table.population))

    def _snapshot(self, table: str, _: str, now: int) -> None:
        from bustle.outputs.schema import snapshot_columns

        if self._sink is not None:
            for population in snapshot_columns(self.model, table):
                self._sink.write_snapshot(table, now, population, self.agent_columns(population))

    # --- agents

    def agent_columns(self, population: str) -> dict[str, Any]:
        """Everything known of the agents of a population now; see `bustle.sim.reference.columns.agent_columns`."""
        people = self._linker.populations[population]
        size = people.size
        columns: dict[str, Any] = {}
        for name in people.columns:
            type_ = self._program.attribute_type(population, name)
            values = people.columns[name].array[:size]
            columns[name] = (
                self._linker.texts.array()[values] if isinstance(type_, Text) else values.astype(held_dtype(type_))
            )
        index = np.arange(size, dtype=np.int64)
        columns["born"] = np.zeros(size, np.int64) if people.born is None else people.born.array[:size].copy()
        retired = np.full(size, r.ALIVE, np.int64) if people.retired is None else people.retired.array[:size].copy()
        columns["retired"] = retired
        columns["identity"] = index if people.identity is None else people.identity.array[:size].copy()
        return columns

    # --- errors

    def _earliest(self) -> tuple[int, int, int]:
        """The earliest error of the contexts: its time, who failed, and the context."""
        errors = [
            (int(context.array[r.ERROR_TIME]), int(context.array[r.ERROR_WHO]), number)
            for number, context in enumerate(self._linker.contexts)
        ]
        return min(errors)

    def _forget_errors(self) -> None:
        self._failed = [context.array.copy() for context in self._linker.contexts]
        for context in self._linker.contexts:
            context.array[r.ERROR_TIME] = r.NONE

    def _error(self, when: int, _who: int, number: int, *, located: bool = True) -> RunError:
        """The error that a context has noted."""
        words = self._linker.contexts[number].array
        if words[r.ERROR_TIME] != when and hasattr(self, "_failed"):
            words = self._failed[number]
        if words[r.ERROR_SITE] == r.NO_ROOM:
            error = too_many_waiting()
        else:
            unit = self._units[int(words[r.ERROR_UNIT])]
            reals = words[r.ERROR_REALS : r.ERROR_REALS + 4].copy().view(np.float64).tolist()
            wholes = words[r.ERROR_WHOLES : r.ERROR_WHOLES + 2].tolist()
            error = unit.sites[int(words[r.ERROR_SITE]) - 1](tuple(reals), tuple(wholes))
        if not located:
            return error
        stamp = self._linker.calendar.datetime(when).strftime("%Y-%m-%d %H:%M:%S")
        return RunError(f"at {stamp}: {error.message}", error.span)
