"""Tables sampled over time: each column as a line, columns of one kind together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import FuncFormatter

from bustle.outputs.plots.over_time import date_axis
from bustle.outputs.plots.panels import Panel, Picture, not_shown
from bustle.outputs.plots.style import LINES, SERIES, plain_number, round_ticks
from bustle.outputs.plots.view import DAY, HOUR, LOCAL, FieldView, RunView, SeriesView, collect, days

_MOST_LINES = len(SERIES)
_MOST_ROWS = 8
_MOST_POINTS = 4_000
_SHOWN = {"money": (100.0, "money"), "duration": (float(HOUR), "hours"), "rate": (1 / DAY, "a day")}
_KINDS = ("money", "duration", "rate", "number", "whole", "bool")
_HEIGHT = 2.3


@dataclass(frozen=True, slots=True)
class Lines:
    """The fields that share an axis: ``fields`` of one kind, of the samples in ``frame``."""

    table: str
    fields: tuple[FieldView, ...]
    frame: pl.DataFrame


def over_samples(run: RunView) -> Picture | None:
    """The picture ``samples``: None if the scenario samples nothing."""
    made = [lines for series in run.series for lines in _groups(series)]
    if not made:
        return None
    hidden = max(0, len(made) - _MOST_ROWS)
    left_out = not_shown(hidden, "more group", "of columns")
    panels = (_panel(made[:_MOST_ROWS], run),)
    return Picture("samples", "Sampled over time", panels, lead=_panel(made[:1], run), left_out=left_out)


def _groups(series: SeriesView) -> list[Lines]:
    """The fields of ``series`` by kind in their order, at most seven together; none without samples."""
    rows = collect(series.frame.select(pl.len())).item()
    if rows == 0:
        return []
    frame = series.frame.select(LOCAL, *(field.name for field in series.fields))
    thinned = collect(frame.gather_every(max(1, -(-rows // _MOST_POINTS))))
    made = []
    for kind in dict.fromkeys(field.kind for field in series.fields if field.kind in _KINDS):
        fields = tuple(field for field in series.fields if field.kind == kind)
        made += [Lines(series.name, fields[i : i + _MOST_LINES], thinned) for i in range(0, len(fields), _MOST_LINES)]
    return made


def _panel(made: Sequence[Lines], run: RunView) -> Panel:
    """The groups below each other, with one time axis."""

    def draw(part: SubFigure) -> None:
        grid = part.subplots(len(made), 1, sharex=True, squeeze=False)[:, 0]
        for axes, lines in zip(grid, made, strict=True):
            _draw(axes, lines)
        date_axis(grid[-1], run)

    return Panel(draw, _HEIGHT * len(made) + 0.3)


def _draw(axes: Axes, lines: Lines) -> None:
    """One line for each field, named at the right."""
    scale, unit = _SHOWN.get(lines.fields[0].kind, (1.0, ""))
    time = days(lines.frame[LOCAL].to_numpy())
    for field, color, style in zip(lines.fields, SERIES, LINES, strict=False):
        values = lines.frame[field.name].cast(pl.Float64).to_numpy() / scale
        marker = "o" if len(values) == 1 else ""
        shown = np.where(np.isfinite(values), values, np.nan)
        axes.plot(time, shown, color=color, linestyle=style, marker=marker, label=field.name)
    axes.yaxis.set_major_locator(round_ticks())
    axes.yaxis.set_major_formatter(FuncFormatter(plain_number))
    axes.grid(True, axis="y")
    low, high = axes.get_ylim()
    if 0 < low < 0.5 * high:
        axes.set_ylim(bottom=0)
    name = lines.fields[0].name if len(lines.fields) == 1 else "value"
    axes.set_ylabel(f"{name} ({unit})" if unit else name)
    axes.set_title(lines.table)
    if len(lines.fields) > 1:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
