"""Which clocks and conditions depend on which values, found from what they read."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.scenarios.model import Behavior, Model, RateTrigger, WhenTrigger
from bustle.sim.facts import Facts
from bustle.sim.reads import Path, Read, reads


@dataclass(frozen=True, slots=True)
class Dependent:
    """A behavior whose ``rate`` or ``when`` reads a value; ``path`` leads from the acting agent to the one read."""

    behavior: Behavior
    path: Path


def may_change(read: Read, facts: Facts) -> bool:
    """True if something in a run may change what is read."""
    match read.kind:
        case "parameter":
            return read.name in facts.changing
        case "global":
            return facts.writes_global(read.name) or bool(facts.python_populations)
        case _:
            return facts.writes_attribute(read.population, read.name) or bool(facts.python_populations)


def changing_reads(behavior: Behavior, facts: Facts) -> list[Read]:
    """What the behavior's ``rate`` or ``when`` reads and may change, in a fixed order."""
    match behavior.trigger:
        case RateTrigger(rate=expr) | WhenTrigger(condition=expr):
            return sorted((read for read in reads(expr) if may_change(read, facts)), key=repr)
    return []


def dependents_of(model: Model, facts: Facts) -> dict[tuple[str, ...], list[Dependent]]:
    """Who depends on each value that may change.

    Returns:
        Dependents by ("attribute", population, name), ("global", name) or ("parameter", name).
    """
    found: dict[tuple[str, ...], list[Dependent]] = {}
    for behavior in model.behaviors.values():
        for read in changing_reads(behavior, facts):
            key = ("attribute", read.population, read.name) if read.kind == "attribute" else (read.kind, read.name)
            found.setdefault(key, []).append(Dependent(behavior, read.path))
    return found
