"""What the pictures need of a finished run: lazy tables, the kinds of their columns, and the local clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from bustle.outputs.plots.style import BLUE, SERIES, VERMILION

HOUR = 3_600_000_000
DAY = 24 * HOUR
LOCAL = "_local"
"""Name of the column of local time: naive microseconds since 1970-01-01."""

MOST_CLASSES = 6


@dataclass(frozen=True, slots=True)
class FieldView:
    """A column: its kind as the language names it, whether it is a label, and its category levels."""

    name: str
    kind: str
    label: bool = False
    levels: tuple[str, ...] = ()
    population: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """The classes a label divides events into: an expression giving the class's number, and names by number.

    ``marked`` are the classes worth a line of their own (for a bool: true).
    """

    field: str
    code: pl.Expr
    names: tuple[str, ...]
    colors: tuple[str, ...]
    marked: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """One kind of event. ``frame`` has its fields in held form and `LOCAL`; ``rows`` counts it."""

    name: str
    rows: int
    frame: pl.LazyFrame
    fields: tuple[FieldView, ...]

    def split(self) -> Split | None:
        """The classes of the first bool label, else of the first label with few levels, else None."""
        labels = [field for field in self.fields if field.label]
        for field in labels:
            if field.kind == "bool":
                code = pl.col(field.name).fill_null(False).cast(pl.Int64)
                return Split(field.name, code, (f"not {field.name}", field.name), (BLUE, VERMILION), (1,))
        for field in labels:
            if field.levels and len(field.levels) <= MOST_CLASSES:
                names = (*field.levels, "none")
                code = pl.col(field.name).fill_null(len(field.levels)).cast(pl.Int64)
                return Split(field.name, code, names, SERIES, tuple(range(len(names))))
        return None


@dataclass(frozen=True, slots=True)
class NetworkView:
    """A network's edge list, with columns ``source`` and ``target``, and the populations it joins."""

    name: str
    frame: pl.LazyFrame
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A table of values sampled over time; ``frame`` has `LOCAL` and the columns of ``fields``."""

    name: str
    frame: pl.LazyFrame
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class RunView:
    """A finished run.

    ``start`` and ``end`` are local microseconds since 1970-01-01; ``marks`` are named local instants (interventions)
    to show on time axes. Events with labels stand first, the most frequent before others.
    """

    title: str
    subtitle: str
    start: int
    end: int
    marks: tuple[tuple[str, int], ...]
    events: tuple[EventView, ...]
    networks: tuple[NetworkView, ...]
    series: tuple[SeriesView, ...]

    @property
    def happened(self) -> tuple[EventView, ...]:
        """The kinds of event that happened at all."""
        return tuple(event for event in self.events if event.rows > 0)


def days(local: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Local microseconds since 1970-01-01 as days since then, matplotlib's number of a date."""
    return local / DAY


def collect(frame: pl.LazyFrame) -> pl.DataFrame:
    """The result of an aggregation, computed in batches so that memory does not grow with the rows read."""
    return frame.collect(engine="streaming")
