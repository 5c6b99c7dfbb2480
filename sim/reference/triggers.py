"""What starts behaviors that have no clock: instants, events, conditions and states."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import AtTrigger, EntersTrigger, OnTrigger, WhenTrigger
from bustle.sim.reference.emission import Row
from bustle.sim.reference.frame import Frame
from bustle.sim.reference.rules import Rule
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scheduler import Firing
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.society import ALIVE, AnyAgent
from bustle.sim.repetitions import repeated_purposes

_ROW_KEYS = 3


class AtInstants:
    """``at``: an agent's instants are fixed at the start, or when it is made.

    Each is put on the queue when the one before it has fired. Equal instants of one agent count once.
    """

    def __init__(self, rule: Rule, trigger: AtTrigger, runtime: Runtime) -> None:
        self._rule = rule
        self._runtime = runtime
        calendar = runtime.calendar
        self._moments = sorted({t for moment in trigger.moments for t in calendar.moments(moment)})
        scope = Scope(runtime, repeated_purposes((), trigger.instants))
        self._instants = [(scope.compile(instant), instant.span) for instant in trigger.instants]
        who = rule.behavior.who
        if who is not None:
            runtime.watch.born.setdefault(who, []).append(lambda agent: self._begin(agent, runtime.scheduler.now + 1))

    def start_all(self) -> None:
        """Put everybody's first instant on the queue, at the start of the run."""
        for agent in self._runtime.agents_of(self._rule.behavior.who):
            self._begin(agent, 0)

    def _begin(self, agent: AnyAgent, earliest: int) -> None:
        instants: Sequence[int] = self._moments
        if self._instants:
            f = Frame(agent, agent._identity)
            own = [instant(f) for instant, _ in self._instants]
            instants = sorted({*self._moments, *(t for t in own if t is not None)})
        self._next(agent, instants, bisect_right(instants, earliest - 1))

    def _next(self, agent: AnyAgent, instants: Sequence[int], place: int) -> None:
        if place < len(instants) and instants[place] < self._runtime.scheduler.length:
            rule = self._rule
            occurrence = rule.take_number(agent)
            firing = Firing((self._fire,), agent, occurrence, rule.rank(agent, occurrence), ((), None))
            firing.payload = ((), None, instants, place)
            self._runtime.scheduler.put(firing, instants[place])

    def _fire(self, firing: Firing) -> None:
        agent = firing.agent
        if agent._retired != ALIVE:
            return
        arguments, row, instants, place = firing.payload
        firing.payload = (arguments, row)
        self._rule.fire(firing)
        if agent._retired == ALIVE:
            self._next(agent, instants, place + 1)


class OnEvent:
    """``on EVENT as role``: fires one microsecond after each emission, for the agent in the role."""

    def __init__(self, rule: Rule, trigger: OnTrigger, runtime: Runtime) -> None:
        self._rule = rule
        self._runtime = runtime
        outlet = runtime.outlets[trigger.event]
        self._place = None if trigger.role is None else _ROW_KEYS + outlet.fields.index(trigger.role)
        outlet.listeners.append(self._emitted)

    def _emitted(self, row: Row) -> None:
        later = row[0] + 1
        if self._place is not None:
            agent = row[self._place]
            if agent is not None:
                self._rule.schedule(agent, later, row=row)
            return
        for agent in self._runtime.agents_of(self._rule.behavior.who):
            self._rule.schedule(agent, later, row=row)


class WhenTrue:
    """``when``: fires one microsecond after the condition has turned from false to true."""

    def __init__(self, rule: Rule, trigger: WhenTrigger, runtime: Runtime) -> None:
        self._rule = rule
        self._runtime = runtime
        self._condition = Scope(runtime).compile(trigger.condition)
        self._frame = Frame()
        self._known: list[bool] = []
        self._started = False
        who = rule.behavior.who
        if who is not None:
            runtime.watch.born.setdefault(who, []).append(self._born)
        runtime.watch.depend(trigger.condition, who, self._touched, runtime)

    def start_all(self) -> None:
        """Note what is true at the start: it is known, so it does not fire."""
        self._known = [self._holds(agent) for agent in self._runtime.agents_of(self._rule.behavior.who)]
        self._started = True

    def _holds(self, agent: AnyAgent) -> bool:
        f = self._frame
        f.me, f.identity = agent, agent._identity
        return bool(self._condition(f))

    def _born(self, agent: AnyAgent) -> None:
        self._known.append(self._holds(agent))

    def _touched(self, agent: AnyAgent) -> None:
        if not self._started or agent._retired != ALIVE:
            return
        holds = self._holds(agent)
        if holds != self._known[agent.id]:
            self._known[agent.id] = holds
            if holds:
                self._rule.schedule(agent, self._runtime.scheduler.now + 1)


class EntersState:
    """``enters``: fires one microsecond after the agent has entered a state."""

    def __init__(self, rule: Rule, trigger: EntersTrigger, runtime: Runtime) -> None:
        self._rule = rule
        self._scheduler = runtime.scheduler
        if rule.behavior.who is None:
            raise RunError(f"`{rule.name}` is a behavior of the world, which has no states")
        entering = runtime.transitions[rule.behavior.who].entering
        for state in trigger.states:
            entering.setdefault(state, []).append(self._entered)

    def _entered(self, agent: AnyAgent) -> None:
        self._rule.schedule(agent, self._scheduler.now + 1)
