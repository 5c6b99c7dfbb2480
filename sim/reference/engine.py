"""The reference engine: what a scenario means, in plain Python on SimPy and Mesa."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bustle.agents.build import World
from bustle.agents.population import Array
from bustle.outputs.event_sink import EventSink
from bustle.scenarios.calendar import Calendar
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    AtTrigger,
    Cancel,
    EntersTrigger,
    EveryTrigger,
    Model,
    OnTrigger,
    RateTrigger,
    WhenTrigger,
)
from bustle.scenarios.types import Agent, Episode, Type
from bustle.sim.events import EventRecord, RunCounts
from bustle.sim.reads import statements
from bustle.sim.reference.clocks import Clock, make_clock
from bustle.sim.reference.columns import Columns, agent_columns, held_types
from bustle.sim.reference.emission import KEYS, Outlet, Row
from bustle.sim.reference.python_side import failure
from bustle.sim.reference.retiring import Retiring
from bustle.sim.reference.rules import Rule
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scheduler import AgentProcess, Firing, Scheduler
from bustle.sim.reference.society import Society, slot_name
from bustle.sim.reference.spawning import Spawner
from bustle.sim.reference.timetable import Timetable
from bustle.sim.reference.transitions import Transitions
from bustle.sim.reference.triggers import AtInstants, EntersState, OnEvent, WhenTrue
from bustle.sim.reference.watch import Watch

if TYPE_CHECKING:
    from bustle.sim.python_agents import PythonAgent

Progress = Callable[[int, int, int], None]
"""Called with simulated microseconds, firings and rows so far."""

_CHUNK = 2048
_SECONDS_BETWEEN_REPORTS = 0.1


class ReferenceEngine:
    """One run of a scenario.

    Args:
        model: the checked scenario.
        world: populations, networks and globals, made with the same ``seed`` (`bustle.agents.build.build_world`).
        seed: keys every draw.
        python_classes: the class of each population that is written in Python.

    Raises:
        RunError: a population is written in Python and has no class here.
    """

    def __init__(
        self,
        model: Model,
        world: World,
        seed: int,
        python_classes: Mapping[str, type[PythonAgent]] | None = None,
    ) -> None:
        self.model = model
        self._runtime = Runtime(
            model=model,
            seed=seed,
            world=world,
            calendar=Calendar(model.clock),
            scheduler=Scheduler(model.clock.length),
            society=Society(model, python_classes or {}),
            watch=Watch(),
            values=dict(model.values),
            globals=dict(world.globals),
        )
        self._starters: list[Clock | AtInstants | WhenTrue] = []
        self._timetable = Timetable(self._runtime)
        self._firings = 0
        self._used = False
        with self._located():
            self._people()
            self._compile()

    @property
    def society(self) -> Society:
        """The Mesa model that holds the agents."""
        return self._runtime.society

    # --- making -------------------------------------------------------------------

    def _people(self) -> None:
        """Make every agent from the world's columns, then set its links and other references to agents."""
        runtime, society = self._runtime, self._runtime.society
        runtime.attach()
        for name, columns in runtime.world.populations.items():
            types = held_types(self.model.populations[name])
            own = {column: _values(columns.columns[column], type_) for column, type_ in types.items()}
            society.make(name, columns.size, own)
        for name, columns in runtime.world.populations.items():
            for attribute, type_ in held_types(self.model.populations[name]).items():
                if isinstance(type_, Agent):
                    targets = society.populations[type_.population]
                    indices = columns.columns[attribute].tolist()
                    agents = [targets[index] if index >= 0 else None for index in indices]
                    society.fill(name, slot_name(attribute), agents)

    def _compile(self) -> None:
        """Make every part of the run; bodies come last, since they reach all others."""
        runtime = self._runtime
        for population in self.model.populations.values():
            runtime.spawners[population.name] = Spawner(population, runtime)
            if population.states:
                runtime.transitions[population.name] = Transitions(population.name, runtime)
        for event in self.model.events:
            runtime.outlets[event] = Outlet(event, runtime)
        retiring = Retiring(runtime)
        runtime.society.retire = retiring.retire
        for behavior in self.model.behaviors.values():
            runtime.rules[behavior.name] = Rule(behavior, runtime)
        for rule in runtime.rules.values():
            self._trigger(rule)
            for statement in statements(rule.behavior.body):
                if isinstance(statement, Cancel):
                    runtime.rules[statement.behavior].make_cancellable()
        for rule in runtime.rules.values():
            rule.compile()

    def _trigger(self, rule: Rule) -> None:
        runtime = self._runtime
        match rule.behavior.trigger:
            case RateTrigger() | EveryTrigger():
                self._starters.append(make_clock(rule, runtime))
            case AtTrigger() as trigger:
                self._starters.append(AtInstants(rule, trigger, runtime))
            case OnTrigger() as trigger:
                OnEvent(rule, trigger, runtime)
            case WhenTrigger() as trigger:
                self._starters.append(WhenTrue(rule, trigger, runtime))
            case EntersTrigger() as trigger:
                EntersState(rule, trigger, runtime)

    # --- running ------------------------------------------------------------------

    def run(
        self,
        sink: EventSink,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
        until: int | None = None,
    ) -> RunCounts:
        """Run to the end, handing everything to ``sink`` as it happens.

        Args:
            sink: takes events in batches, samples, snapshots, and at the end networks and agents.
            progress: called about ten times a second.
            should_stop: asked as often; once it says yes the run ends there, with everything handed on.
            until: end before this instant (microseconds); the scenario's length if not given.

        Raises:
            RunError: the run cannot go on for a reason in the scenario; the message begins with the simulated time.
            RuntimeError: this engine has run already.
        """
        end = self.model.clock.length if until is None else min(until, self.model.clock.length)
        stopped = False
        with self._located(), quiet_collector():
            self._start(sink)
            reported = time.monotonic()
            while self._advance(end, _CHUNK):
                for outlet in self._runtime.outlets.values():
                    outlet.flush(sink, everything=False)
                moment = time.monotonic()
                if moment - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = moment
                    if progress is not None:
                        progress(self._runtime.scheduler.now, self._firings, self._rows())
                    if should_stop is not None and should_stop():
                        stopped = True
                        break
            complete = not stopped and end == self.model.clock.length
            if complete:
                self._timetable.finish()
            self._hand_over(sink)
        counts = RunCounts(
            firings=self._firings,
            events={name: outlet.count for name, outlet in self._runtime.outlets.items()},
            ended_at=self._runtime.scheduler.now if stopped else end,
            complete=complete,
        )
        if progress is not None:
            progress(counts.ended_at, counts.firings, counts.rows)
        return counts

    def events(self) -> Iterator[EventRecord]:
        """Run, and give every event as it happens, in the documented order.

        Nothing is kept: an engine that is no longer iterated has stopped.

        Raises:
            RunError: as for `run`.
            RuntimeError: this engine has run already.
        """
        outlets = self._runtime.outlets
        end = self.model.clock.length
        with self._located():
            self._start(None)
        going = True
        while going:
            with self._located():
                going = self._advance(end, 1)
            if not going:
                self._runtime.scheduler._now = end
            waiting: list[tuple[tuple[int, ...], Outlet, Row]] = []
            for outlet in outlets.values():
                if outlet.rows:
                    waiting += [(outlet.sort_key(row), outlet, row) for row in outlet.drain()]
            waiting.sort(key=lambda entry: entry[0])
            for _, outlet, row in waiting:
                yield self._record(outlet, row)

    def agent_columns(self, population: str) -> Columns:
        """The agents of a population as they are now; see `bustle.sim.reference.columns.agent_columns`."""
        return agent_columns(population, self._runtime)

    def _start(self, sink: EventSink | None) -> None:
        """Begin: interventions at time 0, then clocks and instants, then agents written in Python."""
        if self._used:
            raise RuntimeError("an engine runs once: make another one")
        self._used = True

        def snapshot(table: str, at: int, population: str) -> None:
            if sink is not None:
                self._snapshot(sink, table, at)

        self._timetable.start(sink, snapshot)
        scheduler = self._runtime.scheduler
        while not scheduler.idle(1) and isinstance(scheduler._queue[0][3], Firing):
            scheduler.advance(1, 1)
        for starter in self._starters:
            starter.start_all()
        for name in self._runtime.python_populations:
            for agent in self._runtime.society.populations[name]:
                self._runtime.begin_python_agent(agent)

    def _advance(self, end: int, budget: int) -> bool:
        """Process some events; False when none is left before ``end``."""
        before = self._timetable.done
        done = self._runtime.scheduler.advance(end, budget)
        self._firings += done - (self._timetable.done - before)
        return done == budget or not self._runtime.scheduler.idle(end)

    def _hand_over(self, sink: EventSink) -> None:
        for outlet in self._runtime.outlets.values():
            outlet.flush(sink, everything=True)
        for name, csr in self._runtime.world.networks.items():
            sink.write_network(name, csr.offsets, csr.targets)
        for name in self.model.populations:
            sink.write_agents(name, self.agent_columns(name))

    def _snapshot(self, sink: EventSink, table: str, at: int) -> None:
        from bustle.outputs.schema import snapshot_columns

        for population in snapshot_columns(self.model, table):
            sink.write_snapshot(table, at, population, self.agent_columns(population))

    def _rows(self) -> int:
        return sum(outlet.count + len(outlet.rows) for outlet in self._runtime.outlets.values())

    def _record(self, outlet: Outlet, row: Row) -> EventRecord:
        at, code, agent, occurrence, index = row[: len(KEYS)]
        fields: dict[str, Any] = dict(zip(outlet.fields, row[len(KEYS) :], strict=True))
        return EventRecord(outlet.name, at, self._runtime.behavior_names[code], agent, occurrence, index, fields)

    def _located(self) -> Located:
        return Located(self._runtime)


def _values(column: Array, type_: Type) -> list[Any]:
    """A column's values as an agent holds them; ``none`` is None."""
    values: list[Any] = column.tolist()
    return [None if value < 0 else value for value in values] if isinstance(type_, Agent | Episode) else values


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Keep Python's cycle collector from walking over all agents again and again.

    They live until the run ends, so looking for garbage among them is in vain; it is a fifth of a run's time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Located:
    """Adds the simulated time to errors of the scenario that leave the block."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        current = self._runtime.scheduler.current
        if current is None:
            return
        if isinstance(current, AgentProcess) and isinstance(error, Exception) and not isinstance(error, RunError):
            error = failure(current.agent, error)
        if isinstance(error, RunError):
            moment = self._runtime.calendar.datetime(self._runtime.scheduler.now)
            stamp = moment.strftime("%Y-%m-%d %H:%M:%S")
            raise RunError(f"at {stamp}: {error.message}", error.span) from error
