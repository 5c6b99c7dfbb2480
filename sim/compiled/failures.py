"""From errors that contexts have noted to the one that the run ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bustle.scenarios.diagnostics import RunError
from bustle.sim.compiled import records as r
from bustle.sim.compiled.linking import Linker
from bustle.sim.compiled.memory import Array
from bustle.sim.compiled.unit import Unit
from bustle.sim.problems import too_many_waiting


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """An error: when it happened, who failed, and what its context noted; the first of several comes first."""

    time: int
    who: int
    words: Array = field(compare=False)


class Failures:
    """Finds the errors of a run.

    Args:
        linker: the run in memory.
        units: the generated code, whose sites make the messages.
    """

    def __init__(self, linker: Linker, units: Sequence[Unit]) -> None:
        self._linker = linker
        self._units = units

    def earliest(self) -> Failure:
        """The earliest error; there must be one. The contexts forget theirs."""
        found = []
        for context in self._linker.contexts:
            words = context.array
            if words[r.ERROR_SITE] != 0:
                found.append(Failure(int(words[r.ERROR_TIME]), int(words[r.ERROR_WHO]), words.copy()))
            words[r.ERROR_TIME], words[r.ERROR_SITE] = r.NONE, 0
        return min(found)

    def error(self, failure: Failure) -> RunError:
        """What the run ends with; the message begins with the simulated time, if the run had begun."""
        words = failure.words
        if words[r.ERROR_SITE] == r.NO_ROOM:
            error = too_many_waiting()
        else:
            reals = words[r.ERROR_REALS : r.ERROR_REALS + 4].view(np.float64).tolist()
            wholes = words[r.ERROR_WHOLES : r.ERROR_WHOLES + 2].tolist()
            error = self._units[int(words[r.ERROR_UNIT])].sites[int(words[r.ERROR_SITE]) - 1](reals, wholes)
        if failure.time == r.NONE:
            return error
        stamp = self._linker.calendar.datetime(failure.time).strftime("%Y-%m-%d %H:%M:%S")
        return RunError(f"at {stamp}: {error.message}", error.span)
