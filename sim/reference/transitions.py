"""How agents change state, and what that starts and stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bustle.scenarios.diagnostics import Span
from bustle.sim.problems import no_move
from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.society import ALIVE, AnyAgent

if TYPE_CHECKING:
    from bustle.sim.reference.clocks import Clock


class Transitions:
    """The moves of one population.

    Attributes:
        entering: called with an agent that has entered a state, by state code.
    """

    def __init__(self, population: str, runtime: Runtime) -> None:
        declared = runtime.model.populations[population]
        self._population = population
        self._states = declared.states
        self._moves = declared.moves
        self._clocks: list[Clock] = []
        self.entering: dict[int, list[Callable[[AnyAgent], None]]] = {}
        self._put = runtime.society.setter(population, "state")
        self._hooks = runtime.watch.hooks_of(population, "state")
        self._effects: dict[tuple[int, int], tuple[tuple[Clock, ...], tuple[Clock, ...]]] = {}

    def add_clock(self, clock: Clock) -> None:
        """A clock of the population that runs in some states only."""
        self._clocks.append(clock)

    def become(self, agent: AnyAgent, state: int, span: Span | None) -> None:
        """Bring an agent into ``state``: clocks of the state left stop, those of the one entered start.

        Raises:
            RunError: The move is not among the allowed ones.
        """
        former = agent.state
        if (former, state) not in self._moves:
            if former == state:
                return
            states = self._states
            raise no_move(self._population, agent.id, states[former], states[state], span)
        self._put(agent, state)
        if agent._retired == ALIVE:
            effects = self._effects.get((former, state))
            if effects is None:
                effects = self._effects[former, state] = self._effects_of(former, state)
            for clock in effects[0]:
                clock.drop(agent)
            for clock in effects[1]:
                clock.start(agent)
            for entered in self.entering.get(state, ()):
                entered(agent)
        if former != state:
            for hook in self._hooks:
                hook(agent, former)

    def _effects_of(self, former: int, state: int) -> tuple[tuple[Clock, ...], tuple[Clock, ...]]:
        def runs(clock: Clock, in_state: int) -> bool:
            return clock.states is None or in_state in clock.states

        stop = tuple(clock for clock in self._clocks if runs(clock, former) and not runs(clock, state))
        start = tuple(clock for clock in self._clocks if runs(clock, state) and not runs(clock, former))
        return stop, start
