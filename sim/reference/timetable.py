"""What happens at set times beside the firings: interventions, samples and snapshots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bustle.outputs.event_sink import EventSink
from bustle.scenarios.model import AgentTable, Aggregate, Intervention, SampleTable
from bustle.sim.order import INTERVENTION_BEGINS, INTERVENTION_ENDS, SAMPLE
from bustle.sim.reference.aggregates import aggregate
from bustle.sim.reference.frame import Frame
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scheduler import Firing
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.writing import set_parameters
from bustle.sim.repetitions import repeated_purposes

Snapshot = Callable[[str, int, str], None]
"""Called with a table's name, the instant and the population."""


class Timetable:
    """Puts interventions, samples and snapshots on the queue, before the firings of their instants.

    At one instant interventions end, then others begin, both in the scenario's order; then come samples.

    Attributes:
        done: how many of them have been processed; they are no firings.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.done = 0
        self._last: list[tuple[str, str]] = []
        self._sink: EventSink | None = None
        self._snapshot: Snapshot | None = None

    def start(self, sink: EventSink | None, snapshot: Snapshot) -> None:
        """Fix all times, as they follow from the parameters at the start."""
        self._sink, self._snapshot = sink, snapshot
        for intervention in self._runtime.model.interventions.values():
            self._plan(intervention)
        for table in self._runtime.model.tables.values():
            if isinstance(table, SampleTable):
                self._plan_samples(table)
            elif isinstance(table, AgentTable):
                self._plan_snapshots(table)

    def finish(self) -> None:
        """Take the snapshots that are due at the very end."""
        assert self._snapshot is not None
        for table, population in self._last:
            self._snapshot(table, self._runtime.scheduler.length, population)

    def _at(self, time: int, place: int, act: Callable[[], None]) -> None:
        def run(_: Firing) -> None:
            self.done += 1
            act()

        if time >= 0:
            self._runtime.scheduler.put_in_turn(Firing((run,), None, 0, place), time)

    def _instant(self, expr: Any) -> int:
        scope = Scope(self._runtime, repeated_purposes((), (expr,)))
        instant: int = scope.compile(expr)(Frame(self._runtime.society.world))
        return instant

    def _plan(self, intervention: Intervention) -> None:
        runtime = self._runtime
        scope = Scope(runtime)
        values = [(name, scope.compile(value)) for name, value in intervention.values]
        former: dict[str, Any] = {}

        def begin() -> None:
            f = Frame(runtime.society.world)
            former.update({name: runtime.values[name] for name, _ in values})
            set_parameters({name: value(f) for name, value in values}, runtime)

        def end() -> None:
            set_parameters(former, runtime)

        start = self._instant(intervention.at)
        self._at(start, INTERVENTION_BEGINS, begin)
        if intervention.until is not None:
            until = self._instant(intervention.until)
            if until > start >= 0:
                self._at(until, INTERVENTION_ENDS, end)

    def _plan_samples(self, table: SampleTable) -> None:
        runtime = self._runtime
        scope = Scope(runtime, frozenset())
        columns = [
            aggregate(column.value, scope, may_miss=True)
            if isinstance(column.value, Aggregate)
            else scope.compile(column.value)
            for column in table.columns
        ]

        def sample() -> None:
            f = Frame(runtime.society.world)
            if self._sink is not None:
                values = (column(f) for column in columns)
                row = tuple(value.id if hasattr(value, "id") else value for value in values)
                self._sink.write_sample(table.name, runtime.scheduler.now, row)
            self._at(runtime.scheduler.now + table.every, SAMPLE, sample)

        self._at(0, SAMPLE, sample)

    def _plan_snapshots(self, table: AgentTable) -> None:
        scheduler = self._runtime.scheduler
        for instant in dict.fromkeys(self._instant(expr) for expr in table.at):

            def snapshot() -> None:
                assert self._snapshot is not None
                self._snapshot(table.name, scheduler.now, table.population)

            self._at(instant, SAMPLE, snapshot)
            if instant == scheduler.length:
                self._last.append((table.name, table.population))
