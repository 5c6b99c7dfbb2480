"""Events over time: a row for each kind of event, its labelled events on an axis of their own below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import SubFigure

from bustle.outputs.plots.panels import Panel, Picture, not_shown
from bustle.outputs.plots.style import BLUE, GREY, count_axis, percent
from bustle.outputs.plots.view import DAY, HOUR, LOCAL, EventView, RunView, Split, collect, days

_SECOND = 1_000_000
_WIDTHS = (
    (_SECOND, "second"),
    (10 * _SECOND, "10 seconds"),
    (60 * _SECOND, "minute"),
    (600 * _SECOND, "10 minutes"),
    (HOUR, "hour"),
    (DAY, "day"),
    (7 * DAY, "week"),
    (28 * DAY, "4 weeks"),
    (364 * DAY, "52 weeks"),
)
_MOST_BINS = 400
_MOST_EVENTS = 8
_MISSING = 0.1
"""Share of a bin outside the run from which on its count would look like a fall."""

_TALL, _LOW = 1.9, 1.2

_LABELS = ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
_FIRSTS = ["", "%Y", "%d %b", "%d %b", "%H:%M", "%H:%M:%S"]
_BESIDE = ["", "%Y", "%Y", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d"]
"""Labels of years, months, days, hours, minutes, seconds: as a rule, where a longer unit begins, beside the axis."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Events of ``event`` by class (rows of ``counts``) and bin of local time (``edges``: one more than bins).

    ``sizes`` has all events of each class, those of bins that are not shown included.
    """

    event: EventView
    split: Split | None
    edges: np.ndarray
    counts: np.ndarray
    sizes: np.ndarray
    words: str

    @property
    def marked(self) -> tuple[int, ...]:
        """The classes that get a line of their own: those that occur."""
        return tuple(c for c in (self.split.marked if self.split else ()) if self.sizes[c] > 0)


def bin_width(length: int) -> tuple[int, str]:
    """The finest bin, in microseconds and in words, that needs at most 400 bins for ``length``."""
    for width, words in _WIDTHS:
        if length <= _MOST_BINS * width:
            return width, words
    return _WIDTHS[-1]


def count_over_time(event: EventView, run: RunView) -> Counts:
    """Counts of ``event`` in bins over the run; those that the run covers in part are dropped if enough remain."""
    split = event.split()
    width, words = bin_width(run.end - run.start)
    aligned = min(width, DAY)
    origin = run.start // aligned * aligned
    bins = max(1, -(-(run.end - origin) // width))
    code = split.code if split else pl.lit(0, dtype=pl.Int64)
    found = collect(
        event.frame.select(((pl.col(LOCAL) - origin) // width).clip(0, bins - 1).alias("bin"), code.alias("class"))
        .group_by("bin", "class")
        .len()
    )
    counts = np.zeros((len(split.names) if split else 1, bins), dtype=np.int64)
    counts[found["class"].to_numpy(), found["bin"].to_numpy()] = found["len"].to_numpy()
    edges = origin + width * np.arange(bins + 1, dtype=np.int64)
    sizes = counts.sum(axis=1)
    missing = _MISSING * width
    first, last = int(run.start - edges[0] > missing), bins - int(edges[-1] - run.end > missing)
    if last - first >= 4:
        edges, counts = edges[first : last + 1], counts[:, first:last]
    return Counts(event, split, edges, counts, sizes, words)


def events_over_time(run: RunView) -> Picture | None:
    """The picture ``events_over_time``: None if nothing happened."""
    made = [count_over_time(event, run) for event in run.happened[:_MOST_EVENTS]]
    if not made:
        return None
    hidden = len(run.happened) - len(made)
    left_out = not_shown(hidden, "rarer kind", "of event")
    lead = _panel(made[:1], run)
    return Picture("events_over_time", "Events over time", (_panel(made, run),), lead=lead, left_out=left_out)


def _panel(made: Sequence[Counts], run: RunView) -> Panel:
    """The rows of ``made`` below each other, with one time axis."""
    heights = [height for data in made for height in ((_TALL, _LOW) if data.marked else (_TALL,))]

    def draw(part: SubFigure) -> None:
        grid = part.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        row = 0
        for data in made:
            _draw_all(grid[row], data)
            _name_marks(grid[row], run)
            if data.marked:
                _draw_marked(grid[row + 1], data)
            row += 2 if data.marked else 1
        for axes in grid:
            axes.set_ylim(bottom=0)
            count_axis(axes)
            for _, at in run.marks:
                axes.axvline(at / DAY, color=GREY, linestyle=":", linewidth=1.2)
        date_axis(grid[-1], run)

    return Panel(draw, sum(heights) + 0.3)


def _draw_all(axes: Axes, data: Counts) -> None:
    """All events of one kind."""
    edges = days(data.edges)
    totals = data.counts.sum(axis=0)
    axes.stairs(totals, edges, fill=True, color=BLUE, alpha=0.3)
    axes.stairs(totals, edges, color=BLUE, baseline=None)
    title = f"{data.event.name}: events per {data.words}"
    if data.split and len(data.marked) == 1:
        share = percent(data.sizes[data.marked[0]] / data.sizes.sum())
        title += f", {share} {data.split.names[data.marked[0]]}"
    axes.set_title(title)
    axes.set_ylabel("all" if data.marked else "events")


def _draw_marked(axes: Axes, data: Counts) -> None:
    """The labelled events of one kind, a line for each class."""
    if data.split is None:
        return
    edges = days(data.edges)
    for c in data.marked:
        color = data.split.colors[c]
        axes.stairs(data.counts[c], edges, color=color, baseline=None, label=data.split.names[c])
        if len(data.marked) == 1:
            axes.stairs(data.counts[c], edges, color=color, fill=True, alpha=0.3)
    if len(data.marked) == 1:
        axes.set_ylabel(data.split.names[data.marked[0]])
    else:
        axes.set_ylabel(f"by {data.split.field}")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _name_marks(axes: Axes, run: RunView) -> None:
    """The names of the run's marks, right of where their lines stand."""
    for name, at in run.marks:
        axes.annotate(
            name,
            (at / DAY, 1.0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            xytext=(3, -2),
            fontsize=8,
            color=GREY,
            va="top",
        )


def date_axis(axes: Axes, run: RunView) -> None:
    """The run's local time along the x axis."""
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, formats=_LABELS, zero_formats=_FIRSTS, offset_formats=_BESIDE)  # type: ignore[no-untyped-call]
    )
    axes.set_xlim(run.start / DAY, run.end / DAY)
