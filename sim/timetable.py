"""What happens at set times beside the firings: interventions, samples and snapshots, as every engine does them.

At one instant interventions end, then others begin, both in the scenario's order; then come samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from bustle.sim.order import INTERVENTION_BEGINS, INTERVENTION_ENDS, SAMPLE

__all__ = ["INTERVENTION_BEGINS", "INTERVENTION_ENDS", "SAMPLE", "Agenda"]

Act = Callable[[int], None]
"""Does something at an instant."""


@dataclass(slots=True)
class Agenda:
    """Things to do at set times.

    Attributes:
        length: the run's length; nothing at or past it is done.
    """

    length: int
    _waiting: list[tuple[int, int, int, Act]] = field(default_factory=list)
    _added: int = 0

    def add(self, time: int, place: int, act: Act) -> None:
        """Do ``act`` at ``time``; what shares an instant is done by ``place``, then as it was added."""
        if 0 <= time < self.length:
            heappush(self._waiting, (time, place, self._added, act))
            self._added += 1

    def next(self, end: int) -> int:
        """The instant of the next thing to do; ``end`` where there is none before it."""
        return min(end, self._waiting[0][0]) if self._waiting else end

    def act(self, now: int) -> None:
        """Do everything that is due at ``now``."""
        while self._waiting and self._waiting[0][0] == now:
            heappop(self._waiting)[3](now)
