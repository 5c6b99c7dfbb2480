"""A behavior, compiled: its conditions, its body, and the number of its firings by agent."""

from __future__ import annotations

from typing import Any

from bustle.scenarios.model import Behavior, Stop
from bustle.sim.order import AGENT_STEP_BITS, WORLD, rank
from bustle.sim.reads import statements
from bustle.sim.reference.frame import Action, Closure, Frame
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.scheduler import Firing
from bustle.sim.reference.scope import Scope
from bustle.sim.reference.society import ALIVE, AnyAgent
from bustle.sim.repetitions import repeated_purposes


class StopFiring(Exception):
    """Raised by ``stop``: the rest of the rule is not run."""


class Rule:
    """One behavior of the scenario.

    Attributes:
        name: the behavior's name.
        code: its code in the log's ``behavior`` column.
        behavior: as checked.
        states: state codes in which it may run; None if it may in any.
        counters: the number of the next firing, by index of the agent.
    """

    def __init__(self, behavior: Behavior, runtime: Runtime) -> None:
        self.name = behavior.name
        self.code = list(runtime.model.behaviors).index(behavior.name)
        self.behavior = behavior
        self.runtime = runtime
        self.states = runtime.facts.allowed_states(behavior)
        populations = list(runtime.model.populations)
        self._first_rank = rank(
            WORLD if behavior.who is None else populations.index(behavior.who), 0, behavior.order, 0
        )
        self.counters = [0] * len(runtime.agents_of(behavior.who))
        self._callbacks = (self.fire,)
        self._put = runtime.scheduler.put
        self._frame = Frame()
        self._slots = behavior.slots
        self._condition: Closure | None = None
        self._body: tuple[Action, ...] = ()
        self._counted = False
        self._stops = any(isinstance(statement, Stop) for statement in statements(behavior.body))
        self._waiting: dict[AnyAgent, dict[Firing, None]] | None = None
        if behavior.who is not None:
            runtime.watch.born.setdefault(behavior.who, []).append(lambda agent: self.counters.append(0))

    def compile(self) -> None:
        """Compile condition and body; every rule must have been made, since bodies name other rules."""
        from bustle.sim.reference.statements import compile_body

        behavior = self.behavior
        others = () if behavior.condition is None else (behavior.condition,)
        repeated = repeated_purposes(behavior.body, others)
        scope = Scope(self.runtime, repeated)
        self._counted = bool(repeated)
        if behavior.condition is not None:
            self._condition = scope.compile(behavior.condition)
        self._body = compile_body(behavior.body, scope, self)

    # --- firings ----------------------------------------------------------------

    def take_number(self, agent: AnyAgent) -> int:
        """The number of the agent's next firing; each is given once."""
        counters = self.counters
        n: int = counters[agent.id]
        counters[agent.id] = n + 1
        return n

    def rank(self, agent: AnyAgent, occurrence: int) -> int:
        """The firing's place among those of one instant."""
        index: int = agent.id
        return self._first_rank + (index << AGENT_STEP_BITS) + occurrence

    def schedule(self, agent: AnyAgent, time: int, arguments: tuple[Any, ...] = (), row: Any = None) -> None:
        """Let the behavior fire once for ``agent`` at ``time``; a retired agent's does not."""
        if agent._retired != ALIVE:
            return
        counters, index = self.counters, agent.id
        occurrence = counters[index]
        counters[index] = occurrence + 1
        place = self._first_rank + (index << AGENT_STEP_BITS) + occurrence
        self._put(Firing(self._callbacks, agent, occurrence, place, (arguments, row)), time)

    def call(self, agent: AnyAgent, time: int, arguments: tuple[Any, ...]) -> None:
        """`schedule` for ``after``: what ``cancel`` can take back."""
        if self._waiting is None:
            self.schedule(agent, time, arguments)
            return
        if agent._retired != ALIVE:
            return
        occurrence = self.take_number(agent)
        payload = (arguments, None)
        firing = Firing((self._called,), agent, occurrence, self.rank(agent, occurrence), payload)
        self._waiting.setdefault(agent, {})[firing] = None
        self.runtime.scheduler.put(firing, time)

    def make_cancellable(self) -> None:
        """Keep pending ``after`` calls, since some rule may cancel them."""
        if self._waiting is None:
            self._waiting = {}

    def cancel(self, agent: AnyAgent) -> None:
        """Drop the agent's pending ``after`` calls."""
        if self._waiting is not None:
            for firing in self._waiting.pop(agent, ()):
                self.runtime.scheduler.cancel(firing)

    def _called(self, firing: Firing) -> None:
        assert self._waiting is not None
        waiting = self._waiting[firing.agent]
        del waiting[firing]
        if not waiting:
            del self._waiting[firing.agent]
        self.fire(firing)

    def fire(self, firing: Firing) -> None:
        """Run the behavior if its conditions hold: what SimPy calls when the firing's time has come."""
        agent = firing.agent
        if agent._retired != ALIVE or (self.states is not None and agent.state not in self.states):
            return
        arguments, row = firing.payload
        self.run(agent, firing.occurrence, arguments, row)

    def run(self, agent: AnyAgent, occurrence: int, arguments: tuple[Any, ...] = (), row: Any = None) -> None:
        """Check ``if`` and run the body."""
        f = self._frame
        f.me = agent
        f.identity = agent._identity
        f.occurrence = occurrence
        f.emitted = 0
        f.row = row
        f.locals = [*arguments, *[None] * (self._slots - len(arguments))] if arguments else [None] * self._slots
        if self._counted:
            f.counts = {}
        if self._condition is not None and not self._condition(f):
            return
        if self._stops:
            try:
                for statement in self._body:
                    statement(f)
            except StopFiring:
                pass
        else:
            for statement in self._body:
                statement(f)
