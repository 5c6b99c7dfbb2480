"""What happens at set times beside the firings: interventions, samples and snapshots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bustle.agents.build import surroundings
from bustle.agents.evaluate import evaluate_one
from bustle.outputs.missing import NO_VALUE
from bustle.scenarios.model import AgentTable, Expr, Intervention, SampleTable
from bustle.scenarios.types import Agent, Bool, Episode, Instant, Text
from bustle.sim.compiled.bodies import sample_unit
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.people import agent_columns
from bustle.sim.compiled.telling import changed_unit
from bustle.sim.compiled.unit import kind_of
from bustle.sim.timetable import INTERVENTION_BEGINS, INTERVENTION_ENDS, SAMPLE, Agenda

if TYPE_CHECKING:
    from bustle.outputs.event_sink import EventSink

Invoke = Callable[[int, int, int], None]
"""Runs a unit, at an instant, with a payload (an address)."""


class SetTimes:
    """Interventions, samples and snapshots of one run.

    Args:
        linker: the run in memory.
        invoke: runs a unit.

    Attributes:
        agenda: what is still to be done, and when.
        values: the parameters as they are now.
        former: what interventions with an end will give back, by intervention.
        sink: where samples and snapshots go; None where nobody wants them.
        done: the last instant at which everything has been done; -1 before the run.
    """

    def __init__(self, linker: Linker, invoke: Invoke) -> None:
        self._linker = linker
        self._program = linker.program
        self._model = linker.program.model
        self._invoke = invoke
        self.agenda = Agenda(self._model.clock.length)
        self.values: dict[str, Any] = dict(self._model.values)
        self.former: dict[str, dict[str, Any]] = {}
        self.sink: EventSink | None = None
        self.done = -1
        self._last: list[str] = []

    def plan(self) -> None:
        """Fix all times after `done`, as they follow from the parameters at the start."""
        for intervention in self._model.interventions.values():
            self._plan_intervention(intervention)
        for table in self._model.tables.values():
            if isinstance(table, SampleTable):
                self.agenda.add((self.done // table.every + 1) * table.every, SAMPLE, self._sampler(table))
            elif isinstance(table, AgentTable):
                self._plan_snapshots(table)

    def act(self, now: int) -> None:
        """Do everything that is due at ``now``."""
        self.agenda.act(now)
        self.done = now

    def restore(self, values: dict[str, Any], former: dict[str, dict[str, Any]], done: int) -> None:
        """Take up what a checkpoint holds of parameters and times."""
        self.done = done
        self.former.update(former)
        self._give(values)

    def finish(self) -> None:
        """Take the snapshots that are due at the very end."""
        for table in self._last:
            self._snapshot(table, self._model.clock.length)

    # --- interventions

    def _plan_intervention(self, intervention: Intervention) -> None:
        former = self.former.setdefault(intervention.name, {})

        def begin(at: int) -> None:
            former.update({name: self.values[name] for name, _ in intervention.values})
            self._set({name: self._evaluate(value) for name, value in intervention.values}, at)

        start = int(self._at_start(intervention.at))
        self._plan_at(start, INTERVENTION_BEGINS, begin)
        if intervention.until is not None:
            until = int(self._at_start(intervention.until))
            if until > start >= 0:
                self._plan_at(until, INTERVENTION_ENDS, lambda at: self._set(former, at))

    def _plan_at(self, time: int, place: int, act: Callable[[int], None]) -> None:
        """Do something at an instant, unless it has been done already."""
        if time > self.done:
            self.agenda.add(time, place, act)

    def _at_start(self, expr: Expr) -> Any:
        """The value with the parameters of the start."""
        return evaluate_one(expr, surroundings(self._model, self._program.world, self._program.seed))

    def _evaluate(self, expr: Expr) -> Any:
        """The value with the parameters as they are now."""
        as_now = replace(self._model, values=dict(self.values))
        return evaluate_one(expr, surroundings(as_now, self._program.world, self._program.seed))

    def _set(self, values: dict[str, Any], now: int) -> None:
        """Give parameters new values; all stand before anybody is told."""
        changed = [name for name, value in values.items() if self.values[name] != value]
        self._give(values)
        for name in changed:
            unit = self._linker.numbers.get(changed_unit("parameter", name))
            if unit is not None:
                self._invoke(unit, now, 0)

    def _give(self, values: dict[str, Any]) -> None:
        self.values.update(values)
        for name, value in values.items():
            self._linker.set_cell("parameter", name, value)

    # --- samples and snapshots

    def _sampler(self, table: SampleTable) -> Callable[[int], None]:
        room = np.zeros(max(1, len(table.columns)), np.int64)
        unit = self._linker.numbers[sample_unit(table.name)]

        def sample(now: int) -> None:
            self._invoke(unit, now, room.ctypes.data)
            if self.sink is not None:
                values = tuple(
                    self._held(word, column.value) for word, column in zip(room, table.columns, strict=False)
                )
                self.sink.write_sample(table.name, now, values)
            self.agenda.add(now + table.every, SAMPLE, sample)

        return sample

    def _held(self, word: Any, expr: Expr) -> Any:
        """A word of a sample as the sink takes it."""
        match expr.type:
            case Agent() | Episode() if word < 0:
                return None
            case Instant() if word == NO_VALUE:
                return None
            case Bool():
                return bool(word)
            case Text():
                return self._linker.texts.values[int(word)]
        return float(word.view(np.float64)) if kind_of(expr.type) == "f" else int(word)

    def _plan_snapshots(self, table: AgentTable) -> None:
        for instant in dict.fromkeys(int(self._at_start(expr)) for expr in table.at):
            self._plan_at(instant, SAMPLE, lambda at: self._snapshot(table.name, at))
            if instant == self._model.clock.length:
                self._last.append(table.name)

    def _snapshot(self, table: str, now: int) -> None:
        from bustle.outputs.schema import snapshot_columns

        if self.sink is not None:
            for population in snapshot_columns(self._model, table):
                self.sink.write_snapshot(table, now, population, agent_columns(self._linker, population))
