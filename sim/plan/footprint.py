"""Memory and disk that a run needs, from sizes measured once.

Disk: bytes of a value in a Parquet file compressed with zstd, measured on the logs and tables of ``card_fraud`` and
``handbook_fraud``: sorted instants take 5.7 bytes and other numbers nearly all of their 8; an index takes
its information and little more; labels and constant columns take next to nothing. Memory: the growth of the
process when the reference engine makes the agents of shipped scenarios (Python objects) and starts their clocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from bustle.agents.limits import column_bytes
from bustle.scenarios.model import Population
from bustle.scenarios.types import Agent, Bool, Category, Episode, Instant, Quantity, State, Text, Type

FILE_BYTES = 3_000
"""Schema and footer of a Parquet file."""

KEY_BYTES = 1.2
"""The behavior, occurrence and index of an event, together."""

FEATURE_TRAIL_BYTES = 60
"""A row of a table with features in the temporary files in which it waits until it has left every window: its time (8),
up to five columns of ids or amounts (4 or 8 each), and a label on its way (some 22)."""

ENGINE_BYTES = 360_000_000
"""The process itself: Python with the libraries a run needs."""

AGENT_BYTES = 150
"""An agent of the reference engine without attributes."""

ATTRIBUTE_BYTES = 48
"""An attribute of an agent: a reference and a number."""

CLOCK_BYTES = 300
"""A clock of an agent with its next firing."""

NEIGHBOUR_BYTES = 20
"""A neighbour in a network, in arrays and in lists of agents."""


def value_bytes(type_: Type, sizes: Mapping[str, int]) -> float:
    """Bytes of one value of ``type_`` on disk; ``sizes`` are those of the populations."""
    match type_:
        case Instant():
            return 5.7
        case Agent():
            return 0.2 + math.log2(max(2, sizes.get(type_.population, 2))) / 8
        case Category() | State():
            return 0.05 + math.log2(max(1, len(type_.levels))) / 8
        case Bool():
            return 0.1
        case Episode():
            return 0.5
        case Text():
            return 8.0
        case Quantity():
            return 3.0 if type_.is_money else 1.0 if type_.is_plain and type_.whole else 7.6
    return 8.0


def row_bytes(types: Iterable[Type], sizes: Mapping[str, int]) -> float:
    """Bytes of a row of columns of these types on disk."""
    return sum(value_bytes(type_, sizes) for type_ in types)


COMPILED_BYTES = 420_000_000
"""The process of the compiled engine, with the buffers of a window."""

COMPILED_EDGE_BYTES = 17
"""A neighbour in a network: its number, and the running sum of weights."""


def compiled_agent_memory(population: Population, behaviors: int, clocks: int) -> int:
    """Bytes of one agent in memory while the compiled engine runs.

    Args:
        population: whose agent it is.
        behaviors: how many behaviors the population has.
        clocks: how many of them have a clock.
    """
    return column_bytes(population) + 8 * (2 + behaviors + 3 * clocks)


def agent_memory(population: Population, clocks: float) -> float:
    """Bytes of one agent in memory while the reference engine runs; ``clocks`` is its mean number of running clocks."""
    attributes = len(population.attributes) + len(population.links) + bool(population.states)
    return AGENT_BYTES + ATTRIBUTE_BYTES * attributes + CLOCK_BYTES * clocks
