"""Clocks: behaviors with ``rate`` or ``every``, one clock an agent."""

from __future__ import annotations

import math

from bustle.agents.clocks import NEVER
from bustle.agents.rhythms import OperationalTime, operational_time
from bustle.scenarios.model import EveryTrigger, RateTrigger
from bustle.sim.problems import no_gap, no_rate
from bustle.sim.reference.arithmetic import whole
from bustle.sim.reference.frame import Frame
from bustle.sim.reference.rules import Rule
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scheduler import Firing
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.single_draws import advance, next_poisson, poisson_time, remaining_hazard
from bustle.sim.reference.society import ALIVE, AnyAgent
from bustle.sim.repetitions import repeated_purposes

__all__ = ["Clock", "RateClock", "RenewalClock", "make_clock"]


class Clock:
    """What `RateClock` and `RenewalClock` share: when a clock runs, and one pending firing an agent.

    A clock runs while its agent has not retired and is in one of ``states``. When it becomes runnable a gap is drawn;
    when it has fired and is still runnable, the next one.
    """

    def __init__(self, rule: Rule, runtime: Runtime) -> None:
        self.rule = rule
        self.states = rule.states
        self._runtime = runtime
        self._scheduler = runtime.scheduler
        self._pending: list[Firing | None] = [None] * len(runtime.agents_of(rule.behavior.who))
        self._frame = Frame()
        self._callbacks = (self._fire,)
        who = rule.behavior.who
        if who is not None:
            runtime.watch.born.setdefault(who, []).append(self._born)
            runtime.watch.retired.setdefault(who, []).append(self.drop)
            if self.states is not None:
                runtime.transitions[who].add_clock(self)

    def start_all(self) -> None:
        """Start the clocks of all agents, at the start of the run."""
        for agent in self._runtime.agents_of(self.rule.behavior.who):
            if self._runnable(agent):
                self.start(agent)

    def start(self, agent: AnyAgent) -> None:
        """Draw a gap from now on."""
        occurrence = self.rule.take_number(agent)
        firing = Firing(self._callbacks, agent, occurrence, self.rule.rank(agent, occurrence))
        self._wind(agent, firing)

    def drop(self, agent: AnyAgent) -> None:
        """Forget the pending firing."""
        firing = self._pending[agent.id]
        if firing is not None:
            self._pending[agent.id] = None
            self._scheduler.cancel(firing)

    def _runnable(self, agent: AnyAgent) -> bool:
        return agent._retired == ALIVE and (self.states is None or agent.state in self.states)

    def _born(self, agent: AnyAgent) -> None:
        self._pending.append(None)
        if self._runnable(agent):
            self.start(agent)

    def _fire(self, firing: Firing) -> None:
        agent = firing.agent
        pending, index = self._pending, agent.id
        pending[index] = None
        rule = self.rule
        rule.run(agent, firing.occurrence)
        if pending[index] is None and agent._retired == ALIVE and (self.states is None or agent.state in self.states):
            counters = rule.counters
            occurrence = counters[index]
            counters[index] = occurrence + 1
            firing.rank += occurrence - firing.occurrence
            firing.occurrence = occurrence
            firing.callbacks = self._callbacks
            self._wind(agent, firing)

    def _wind(self, agent: AnyAgent, firing: Firing) -> None:
        """Draw the gap of a firing that has its number, and put it on the queue."""
        raise NotImplementedError


class RenewalClock(Clock):
    """``every``: the gap is drawn once, and passes in rhythm time where rhythms are given."""

    def __init__(self, rule: Rule, trigger: EveryTrigger, runtime: Runtime) -> None:
        super().__init__(rule, runtime)
        self._span = trigger.gap.span
        repeated = repeated_purposes((), (trigger.gap,))
        self._counted = bool(repeated)
        self._gap = Scope(runtime, repeated).compile(trigger.gap)
        self._time = _operational(trigger.rhythms, runtime) if trigger.rhythms else None

    def _wind(self, agent: AnyAgent, firing: Firing) -> None:
        f = self._frame
        f.me, f.identity, f.occurrence = agent, agent._identity, firing.occurrence
        if self._counted:
            f.counts = {}
        gap = self._gap(f)
        now = self._scheduler.now
        if not gap < NEVER:
            if gap != gap:
                raise no_gap(self.rule.name, self._span)
            time = NEVER
        elif self._time is None:
            time = now + max(1, whole(gap, self._span))
        else:
            time = advance(now, float(gap), self._time.breaks, self._time.cumulative)
        self._pending[agent.id] = firing
        self._scheduler.put(firing, time)


