"""The plan: what a run will do, found from the typed rules before it starts."""

from bustle.sim.plan.coupling import Coupling, coupling_of
from bustle.sim.plan.plan import Plan, plan_of
from bustle.sim.plan.schedule import Schedule, legal_schedules

__all__ = ["Coupling", "Plan", "Schedule", "coupling_of", "legal_schedules", "plan_of"]
