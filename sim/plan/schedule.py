"""Which schedules are legal for a scenario, and which one is worth while."""

from __future__ import annotations

from typing import Literal

from bustle.sim.plan.coupling import Coupling

Schedule = Literal["windows", "global"]
"""``windows``: independent agents advance one by one within a stretch of time, and their rows are sorted afterwards.
``global``: everything happens in one order."""

MOST_SWEEPS = 0.25
"""Islands that barriers may look at, for each firing of an island, before windows do not pay."""


def legal_schedules(coupling: Coupling) -> tuple[Schedule, ...]:
    """The schedules that give the right log; the usual choice first."""
    return ("windows", "global") if coupling.islands else ("global",)


def best_schedule(coupling: Coupling, *, islands: float, firings: float, barriers: float) -> tuple[Schedule, str]:
    """The schedule to use, and why.

    Args:
        coupling: how agents depend on each other.
        islands: how many agents are islands.
        firings: expected firings of islands; NaN or 0 where unknown.
        barriers: expected firings of barriers.
    """
    if not coupling.islands:
        return "global", "no agents advance on their own"
    if barriers and firings and barriers * islands * 0.01 > MOST_SWEEPS * firings:
        return "global", f"{barriers:,.0f} barriers would stop {islands:,.0f} agents more often than they act"
    return "windows", f"{', '.join(sorted(coupling.islands))}: agents that advance on their own"
