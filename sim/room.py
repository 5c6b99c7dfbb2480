"""Is there room for a run? Asked before anything large is made."""

from __future__ import annotations

import shutil
from pathlib import Path

from bustle.agents.build import World
from bustle.agents.limits import column_bytes, memory_of_machine
from bustle.agents.making import WorldMaker
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Model
from bustle.sim.estimate import estimate
from bustle.sim.footprint import ENGINE_BYTES, agent_memory


def require_memory(model: Model) -> None:
    """Refuse a run whose agents alone do not fit into the machine's memory; clocks and networks come on top.

    Raises:
        RunError: the agents would need more memory than there is.
    """
    sizes = WorldMaker(model, model.seed)
    needed = ENGINE_BYTES + sum(
        sizes.size(name) * (agent_memory(population, clocks=0) + column_bytes(population))
        for name, population in model.populations.items()
    )
    there = memory_of_machine()
    if needed > there:
        raise RunError(
            f"the run would need about {needed / 2**30:,.1f} GiB of memory for its agents; "
            f"this machine has {there / 2**30:,.1f} GiB (try a smaller --scale)"
        )


def require_disk(model: Model, world: World, folder: Path) -> None:
    """Refuse a run that surely writes more than fits beside ``folder``.

    An estimate that may be too high does not refuse a run: a disk that is full after all ends it cleanly.

    Raises:
        RunError: the log and the tables would need more than is free.
    """
    disk = estimate(model, world).disk
    free = shutil.disk_usage(folder).free
    if disk.kind in ("expected", "at least") and disk.number > free:
        raise RunError(
            f"the run would write about {disk.number / 2**30:,.1f} GiB; "
            f"{free / 2**30:,.1f} GiB are free (try a smaller --scale or --length)"
        )
