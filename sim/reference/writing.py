"""Writing attributes, globals and parameters, and telling those concerned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bustle.sim.reference.runtime import Runtime
from bustle.sim.reference.society import AnyAgent, slot_name


def attribute_writer(population: str, name: str, runtime: Runtime) -> Callable[[AnyAgent, Any], None]:
    """What writes an attribute. A value that is there already changes nothing, so nobody is told."""
    put = runtime.society.setter(population, slot_name(name))
    get = runtime.society.getter(population, name)
    hooks = runtime.watch.hooks_of(population, name)

    def write(agent: AnyAgent, value: Any) -> None:
        if not hooks:
            put(agent, value)
            return
        former = get(agent)
        put(agent, value)
        if former is not value and former != value:
            for hook in hooks:
                hook(agent, former)

    return write


def global_writer(name: str, runtime: Runtime) -> Callable[[Any], None]:
    """What writes a global."""
    values, hooks = runtime.globals, runtime.watch.globals.setdefault(name, [])

    def write(value: Any) -> None:
        former = values[name]
        values[name] = value
        if former != value:
            for hook in hooks:
                hook()

    return write


def set_parameters(values: dict[str, Any], runtime: Runtime) -> None:
    """Give parameters new values; all stand before anybody is told."""
    changed = [name for name, value in values.items() if runtime.values[name] != value]
    runtime.values.update(values)
    for name in changed:
        for hook in runtime.watch.parameters.get(name, ()):
            hook()
