"""How agents leave a run."""

from __future__ import annotations

from collections.abc import Callable

from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.society import ALIVE, AnyAgent


class Retiring:
    """Retires agents: clocks stop, what is pending is dropped, no pick finds them again."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._put: dict[str, Callable[[AnyAgent, int], None]] = {
            name: runtime.society.setter(name, "_retired") for name in runtime.model.populations
        }

    def retire(self, agent: AnyAgent) -> None:
        """Retire an agent; one that has retired already stays as it is."""
        if agent._retired != ALIVE:
            return
        runtime = self._runtime
        self._put[agent._population](agent, runtime.scheduler.now)
        runtime.society.deregister_agent(agent)
        for left in runtime.watch.retired.get(agent._population, ()):
            left(agent)
