"""What an engine hands its results to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of text without an object for each row: row i holds ``texts[codes[i]]``.

    Attributes:
        codes: whole numbers of any dtype, [rows]; -1 where there is no text.
        texts: the texts, in any order, never changed afterwards. The file depends neither on the order nor on texts
            that no row holds.
    """

    codes: npt.NDArray[np.integer[Any]]
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice) -> Self:
        return type(self)(self.codes[rows], self.texts)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[np.object_]:
        """The texts themselves, None where there is none."""
        texts = np.empty(len(self.texts) + 1, dtype=object)
        texts[:-1] = self.texts
        taken: npt.NDArray[np.object_] = texts[self.codes]
        return taken


Values = Sequence[Any] | npt.NDArray[np.generic] | Coded
"""A column's values in held form (see `bustle.scenarios.types`), as a list or an array; text also as `Coded`."""


class EventSink(Protocol):
    """Takes what happens in a run, in order. `bustle.outputs.log.LogWriter` writes it to files."""

    def write(self, event: str, columns: Mapping[str, Values]) -> None:
        """Take rows of ``event`` in the run's total order.

        Args:
            event: name of the event.
            columns: ``time`` (int64 microseconds since the start), ``behavior`` (names, or codes into the order of
                ``model.behaviors``; the population's name for an agent written in Python; -1 or None for none),
                ``agent`` (index of the acting agent in its population, -1 for the world), ``occurrence``, ``index``
                (n-th emission of that firing), then every field of the event, captured ones included; agents as
                indices, -1 or None for none; text as texts or `Coded`. All of one length.
        """

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        """Take the values of the columns of sample table ``table`` at ``time``, in the table's order."""

    def write_snapshot(self, table: str, time: int, population: str, columns: Mapping[str, Values]) -> None:
        """Take what `write_agents` takes, at ``time``, for the agent table ``table``.

        Called for every population that `bustle.outputs.schema.snapshot_columns` names for the table (the table's own
        first, then linked ones of which it reads changing attributes); columns not named there may be left out.
        """

    def write_agents(self, population: str, columns: Mapping[str, Values]) -> None:
        """Take the agents of ``population`` at the end of the run, in order of index.

        Args:
            population: name of the population.
            columns: every attribute, link (by its name) and, where there are states, ``state``; ``born`` and
                ``retired`` (int64 microseconds since the start; ``retired`` -1 for those still there); and
                ``identity`` (int64) where agents were spawned: what keys their draws. Without it, the index does.
        """

    def write_network(self, name: str, offsets: Values, targets: Values) -> None:
        """Take a network in CSR form: ``targets[offsets[i]:offsets[i + 1]]`` are the neighbours of agent i."""
