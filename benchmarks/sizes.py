"""How much the measurements of the compiled engine do: the sizes that goals speak of, and tiny ones for tests."""

from __future__ import annotations

from dataclasses import dataclass

CARDHOLDERS = 3_000
"""Cardholders of ``card_fraud`` at scale 1."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is run.

    Attributes:
        repeat: how often cheap measurements are taken.
        repeat_long: the same of those that take many seconds.
        handbook_length: simulated time of ``handbook_fraud``; all of it if None.
        many: cardholders of ``card_fraud`` in the large runs.
        some: cardholders in the middle ones.
        growth: cardholders to compare costs at.
        days: of the large runs.
        long_days: of the run that shows whether memory stays flat; none if None.
        reference_days: of the run beside the reference engine.
        workers_days: of the runs with one and more workers: of ``walkers`` and of ``card_fraud``.
        draws: of a bare loop.
        memory_megabytes: how much memory is read to measure it.
    """

    repeat: int
    repeat_long: int
    handbook_length: str | None
    many: int
    some: int
    growth: tuple[int, ...]
    days: int
    long_days: int | None
    reference_days: int
    workers_days: tuple[int, int]
    draws: int
    memory_megabytes: int


USUAL = Sizes(
    repeat=5,
    repeat_long=2,
    handbook_length=None,
    many=1_000_000,
    some=100_000,
    growth=(10_000, 100_000, 1_000_000),
    days=9,
    long_days=None,
    reference_days=10,
    workers_days=(30, 30),
    draws=40_000_000,
    memory_megabytes=256,
)
"""The sizes that the goals speak of."""

QUICK = Sizes(
    repeat=1,
    repeat_long=1,
    handbook_length="5 days",
    many=3_000,
    some=1_000,
    growth=(300, 1_000, 3_000),
    days=2,
    long_days=4,
    reference_days=2,
    workers_days=(1, 2),
    draws=1_000_000,
    memory_megabytes=32,
)
"""Sizes at which everything is tried and nothing is judged."""


def scale_of(cardholders: int) -> float:
    """The scale of ``card_fraud`` that gives so many cardholders."""
    return round(cardholders / CARDHOLDERS, 6)
