"""Event logs on the clock of a SimPy environment or a Mesa model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypedDict, Unpack

from bustle.outputs.attach.declare import span_of
from bustle.outputs.attach.event_log import EventLog
from bustle.outputs.attach.mesa_agents import Attributes, MesaAgents


class LogOptions(TypedDict, total=False):
    """What `EventLog` takes besides the clock; see there."""

    start: str | date
    timezone: str | None
    name: str
    title: str
    about: str
    seed: int
    formats: Sequence[str]
    force: bool


def record_simpy(
    env: Any,
    folder: Path | str,
    events: Mapping[str, Mapping[str, str]],
    *,
    unit: str | timedelta,
    **options: Unpack[LogOptions],
) -> EventLog:
    """An event log on the clock of a SimPy environment.

        >>> import simpy, tempfile
        >>> env = simpy.Environment()
        >>> def bell(log):
        ...     for _ in range(3):
        ...         yield env.timeout(15)
        ...         log.emit("ring")
        >>> with tempfile.TemporaryDirectory() as out:
        ...     with record_simpy(env, out, {"ring": {}}, unit="minutes") as log:
        ...         _ = env.process(bell(log))
        ...         env.run()

    Args:
        env: the environment; anything with a number ``now`` will do.
        folder: the folder to write.
        events: fields and types by event; see `EventLog`.
        unit: what one unit of ``env.now`` is: ``"minutes"``, ``"15 seconds"``. Numbers given for fields of type
            duration or instant count the same unit.
        options: further arguments of `EventLog`.

    Raises:
        TypeError: ``env`` has no clock.
        ValueError, FolderOccupied: as `EventLog`.
    """
    if not hasattr(env, "now"):
        raise TypeError(f"{type(env).__name__} is no SimPy environment: it has no `now`")
    return EventLog(folder, events, unit=unit, clock=lambda: env.now, **options)


def record_mesa(
    model: Any,
    folder: Path | str,
    events: Mapping[str, Mapping[str, str]],
    *,
    step: str | timedelta,
    agents: Attributes | None = None,
    clock: Callable[[], float] | None = None,
    **options: Unpack[LogOptions],
) -> EventLog:
    """An event log on the steps of a Mesa model, and tables of its agents.

    What happens in the first step stands at the start, what happens in the second one step later, and so on. Agents
    that come and go are followed; a table of a class has the attributes at the end, or as they were on removal.

        >>> import mesa, tempfile
        >>> class Sheep(mesa.Agent):
        ...     energy = 3.5
        >>> class Farm(mesa.Model):
        ...     def step(self):
        ...         self.log.emit("graze", sheep=self.agents[0])
        >>> farm = Farm()
        >>> _ = Sheep.create_agents(farm, 2)
        >>> with tempfile.TemporaryDirectory() as out:
        ...     events, agents = {"graze": {"sheep": "Sheep"}}, {"Sheep": ["energy"]}
        ...     with record_mesa(farm, out, events, step="1 day", agents=agents) as farm.log:
        ...         farm.step()

    Args:
        model: the model (Mesa 3.0 or newer).
        folder: the folder to write.
        events: fields and types by event; see `EventLog`. The name of a class in ``agents`` is a type: its fields
            take agents, or None.
        step: what a step stands for: ``"1 day"``.
        agents: attributes to record by class name, as a list, or with types: ``{"Wolf": {"energy": "number"}}``.
        clock: the current time in steps, for models with a clock of their own (``lambda: simulator.time``).
        options: further arguments of `EventLog`.

    Raises:
        TypeError: ``model`` is no Mesa model.
        ValueError: an attribute does not exist or its type cannot be seen; or as `EventLog`.
        FolderOccupied: as `EventLog`.
    """
    length = span_of(step, "step")
    now = clock or (lambda: max(0, model.steps - 1))
    roster = MesaAgents(model, agents or {}, lambda: round(now() * length))
    try:
        reached = clock or (lambda: model.steps)
        return EventLog(folder, events, unit=step, clock=now, end=reached, roster=roster, **options)
    except BaseException:
        roster.detach()
        raise
