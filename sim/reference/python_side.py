"""What agents written in Python reach of the run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from bustle.agents.randomness import INVALID
from bustle.scenarios.diagnostics import RunError, suggest
from bustle.scenarios.distributions import DISTRIBUTIONS, FORMS, Form
from bustle.sim.order import rank
from bustle.sim.problems import bad_arguments
from bustle.sim.reference.draws import running_sum
from bustle.sim.reference.python_values import held_value
from bustle.sim.reference.scheduler import AgentProcess
from bustle.sim.reference.single_draws import episode_id, sampler, uniform01
from bustle.sim.reference.society import ALIVE, AnyAgent, attribute_names, slot_name
from bustle.sim.reference.statements import whole_delay
from bustle.sim.reference.writing import attribute_writer

if TYPE_CHECKING:
    from bustle.sim.python_agents import PythonAgent
    from bustle.sim.reference.runtime import Runtime

_Item = TypeVar("_Item")


class PythonSide:
    """Draws, events, behaviors and attributes for agents written in Python."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.scheduler = runtime.scheduler
        self._codes = {
            name: len(runtime.model.behaviors) + place for place, name in enumerate(runtime.python_populations)
        }
        self._counts: dict[tuple[AnyAgent, str], int] = {}
        self._processes: dict[AnyAgent, AgentProcess] = {}
        self._attributes = {
            (population.name, slot_name(name)): name
            for population in runtime.model.populations.values()
            for name in attribute_names(population)
        }
        self._writers: dict[tuple[str, str], Any] = {}
        for name in runtime.python_populations:
            runtime.watch.retired.setdefault(name, []).append(self._end)

    # --- their lives --------------------------------------------------------------

    def begin(self, agent: PythonAgent) -> None:
        """Call ``__init__`` and start ``process``, now."""
        scheduler = self.scheduler
        scheduler.acting = agent
        scheduler.rank = rank(agent._position, agent.id, len(self._runtime.model.behaviors), 0)
        try:
            type(agent).__init__(agent, self._runtime.society)
            generator = agent.process() if hasattr(agent, "process") else None
        except RunError:
            raise
        except Exception as error:
            raise failure(agent, error) from error
        if generator is not None:
            self._processes[agent] = AgentProcess(scheduler, generator, scheduler.rank, agent)

    def _end(self, agent: PythonAgent) -> None:
        """End the process of an agent that retires, unless it is the one that runs."""
        process = self._processes.pop(agent, None)
        if process is None or not process.is_alive or process is self.scheduler.active_process:
            return
        waiting = process.target.callbacks
        if waiting is not None and process._resume in waiting:
            waiting.remove(process._resume)
        process._generator.close()

    def assign(self, agent: AnyAgent, name: str, value: Any) -> None:
        """Write an attribute from Python code, telling those whose rates or conditions read it."""
        attribute = self._attributes.get((agent._population, name))
        if attribute is None:
            object.__setattr__(agent, name, value)
            return
        if attribute == "state":
            raise RunError('a state is not assigned: call become("...")')
        key = (agent._population, attribute)
        if key not in self._writers:
            self._writers[key] = attribute_writer(*key, self._runtime)
        self._writers[key](agent, value)

    def become(self, agent: AnyAgent, state: str) -> None:
        """Bring an agent into a state, by name."""
        states = self._runtime.model.populations[agent._population].states
        if state not in states:
            raise TypeError(f"`{agent._population}` has no state `{state}` {suggest(state, states)}".strip())
        self._runtime.transitions[agent._population].become(agent, states.index(state), None)

    def neighbours(self, agent: AnyAgent, network: str) -> list[AnyAgent]:
        """The neighbours that have not retired."""
        if network not in self._runtime.model.networks:
            raise TypeError(f"there is no network `{network}` {suggest(network, self._runtime.model.networks)}".strip())
        return [other for other in self._runtime.neighbours(network).of(agent) if other._retired == ALIVE]

    # --- draws --------------------------------------------------------------------

    def draw(self, agent: AnyAgent, name: str, distribution: str, parameters: Mapping[str, float]) -> float:
        """A keyed draw; see `bustle.sim.python_agents.PythonAgent.draw`."""
        form = _form(distribution, parameters)
        values = [float(parameters.get(p.name, p.default if p.default is not None else 0.0)) for p in form.parameters]
        value = sampler(form.name)(*self._address(agent, name), *values)
        if value != value or value == INVALID:
            raise bad_arguments(form.name, values, None)
        return bool(value) if FORMS[form.name].result == "bool" else value

    def pick(self, agent: AnyAgent, name: str, items: Sequence[_Item], weights: Sequence[float] | None) -> _Item | None:
        """A keyed choice; see `bustle.sim.python_agents.PythonAgent.pick`."""
        if not items:
            return None
        u = uniform01(*self._address(agent, name))
        if weights is None:
            return items[int(u * len(items))]
        if len(weights) != len(items):
            raise TypeError(f"{len(items)} items need {len(items)} weights, not {len(weights)}")
        sums = running_sum(weights)
        if not sums[-1] > 0:
            return None
        return items[min(bisect_right(sums, u * sums[-1]), bisect_left(sums, sums[-1]))]

    def episode(self, agent: AnyAgent, name: str) -> int:
        """A fresh identifier of an episode."""
        return episode_id(*self._address(agent, name))

    def _address(self, agent: AnyAgent, name: str) -> tuple[int, int, int, int]:
        """Key, identity, running count and repetition of the agent's next draw with ``name``."""
        count = self._counts.get((agent, name), 0)
        self._counts[agent, name] = count + 1
        return self._runtime.key(f"{agent._population}.python.{name}"), agent._identity, count, 0

    # --- events and behaviors -------------------------------------------------------

    def emit(self, agent: AnyAgent, event: str, fields: Mapping[str, Any]) -> None:
        """Emit a declared event; the occurrence is the running number of the agent's emissions."""
        runtime = self._runtime
        outlet = runtime.outlets.get(event)
        if outlet is None:
            raise TypeError(f"there is no event `{event}` {suggest(event, runtime.outlets)}".strip())
        declared = [field for field in runtime.model.events[event].fields if field.captured is None]
        names = [field.name for field in declared]
        for name in fields:
            if name not in names:
                raise TypeError(f"event `{event}` has no field `{name}` {suggest(name, names)}".strip())
        missing = [name for name in names if name not in fields]
        if missing:
            raise TypeError(f"event `{event}` needs a value for {', '.join(f'`{name}`' for name in missing)}")
        values = [held_value(fields[field.name], field.type, f"{event}.{field.name}") for field in declared]
        count = self._counts.get((agent, ""), 0)
        self._counts[agent, ""] = count + 1
        outlet.emit(self._codes[agent._population], agent, count, 0, values)

    def schedule(self, behavior: str, agent: AnyAgent, delay: float, arguments: Mapping[str, Any]) -> None:
        """Call a declared behavior later; see `bustle.sim.python_agents.PythonAgent.schedule`."""
        rules = self._runtime.rules
        rule = rules.get(behavior)
        if rule is None:
            raise TypeError(f"there is no behavior `{behavior}` {suggest(behavior, rules)}".strip())
        who = rule.behavior.who
        if who is None:
            agent = self._runtime.society.world
        elif agent._population != who:
            raise TypeError(f"`{behavior}` is a behavior of `{who}`, not of `{agent._population}`")
        declared = dict(rule.behavior.arguments)
        if set(declared) != set(arguments):
            raise TypeError(f"`{behavior}` takes the arguments ({', '.join(declared)}), not ({', '.join(arguments)})")
        values = tuple(held_value(arguments[name], type_, f"{behavior}.{name}") for name, type_ in declared.items())
        rule.call(agent, self.scheduler.now + whole_delay(delay, None), values)


def _form(distribution: str, parameters: Mapping[str, float]) -> Form:
    """The form of a distribution that takes these parameters."""
    forms = DISTRIBUTIONS.get(distribution)
    if forms is None:
        raise TypeError(f"there is no distribution `{distribution}` {suggest(distribution, DISTRIBUTIONS)}".strip())
    for form in forms:
        names = {parameter.name for parameter in form.parameters}
        needed = {parameter.name for parameter in form.parameters if parameter.default is None}
        if needed <= set(parameters) <= names:
            return form
    ways = " or ".join(f"({', '.join(p.name for p in form.parameters)})" for form in forms)
    raise TypeError(f"{distribution} takes {ways}, not ({', '.join(parameters)})")


def failure(agent: AnyAgent, error: BaseException) -> RunError:
    """The error of Python code that failed, in one line; the cause keeps the traceback."""
    return RunError(f"{agent._population} {agent.id}, written in Python, failed: {type(error).__name__}: {error}")
