"""Sizes that are refused before anything is allocated."""

from __future__ import annotations

import os

from bustle.agents.population import held_dtype
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.model import Network, Population

MAX_EDGES = 2**28
"""Most edges of one network, both directions counted: 1 GiB of targets."""

MAX_AGENTS = 2**31 - 1
"""Most agents of one population."""


def column_bytes(population: Population) -> int:
    """Bytes per agent of a population's columns."""
    attributes = sum(held_dtype(attribute.type).itemsize for attribute in population.attributes)
    return attributes + 8 * len(population.links) + (4 if population.states else 0)


def memory_of_machine() -> int:
    """Bytes of physical memory; 2^63 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**63


def require_memory(population: Population, size: int) -> None:
    """Refuse a population that cannot be held.

    Raises:
        RunError: There are more than `MAX_AGENTS` agents, or their columns need more than the machine's memory.
    """
    span = None if population.size is None else population.size.span
    if size > MAX_AGENTS:
        raise RunError(f"`{population.name}` would have {size:,} agents; at most {MAX_AGENTS:,} are possible", span)
    needed, there = size * max(8, column_bytes(population)), memory_of_machine()
    if needed > there:
        raise RunError(
            f"`{population.name}` would need {needed / 2**30:,.1f} GiB for {size:,} agents; "
            f"this machine has {there / 2**30:,.1f} GiB (try a smaller --scale)",
            span,
        )


def require_edges(network: Network, edges: float, span: Span | None = None) -> None:
    """Refuse a network that is too large.

    Raises:
        RunError: There would be more than `MAX_EDGES` edges.
    """
    if edges > MAX_EDGES:
        raise RunError(
            f"network `{network.name}` would have {edges:,.0f} edges; at most {MAX_EDGES:,} are possible", span
        )
