"""How often behaviors fire and events are emitted, as far as that follows from the scenario.

Clocks are exact in the mean: a rate gives rate times operational time, a renewal process is sampled with its own
keyed draws. What starts by an event or by ``after`` follows from what starts it. How long agents stay in a state, and
how often a condition holds, only the run shows: both are noted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bustle.agents.evaluate import evaluate
from bustle.agents.lanes import Lanes, Surroundings, population_lanes
from bustle.agents.population import STATE, Array
from bustle.agents.rhythms import operational_time
from bustle.scenarios.calendar import Calendar
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import (
    After,
    AtTrigger,
    Become,
    Behavior,
    Emit,
    EveryTrigger,
    Expr,
    For,
    If,
    Linked,
    Members,
    Model,
    Neighbours,
    OnTrigger,
    Pick,
    RateTrigger,
    Retire,
    Spawn,
    Statement,
    Stop,
)
from bustle.scenarios.types import Agent
from bustle.sim.plan.amounts import NOTHING, UNKNOWN, Amount, either, total
from bustle.sim.reads import reads, statements, writes

SAMPLED_AGENTS = 400
"""Agents for whom a renewal process is sampled."""

SAMPLED_GAPS = 64
"""Gaps sampled for each of them; beyond, the mean gap is used."""


class Expectations:
    """Expected firings and events of a model.

    Args:
        model: The checked scenario.
        world: Its agents, or fewer of them; means over agents are taken from it.
        sizes: The true number of agents of each population.

    Attributes:
        notes: What was assumed, one sentence each.
    """

    def __init__(self, model: Model, world: Surroundings, sizes: dict[str, int]) -> None:
        self.notes: list[str] = []
        self._model = model
        self._world = world
        self._sizes = sizes
        self._calendar = Calendar(model.clock)
        self._firings: dict[str, Amount] = {}
        self._under_way: set[str] = set()
        everything = [s for behavior in model.behaviors.values() for s in statements(behavior.body)]
        self._moving = {s.population for s in everything if isinstance(s, Become)}
        self._growing = {s.population for s in everything if isinstance(s, Spawn)}
        self._leaving = {
            s.target.type.population for s in everything if isinstance(s, Retire) and isinstance(s.target.type, Agent)
        }
        self._written = {
            (write.kind, write.population, write.name)
            for behavior in model.behaviors.values()
            for write in writes(behavior.body)
        }

    def growing(self, population: str) -> bool:
        """True where agents may be added during the run."""
        return population in self._growing

    def clocks(self, population: str) -> float:
        """Mean number of clocks that run at the start, for one agent of ``population``."""
        shares = [
            float(self._runnable(behavior).mean())
            for behavior in self._model.behaviors.values()
            if behavior.who == population
            and isinstance(behavior.trigger, RateTrigger | EveryTrigger)
            and self._world.size(population)
        ]
        return sum(shares)

    # --- firings

    def firings(self, name: str) -> Amount:
        """How often the behavior's body runs."""
        if name in self._under_way:
            self._note(f"`{name}` starts itself in a circle, which is counted once")
            return UNKNOWN
        if name not in self._firings:
            self._under_way.add(name)
            self._firings[name] = self._count(self._model.behaviors[name])
            self._under_way.discard(name)
        return self._firings[name]

    def _count(self, behavior: Behavior) -> Amount:
        result = self._started(behavior)
        for caller in self._model.behaviors.values():
            calls = self._times(caller, caller.body, lambda s: isinstance(s, After) and s.behavior == behavior.name)
            if calls != NOTHING:
                result = result + self._guarded(behavior, self.firings(caller.name) * calls)
        if behavior.condition is not None:
            result = result.at_most()
        if behavior.who in self._growing and behavior.trigger is not None:
            result = result.at_least()
        return result.at_most() if behavior.who in self._leaving else result

    def _started(self, behavior: Behavior) -> Amount:
        trigger = behavior.trigger
        if trigger is None:
            return NOTHING
        try:
            match trigger:
                case RateTrigger():
                    return self._clock(behavior, trigger.rate, self._poisson_firings)
                case EveryTrigger():
                    return self._clock(behavior, trigger.gap, self._renewals)
                case AtTrigger():
                    return self._guarded(behavior, self._instants(behavior, trigger))
                case OnTrigger():
                    each = 1 if trigger.role is not None else self.size(behavior.who)
                    return self._guarded(behavior, self.emitted(trigger.event) * each)
        except RunError as error:
            self._note(f"`{behavior.name}` is not counted: {error.message}")
            return UNKNOWN
        self._note(f"`{behavior.name}` waits for a condition or a state, so how often it fires only the run shows")
        return UNKNOWN

    def _clock(self, behavior: Behavior, expr: Expr, per_agent: Callable[[Behavior, Lanes], Array]) -> Amount:
        """The clocks of all agents that are runnable at the start, as if they stayed so."""
        everyone = self._lanes(behavior.who)
        runnable = np.flatnonzero(self._runnable(behavior))
        if not len(runnable):
            if behavior.who in self._moving:
                self._note(f"`{behavior.name}` starts with a state nobody is in at the start, so it is not counted")
                return UNKNOWN
            return NOTHING
        lanes = everyone.take(runnable)
        each = float(per_agent(behavior, lanes).mean())
        amount = Amount(each * len(runnable) / max(1, everyone.size) * self.size(behavior.who))
        if (behavior.while_states or behavior.unless_states) and behavior.who in self._moving:
            amount = Amount(amount.number, less=True, more=len(runnable) < everyone.size)
            self._note(f"`{behavior.name}` is counted as if agents stayed in the state they start in")
        if self._changes(expr):
            amount = Amount(amount.number, less=True, more=True)
            self._note(
                f"the clock of `{behavior.name}` reads values that change; it is counted with those at the start"
            )
        return amount

    def _poisson_firings(self, behavior: Behavior, lanes: Lanes) -> Array:
        assert isinstance(behavior.trigger, RateTrigger)
        rates = evaluate(behavior.trigger.rate, lanes, self._world).astype(np.float64)
        return np.asarray(np.maximum(rates, 0) * self._passing(behavior.trigger.rhythms))

    def _renewals(self, behavior: Behavior, lanes: Lanes) -> Array:
        """Mean number of renewals of some agents, from gaps drawn as the run draws them.

        Beyond the sampled gaps by the renewal theorem: the time by the mean gap, plus (cv^2 - 1) / 2 (Feller, *An
        Introduction to Probability Theory and Its Applications*, volume II, 1971, section XI.3).
        """
        assert isinstance(behavior.trigger, EveryTrigger)
        passing = self._passing(behavior.trigger.rhythms)
        some = np.unique(np.linspace(0, lanes.size - 1, min(lanes.size, SAMPLED_AGENTS)).astype(np.int64))
        repeated = lanes.take(np.repeat(some, SAMPLED_GAPS))
        firings = np.tile(np.arange(SAMPLED_GAPS, dtype=np.int64), len(some))
        keyed = Lanes(repeated.size, repeated.agents, repeated.identities, occurrence=firings)
        gaps = evaluate(behavior.trigger.gap, keyed, self._world).astype(np.float64).reshape(len(some), SAMPLED_GAPS)
        ends = np.cumsum(np.maximum(np.rint(gaps), 1), axis=1)
        counted = np.count_nonzero(ends < passing, axis=1).astype(np.float64)
        beyond = ends[:, -1] < passing
        mean = ends[:, -1] / SAMPLED_GAPS
        spread = (gaps.std(axis=1) / mean) ** 2
        later = np.where(spread > 0, passing / mean + (spread - 1) / 2, np.floor((passing - 1) / mean))
        return np.where(beyond, later, counted)

    def _instants(self, behavior: Behavior, trigger: AtTrigger) -> Amount:
        """Different instants inside of the run, for all agents."""
        moments = np.array(
            sorted({t for moment in trigger.moments for t in self._calendar.moments(moment)}), dtype=np.int64
        )
        lanes = self._lanes(behavior.who)
        number = float(len(moments) * self.size(behavior.who))
        if trigger.instants and lanes.size:
            instants = np.stack([evaluate(instant, lanes, self._world) for instant in trigger.instants])
            instants.sort(axis=0)
            inside = (instants >= 0) & (instants < self._model.clock.length) & ~np.isin(instants, moments)
            inside[1:] &= instants[1:] != instants[:-1]
            number += np.count_nonzero(inside) / lanes.size * self.size(behavior.who)
        return Amount(number)

    def _guarded(self, behavior: Behavior, amount: Amount) -> Amount:
        """``amount`` firings, of which a state at the moment of firing may prevent some."""
        if not (behavior.while_states or behavior.unless_states):
            return amount
        if behavior.who in self._moving:
            return amount.at_most()
        return amount * float(self._runnable(behavior).mean())

    # --- what one firing does

    def emitted(self, event: str) -> Amount:
        """How often ``event`` is emitted by declared behaviors."""
        parts = []
        for behavior in self._model.behaviors.values():
            times = self._times(behavior, behavior.body, lambda s: isinstance(s, Emit) and s.event == event)
            if times != NOTHING:
                parts.append(self.firings(behavior.name) * times)
        return total(parts)

    def _times(self, behavior: Behavior, body: tuple[Statement, ...], wanted: Callable[[Statement], bool]) -> Amount:
        """How often one firing reaches the statements that are ``wanted``."""
        result, may_have_stopped = NOTHING, False
        for statement in body:
            amount = Amount(1.0) if wanted(statement) else NOTHING
            if isinstance(statement, If):
                amount = either(
                    self._times(behavior, statement.yes, wanted), self._times(behavior, statement.no, wanted)
                )
            elif isinstance(statement, For):
                inside = self._times(behavior, statement.body, wanted)
                amount = inside if inside == NOTHING else inside * self._rounds(behavior, statement.pool)
            result = result + (amount.at_most() if may_have_stopped else amount)
            if isinstance(statement, Stop):
                break
            may_have_stopped = may_have_stopped or any(isinstance(inner, Stop) for inner in statements((statement,)))
        return result

    def _rounds(self, behavior: Behavior, pool: Expr) -> Amount:
        """The size of the set a loop runs over."""
        match pool:
            case Members():
                everyone = Amount(self.size(pool.population), more=self.growing(pool.population))
                return everyone if pool.state is None else everyone.at_most()
            case Pick() if pool.count is not None:
                try:
                    counts = evaluate(pool.count, self._lanes(behavior.who), self._world).astype(np.float64)
                except RunError:
                    return UNKNOWN
                mean = float(np.maximum(np.rint(counts), 0).mean()) if len(counts) else 0.0
                sure = isinstance(pool.pool, Members) and pool.pool.state is None and pool.where is None
                enough = pool.replacement or counts.max(initial=0) <= self.size(pool.pool.population)
                return Amount(mean) if sure and enough else Amount(mean).at_most()
            case Neighbours():
                degrees = self._world.network(pool.network).degrees
                return Amount(float(degrees.mean()) if len(degrees) else 0.0, less=True, more=True)
            case Linked():
                return UNKNOWN
        return UNKNOWN

    # --- agents

    def size(self, population: str | None) -> int:
        """Agents of a population at the start; 1 for the world."""
        return 1 if population is None else self._sizes[population]

    def _lanes(self, population: str | None) -> Lanes:
        return Lanes(size=1) if population is None else population_lanes(self._world.size(population))

    def _runnable(self, behavior: Behavior) -> Array:
        """Which agents are in a state that lets the behavior run, at the start (bool)."""
        if behavior.who is None or not (behavior.while_states or behavior.unless_states):
            return np.ones(self._lanes(behavior.who).size, dtype=np.bool_)
        state = self._world.column(behavior.who, STATE)
        runnable = ~np.isin(state, behavior.unless_states)
        return runnable & np.isin(state, behavior.while_states) if behavior.while_states else runnable

    def _changes(self, expr: Expr) -> bool:
        """True where a rule or an intervention changes what ``expr`` reads."""
        written = self._written | {
            ("parameter", "", name) for plan in self._model.interventions.values() for name, _ in plan.values
        }
        return any((read.kind, read.population, read.name) in written for read in reads(expr))

    def _passing(self, rhythms: tuple[str, ...]) -> float:
        """Operational time of the run, in microseconds."""
        chosen = [self._model.rhythms[name] for name in rhythms]
        return operational_time(chosen, self._calendar, self._model.clock.length).total

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
