"""What the closures of a rule see while one firing runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Frame:
    """The acting agent, the firing, and the local names of a rule.

    Rules never run inside one another, so each rule owns one frame and uses it for all its firings.

    Attributes:
        me: the acting agent; the world for `who: world`.
        identity: what keys the agent's draws.
        occurrence: number of the firing.
        candidate: the agent looked at by ``where``, ``by`` or an aggregate.
        locals: values of local names by slot; a behavior's arguments come first.
        row: the event row that `Field` reads: time, behavior, agent, then the event's fields.
        counts: how often this firing has drawn with each purpose that it may draw with repeatedly.
        emitted: how many events this firing has emitted.
        quantiles: probabilities that take the place of fresh draws, by purpose, while a correlated agent is made.
    """

    __slots__ = ("candidate", "counts", "emitted", "identity", "locals", "me", "occurrence", "quantiles", "row")

    me: Any
    identity: int
    occurrence: int
    candidate: Any
    locals: list[Any]
    row: tuple[Any, ...] | None
    counts: dict[str, int]
    emitted: int
    quantiles: Mapping[str, float]

    def __init__(self, me: Any = None, identity: int = 0, occurrence: int = 0) -> None:
        self.me = me
        self.identity = identity
        self.occurrence = occurrence
        self.candidate = None
        self.locals = []
        self.row = None
        self.counts = {}
        self.emitted = 0
        self.quantiles = {}


Closure = Callable[[Frame], Any]
"""A compiled expression: its value, in held form, in a frame. Agents are objects, ``none`` is None."""

Action = Callable[[Frame], None]
"""A compiled statement."""
