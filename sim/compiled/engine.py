"""The compiled engine: the same event log as the reference engine's, from machine code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import AtTrigger, EveryTrigger, RateTrigger, WhenTrigger
from bustle.sim.compiled import records as r
from bustle.sim.compiled.building import Compiling, compile_units
from bustle.sim.compiled.failures import Failure, Failures
from bustle.sim.compiled.firing import invoke
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.people import agent_columns
from bustle.sim.compiled.places import WHO_SHIFT
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
from bustle.sim.compiled.set_times import SetTimes
from bustle.sim.compiled.team import Team
from bustle.sim.compiled.telling import begin_unit
from bustle.sim.events import EventRecord, RunCounts

if TYPE_CHECKING:
    from bustle.outputs.event_sink import EventSink

Progress = Callable[[int, int, int], None]
"""Called with simulated microseconds, firings and rows so far."""

BUDGET = 65_536
"""Firings after which the queue pauses, so that rows are handed on and somebody may stop the run."""

ROWS_AN_ISLAND = 8
"""Rows that a window should give for each island, so that a sweep over them is worth while."""

LEAST_ROWS, MOST_ROWS = 100_000, 400_000
"""Rows that a window should give in any case, and at most: they should fit into the processor's caches, and the log
should have something to write before the run is over."""

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
        agents = sum(self._linker.populations[name].size for name in islands)
        self._window_rows = min(MOST_ROWS, max(LEAST_ROWS, ROWS_AN_ISLAND * agents))
        for name in islands:
            people = self._linker.populations[name]
            people.record[r.QUEUED] = 0
            people.record.view(np.float64)[r.SHARD_SCALE] = self._workers / max(1, people.size)
            people.record[r.LAST_SHARD] = self._workers - 1
        self._rows = Rows(self._linker)
        self._failures = Failures(self._linker, self._units)
        self._set_times = SetTimes(self._linker, self._invoke)
        self._restored = False
        self._now = 0
        self._window = max(1, model.clock.length // 1024)
        self._used = False

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
        self._set_times.sink = sink
        stopped = False
        reported = time.monotonic()
        with Team(self._workers) as team:
            self._start()
            for _ in self._stretches(end, team):
                self._rows.hand_on(sink, team)
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
            self._set_times.finish()
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
        with Team(self._workers) as team:
            self._start()
            for _ in self._stretches(self.model.clock.length, team):
                yield from self._rows.records()

    @property
    def firings(self) -> int:
        """Behaviors run so far."""
        return sum(int(context.array[r.FIRED]) for context in self._linker.contexts)

    def _start(self) -> None:
        """Begin: interventions at time 0, then clocks, instants and conditions."""
        if self._used:
            raise RuntimeError("an engine runs once: make another one")
        self._used = True
        self._set_times.plan()
        if self._restored:
            return
        self._set_times.act(0)
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
                raise self._failures.error(self._failures.earliest())

    def _stretches(self, end: int, team: Team) -> Iterator[None]:
        """Advance to ``end``, pausing now and then with rows to be handed on."""
        while True:
            due = self._set_times.agenda.next(end)
            if self._islands:
                while self._now < due:
                    self._advance_window(min(due, self._now + self._window), team)
                    yield
            else:
                while self._advance_queue(due) != DONE:
                    yield
                self._now = due
                yield
            if due >= end:
                return
            self._set_times.act(due)

    def _advance_queue(self, until: int) -> int:
        how = int(advance_queue(self._run, until, BUDGET, False, -1))
        if how == FAILED:
            raise self._failures.error(self._failures.earliest())
        if how != DONE:
            self._now = max(self._now, int(self._linker.queue.array[0]))
        return how

    def _advance_window(self, end: int, team: Team) -> None:
        """Bring everybody to ``end``: couplers in order, with the islands they need, then all islands."""
        passed = -1
        while True:
            how = int(advance_queue(self._run, end, 1 << 62, True, passed))
            if how == BARRIER_AHEAD:
                instant, passed = (int(word) for word in self._linker.queue.array[:2])
                self._advance_islands(instant, passed >> WHO_SHIFT, team)
                continue
            if how == FAILED:  # an island may have failed before that
                found = self._failures.earliest()
                self._advance_islands(found.time, found.who >> WHO_SHIFT, team, found)
                raise self._failures.error(found)
            break
        self._advance_islands(end, 0, team)
        rows = self._rows.waiting()
        self._rows.window = (self._now, end)
        elapsed, self._now = end - self._now, end
        wanted = elapsed * self._window_rows / max(1, rows)
        self._window = max(1, int(min(max(wanted, self._window / 4), self._window * 4, self.model.clock.length)))

    def _advance_islands(self, until: int, before: int, team: Team, known: Failure | None = None) -> None:
        """Bring all islands to an instant; ``known`` is an error that has happened there."""
        failed = any(team.each(advance_islands, [(context, until, before) for context in self._contexts]))
        if failed:
            found = self._failures.earliest()
            raise self._failures.error(found if known is None else min(found, known))

    # --- checkpoints

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Everything that the run has changed so far: arrays by name, and JSON-ready values.

        To be asked between two stretches, when all rows have been handed on.
        """
        values = {
            "now": self._now,
            "parameters": self._set_times.values,
            "former": self._set_times.former,
            "done": self._set_times.done,
            "rows": self._rows.counts,
            "workers": self._workers,
        }
        return state_arrays(self._linker), values

    def restore(self, arrays: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Take up the run at a `state` that an engine of the same scenario, seed, schedule and workers gave."""
        restore_arrays(self._linker, arrays)
        self._now = values["now"]
        self._set_times.restore(values["parameters"], values["former"], values["done"])
        self._rows.counts.update(values["rows"])
        self._restored = True

    def _invoke(self, unit: int, now: int, payload: int) -> None:
        """Run a unit between two firings."""
        if invoke(self._contexts[0], unit, 0, 0, now, payload) != 0:
            self._linker.contexts[0].array[r.ERROR_TIME] = now
            raise self._failures.error(self._failures.earliest())
        self._linker.contexts[0].array[r.TOP] = 0

    def agent_columns(self, population: str) -> dict[str, Any]:
        """Everything known of the agents of a population now; see `bustle.sim.compiled.people.agent_columns`."""
        return agent_columns(self._linker, population)
