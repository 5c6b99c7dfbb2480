"""Agents written in Python: Mesa agents with a SimPy process, in the same run as declared ones.

A population with ``class: module.Class`` is made of such agents. Attributes of the scenario stand on each agent in held
form (durations in microseconds, money in cents, categories as codes, links as agents) before ``__init__`` is called.

    class Shop(PythonAgent):
        def __init__(self, model):
            super().__init__(model)
            self.clerks = simpy.Resource(self.env, capacity=2)

        def process(self):
            while True:
                yield self.after(minutes=self.draw("gap", "exponential", mean=4))
                self.env.process(self.serve())

        def serve(self):
            with self.clerks.request() as turn:
                yield turn
                yield self.after(self.draw("service", "gamma", mean=minutes(3), shape=2))
                self.emit("sale", shop=self, amount=self.draw("amount", "lognormal", median=12.5, sigma=0.6))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import mesa
import simpy

from bustle.scenarios.types import MICROSECONDS

if TYPE_CHECKING:
    from bustle.sim.reference.python_side import PythonSide
    from bustle.sim.reference.scheduler import Scheduler
    from bustle.sim.reference.society import Society

_Item = TypeVar("_Item")


def seconds(number: float) -> float:
    """``number`` seconds in microseconds, the unit of time of a run."""
    return number * MICROSECONDS["second"]


def minutes(number: float) -> float:
    """``number`` minutes in microseconds.

    >>> minutes(3)
    180000000
    """
    return number * MICROSECONDS["minute"]


def hours(number: float) -> float:
    """``number`` hours in microseconds."""
    return number * MICROSECONDS["hour"]


def days(number: float) -> float:
    """``number`` days in microseconds."""
    return number * MICROSECONDS["day"]


class PythonAgent(mesa.Agent):  # type: ignore[misc]
    """What a class named by a scenario's population inherits.

    A method ``process`` that is a generator is started as a SimPy process at time 0, or when the agent is spawned.

    Attributes:
        model: the `bustle.sim.reference.society.Society` of the run, a Mesa model.
        id: index in its population.
    """

    model: Society
    pos = None
    id: int
    _population: str
    _position: int
    _identity: int
    _born: int
    _retired: int

    def __init__(self, model: Society) -> None:
        """Called once the agent stands in the model with its attributes; extend it for what else it holds."""

    @property
    def unique_id(self) -> int:
        """A number from 1 that no other agent of the run has."""
        return 1 + self._position + self.id * len(self.model.populations)

    @property
    def env(self) -> Scheduler:
        """The SimPy environment of the run; its unit of time is the microsecond."""
        return self._side.scheduler

    @property
    def _side(self) -> PythonSide:
        return self.model.side

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; declared agents whose rates or conditions read it take notice."""
        self._side.assign(self, name, value)

    # --- time ---------------------------------------------------------------------

    def after(
        self,
        microseconds: float = 0,
        *,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
    ) -> simpy.events.Timeout:
        """A SimPy timeout: ``yield self.after(minutes=3)``. The parts add up, rounded half to even to microseconds."""
        parts = ((seconds, "second"), (minutes, "minute"), (hours, "hour"), (days, "day"))
        return self.env.timeout(microseconds + sum(number * MICROSECONDS[unit] for number, unit in parts))

    # --- randomness ---------------------------------------------------------------

    def draw(self, name: str, distribution: str, **parameters: float) -> float:
        """A draw keyed by the population, this agent, ``name`` and how often this agent has drawn with that name.

        Args:
            name: of what is drawn; draws with other names do not change it.
            distribution: as in the scenario language, such as ``lognormal``.
            parameters: as in the scenario language, as plain numbers; the result is in their unit.

        Returns:
            A float; an int for counts, a bool for ``bernoulli``.

        Raises:
            TypeError: the distribution has no such parameters.
            RunError: the distribution does not allow these values.
        """
        return self._side.draw(self, name, distribution, parameters)

    def pick(
        self, items: Sequence[_Item], *, name: str = "pick", weights: Sequence[float] | None = None
    ) -> _Item | None:
        """One of ``items``, keyed like `draw`; None if there is none, or no weight is above 0."""
        return self._side.pick(self, name, items, weights)

    def episode(self, name: str = "episode") -> int:
        """A fresh identifier of an episode, keyed like `draw`."""
        return self._side.episode(self, name)

    # --- the scenario -------------------------------------------------------------

    def emit(self, event: str, **fields: Any) -> None:
        """Emit an event that the scenario declares.

        Args:
            event: its name.
            fields: a value for every declared field: agents as objects (or None), categories and states by name,
                money as a number in its main unit, durations in microseconds.

        Raises:
            TypeError: the event or a field is unknown, a field is missing, or a value is of another type.
        """
        self._side.emit(self, event, fields)

    def schedule(self, behavior: str, agent: Any = None, *, delay: float = 0, **arguments: Any) -> None:
        """Let ``agent`` (this one if not given) run a declared behavior ``delay`` microseconds from now, at least one.

        Raises:
            TypeError: the behavior is unknown, belongs to another population, or takes other arguments.
        """
        self._side.schedule(behavior, self if agent is None else agent, delay, arguments)

    def become(self, state: str) -> None:
        """Enter a state of the population.

        Raises:
            RunError: the move is not among the allowed ones.
        """
        self._side.become(self, state)

    def neighbours(self, network: str) -> list[Any]:
        """The agents next to this one in ``network`` that have not retired."""
        return self._side.neighbours(self, network)

    def remove(self) -> None:
        """Retire: no pick finds the agent again. A process other than the calling one is ended."""
        self.model.retire(self)