class HazardFiring(Firing):
    """A pending firing of a clock whose rate may change.

    Attributes:
        hazard: what was left of the unit exponential draw at ``since``.
        since: when the rate last changed, or the clock was wound, in microseconds.
        rate: the rate since then, per microsecond.
    """

    __slots__ = ("hazard", "rate", "since")
    hazard: float
    since: int
    rate: float


class RateClock(Clock):
    """``rate``: a Poisson process in rhythm time, exact by time rescaling.

    When something that the rate reads changes, the hazard left is kept and the firing moves; nothing is drawn
    again. A change that leaves the rate as it is leaves the firing where it is.
    """

    def __init__(self, rule: Rule, trigger: RateTrigger, runtime: Runtime) -> None:
        super().__init__(rule, runtime)
        self._span = trigger.rate.span
        self._rate = Scope(runtime).compile(trigger.rate)
        self._key = runtime.key(f"{rule.name}.clock")
        time = _operational(trigger.rhythms, runtime)
        self._breaks, self._cumulative = time.breaks, time.cumulative
        self._changes = runtime.watch.depend(trigger.rate, rule.behavior.who, self.touched, runtime)

    def start(self, agent: AnyAgent) -> None:
        """Draw a gap from now on."""
        if not self._changes:
            super().start(agent)
            return
        occurrence = self.rule.take_number(agent)
        self._wind(agent, HazardFiring(self._callbacks, agent, occurrence, self.rule.rank(agent, occurrence)))

    def _wind(self, agent: AnyAgent, firing: Firing) -> None:
        f = self._frame
        f.me = agent
        rate = self._rate(f)
        if not -math.inf < rate < math.inf:
            raise no_rate(self.rule.name, rate, self._span)
        now = self._scheduler._now
        time, hazard = next_poisson(
            self._key, agent._identity, firing.occurrence, now, rate, self._breaks, self._cumulative
        )
        if self._changes:
            assert isinstance(firing, HazardFiring)
            firing.hazard, firing.since, firing.rate = hazard, now, rate
        self._pending[agent.id] = firing
        self._scheduler.put(firing, time)

    def touched(self, agent: AnyAgent) -> None:
        """Something that the agent's rate may read was written: move its pending firing if the rate changed."""
        firing = self._pending[agent.id]
        if firing is None:
            return
        f = self._frame
        f.me = agent
        rate = self._rate(f)
        assert isinstance(firing, HazardFiring)
        if rate == firing.rate:
            return
        if not -math.inf < rate < math.inf:
            raise no_rate(self.rule.name, rate, self._span)
        now = self._scheduler.now
        hazard = remaining_hazard(firing.hazard, firing.since, now, firing.rate, self._breaks, self._cumulative)
        time = poisson_time(now, hazard, rate, self._breaks, self._cumulative)
        moved = HazardFiring(self._callbacks, agent, firing.occurrence, firing.rank)
        moved.hazard, moved.since, moved.rate = hazard, now, rate
        self._scheduler.cancel(firing)
        self._pending[agent.id] = moved
        self._scheduler.put_in_turn(moved, time)


def make_clock(rule: Rule, runtime: Runtime) -> Clock:
    """The clock of a behavior with ``rate`` or ``every``."""
    trigger = rule.behavior.trigger
    if isinstance(trigger, RateTrigger):
        return RateClock(rule, trigger, runtime)
    assert isinstance(trigger, EveryTrigger)
    return RenewalClock(rule, trigger, runtime)


def _operational(names: tuple[str, ...], runtime: Runtime) -> OperationalTime:
    rhythms = [runtime.model.rhythms[name] for name in names]
    return operational_time(rhythms, runtime.calendar, runtime.model.clock.length)
