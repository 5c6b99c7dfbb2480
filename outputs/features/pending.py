"""Labels that are not known yet, handed out in the order in which they become known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bustle.outputs.arrow_memory import Array

Columns = Mapping[str, Array]

KNOWN = "time"
"""When a label becomes known: the column by which labels are handed out, int64, microseconds."""


class Pending:
    """Rows that wait for a time of their own.

    They stand in sorted runs, of which each is at least twice as long as the next: a row is merged as often as the
    number of rows can be halved, as in a log-structured merge tree (O'Neil et al., Acta Informatica 33, 1996).
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def add(self, columns: Columns) -> None:
        """Add rows: an array of [rows] for each column, `KNOWN` among them; all come after those added before."""
        if len(columns[KNOWN]):
            self._runs.append(_Run(_sorted([columns])))
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = _Run(_sorted([self._runs[-1].columns, last.columns]))

    def take(self, until: int) -> Columns | None:
        """The rows up to the time ``until``, which wait no longer, in order; of one time as they were added."""
        taken = [run.take(until) for run in self._runs]
        self._runs = [run for run in self._runs if len(run)]
        some = [rows for rows in taken if len(rows[KNOWN])]
        return _sorted(some) if some else None


class _Run:
    """Rows in order of their times, taken from the front."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._first = 0

    def __len__(self) -> int:
        return len(self._columns[KNOWN]) - self._first

    @property
    def columns(self) -> Columns:
        """The rows that are left."""
        return {name: values[self._first :] for name, values in self._columns.items()}

    def take(self, until: int) -> Columns:
        """Take the rows up to the time ``until``."""
        end = int(np.searchsorted(self._columns[KNOWN], until, side="right"))
        rows = {name: values[self._first : end] for name, values in self._columns.items()}
        self._first = end
        if self._first > len(self):  # most of the memory is held for rows that are gone
            self._columns = {name: values.copy() for name, values in self.columns.items()}
            self._first = 0
        return rows


def _sorted(runs: Sequence[Columns]) -> Columns:
    """All rows in order of their times; those of one time in the order in which they stand here."""
    joined = {name: np.concatenate([run[name] for run in runs]) for name in runs[0]}
    order = np.argsort(joined[KNOWN], kind="stable")
    return {name: values[order] for name, values in joined.items()}
