"""Hour by weekday: when in the local week each kind of event happens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from matplotlib import colormaps
from matplotlib.figure import SubFigure
from matplotlib.ticker import FuncFormatter

from bustle.outputs.plots.panels import Panel, Picture, not_shown
from bustle.outputs.plots.style import PALE, brief_number, round_ticks
from bustle.outputs.plots.view import DAY, HOUR, LOCAL, EventView, RunView, collect

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_QUARTER = HOUR // 4
_MOST_EVENTS = 4
_FEWEST_ROWS = 20
_FEWEST_FURTHER = 1_000
"""With fewer events than this over 168 hours, noise would look like a rhythm; the main event is shown all the same."""


@dataclass(frozen=True, slots=True)
class Week:
    """Mean events an hour by weekday (7 rows from Monday) and hour (24 columns); NaN for hours the run never saw.

    ``seen`` are the hours that the means were taken over.
    """

    name: str
    rows: int
    means: np.ndarray
    seen: np.ndarray

    @property
    def rhythmic(self) -> bool:
        """True if hours differ clearly more than chance makes them: chi-square above three times its expectation."""
        seen = self.seen > 0
        expected = self.rows * self.seen[seen] / self.seen.sum()
        counts = self.means[seen] * self.seen[seen]
        return bool(((counts - expected) ** 2 / expected).sum() > 3 * max(1, seen.sum() - 1))


def hours_seen(start: int, end: int) -> np.ndarray:
    """How many hours of each weekday and hour lie between two local instants, to the quarter: shape (7, 24)."""
    quarters = np.arange(start // _QUARTER, -(-end // _QUARTER), dtype=np.int64) * _QUARTER
    flat = (quarters // DAY + 3) % 7 * 24 + quarters // HOUR % 24
    return np.bincount(flat, minlength=168).reshape(7, 24) / 4


def weeks(event: EventView, run: RunView) -> list[Week]:
    """The week of all of ``event``, then of each of its labelled classes with enough events."""
    split = event.split()
    weekday, hour = (pl.col(LOCAL) // DAY + 3) % 7, pl.col(LOCAL) // HOUR % 24
    code = split.code if split else pl.lit(0, dtype=pl.Int64)
    found = collect(
        event.frame.select((weekday * 24 + hour).alias("hour"), code.alias("class")).group_by("hour", "class").len()
    )
    counts = np.zeros((len(split.names) if split else 1, 168))
    counts[found["class"].to_numpy(), found["hour"].to_numpy()] = found["len"].to_numpy()
    seen = hours_seen(run.start, run.end)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(seen > 0, counts.reshape(-1, 7, 24) / seen, np.nan)
    made = [Week(event.name, event.rows, means.sum(axis=0), seen)]
    for c in split.marked if split else ():
        rows = int(counts[c].sum())
        if split and _FEWEST_FURTHER <= rows < event.rows:
            made.append(Week(f"{event.name}, {split.names[c]}", rows, means[c], seen))
    return made


def hour_by_weekday(run: RunView) -> Picture | None:
    """The picture ``hour_by_weekday``: None for runs of less than a day or with hardly an event."""
    if run.end - run.start < DAY:
        return None
    shown = [
        event
        for i, event in enumerate(run.happened[:_MOST_EVENTS])
        if event.rows >= (_FEWEST_FURTHER if i else _FEWEST_ROWS)
    ]
    made = [week for event in shown for week in weeks(event, run)]
    if not made:
        return None
    hidden = len(run.happened) - len(shown)
    left_out = not_shown(hidden, "rarer kind", "of event")
    panels = tuple(Panel(partial(_draw, week=week), 2.9) for week in made)
    return Picture(
        "hour_by_weekday",
        "Events by hour and weekday, local time",
        panels,
        min(2, len(panels)),
        telling=made[0].rhythmic,
        left_out=left_out,
    )


def _draw(part: SubFigure, week: Week) -> None:
    """A map of the week with its scale."""
    axes = part.subplots()
    colors = colormaps["viridis"].with_extremes(bad=PALE)
    image = axes.imshow(week.means, aspect="auto", cmap=colors, vmin=0, interpolation="nearest")
    axes.set_yticks(range(7), WEEKDAYS)
    axes.set_xticks(range(0, 24, 3), [f"{hour:02d}" for hour in range(0, 24, 3)])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("hour of the day, local time")
    axes.set_title(f"{week.name}: by hour and weekday")
    bar = part.colorbar(image, ax=axes, pad=0.02, aspect=18)
    bar.set_label("mean events an hour")
    bar.outline.set_visible(False)
    bar.formatter = FuncFormatter(lambda value, _position: brief_number(value))
    bar.locator = round_ticks()
    bar.update_ticks()
