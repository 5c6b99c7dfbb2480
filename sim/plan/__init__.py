"""The plan: what a run will do, found from the typed rules before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bustle.sim.facts import Facts
from bustle.sim.plan.coupling import Coupling, coupling_of

if TYPE_CHECKING:
    from bustle.agents.build import World
    from bustle.scenarios.model import Model


@dataclass(frozen=True, slots=True)
class Plan:
    schedules: tuple[str, ...]
    schedule: str
    coupling: Coupling


def plan_of(model: Model, world: World) -> Plan:
    coupling = coupling_of(model, Facts(model))
    schedules = ("windows", "global") if coupling.islands else ("global",)
    return Plan(schedules, schedules[0], coupling)
