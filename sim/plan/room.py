"""Is there room for a run? Asked before anything large is made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bustle.agents.limits import memory_of_machine
from bustle.agents.making import WorldMaker
from bustle.scenarios.diagnostics import RunError
from bustle.sim.plan.amounts import Amount, total
from bustle.sim.plan.estimate import compiled_memory

if TYPE_CHECKING:
    from bustle.scenarios.model import Model
    from bustle.sim.plan.estimate import Estimate


def require_memory(model: Model) -> None:
    """Refuse a run whose agents do not fit into the machine's memory on any engine; networks come on top.

    Raises:
        RunError: the agents would need more memory than there is.
    """
    sizes = WorldMaker(model, model.seed)
    require_bytes(compiled_memory(model, {name: sizes.size(name) for name in model.populations}, 0), "for its agents")


def require_bytes(needed: float, what: str) -> None:
    """Refuse a run that needs more memory than the machine has.

    Args:
        needed: bytes.
        what: for the message.

    Raises:
        RunError: there is less.
    """
    there = memory_of_machine()
    if needed > there:
        raise RunError(
            f"the run would need about {needed / 2**30:,.1f} GiB of memory {what}; "
            f"this machine has {there / 2**30:,.1f} GiB (try a smaller --scale)"
        )


def spool_size(model: Model, found: Estimate) -> Amount:
    """Bytes of the spool that a run with checkpoints keeps until it has ended: every row, not compressed."""
    columns = {name: 5 + len(event.fields) for name, event in model.events.items()}
    return total(found.events[name] * (8.0 * columns[name]) for name in columns)


def require_disk(disk: Amount, folder: Path) -> None:
    """Refuse a run that surely writes more than fits beside ``folder``.

    An estimate that may be too high does not refuse a run: a disk that is full after all ends it cleanly.

    Args:
        disk: bytes that the log and the tables are expected to take.
        folder: the run's folder, or the one it will be in.

    Raises:
        RunError: more is needed than is free.
    """
    free = shutil.disk_usage(folder).free
    if disk.kind in ("expected", "at least") and disk.number > free:
        raise RunError(
            f"the run would write about {disk.number / 2**30:,.1f} GiB; "
            f"{free / 2**30:,.1f} GiB are free (try a smaller --scale or --length)"
        )
