"""Amounts on a logarithmic scale: how large, and how they differ between the classes of a label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.figure import SubFigure
from matplotlib.ticker import FuncFormatter

from bustle.outputs.plots.panels import Panel, Picture, not_shown
from bustle.outputs.plots.style import BLUE, brief_number, legend_below, log_axis, percent, round_ticks
from bustle.outputs.plots.view import DAY, HOUR, EventView, FieldView, RunView, Split, collect

_FINE = 1000
"""Fine bins a decade: 0.23 % wide, so that medians come out right to three digits."""

_COARSENINGS = (25, 40, 50, 100, 125, 200, 250, 500)
_DURATIONS = ((DAY, "days"), (HOUR, "hours"), (60_000_000, "minutes"), (1_000_000, "seconds"), (1_000, "milliseconds"))
_MOST_PANELS = 6


@dataclass(frozen=True, slots=True)
class Amounts:
    """A histogram on logarithmic bins.

    ``edges`` are in the shown ``unit``; ``counts`` has a row for each class; ``left_out`` counts values that are
    zero or negative and so have no logarithm.
    """

    unit: str
    edges: np.ndarray
    counts: np.ndarray
    medians: np.ndarray
    left_out: int


def measure(event: EventView, field: FieldView, split: Split | None) -> Amounts | None:
    """The histogram of ``field``, or None if no value is above zero."""
    value = pl.col(field.name).cast(pl.Float64) / (100 if field.kind == "money" else 1)
    code = split.code if split else pl.lit(0, dtype=pl.Int64)
    found = (
        collect(
            event.frame.select(value.alias("value"), code.alias("class"))
            .filter(pl.col("value").is_finite())
            .with_columns(pl.when(pl.col("value") > 0).then((pl.col("value").log10() * _FINE).floor()).alias("bin"))
            .group_by("bin", "class")
            .agg(pl.len(), pl.col("value").min())
        )
        .sort("bin", "class")
        .with_columns(pl.col("len").cast(pl.Int64))
    )
    positive = found.drop_nulls("bin")
    if positive.height == 0:
        return None
    classes = len(split.names) if split else 1
    medians = np.array([_median(positive.filter(pl.col("class") == c)) for c in range(classes)])
    scale, unit = _unit(
        field, _median(positive.group_by("bin").agg(pl.col("len").sum(), pl.col("value").min()).sort("bin"))
    )
    bins, code_of = positive["bin"].cast(pl.Int64).to_numpy(), positive["class"].to_numpy()
    sizes = [int(positive.filter(pl.col("class") == c)["len"].sum()) for c in range(classes)]
    step = _coarsening(int(bins[-1] - bins[0]) + 1, min(size for size in sizes if size))
    first, last = bins[0] // step, bins[-1] // step
    counts = np.zeros((classes, last - first + 1))
    np.add.at(counts, (code_of, bins // step - first), positive["len"].to_numpy())
    edges = 10.0 ** (np.arange(first, last + 2) * step / _FINE) / scale
    left_out = int(found.filter(pl.col("bin").is_null())["len"].sum())
    return Amounts(unit, edges, counts, medians / scale, left_out=left_out)


def amounts(run: RunView) -> Picture | None:
    """The picture ``amounts``: money first, then durations and numbers; None if no event has any."""
    kinds = ("money", "duration", "number")
    wanted = [
        (event, field)
        for kind in kinds
        for event in run.happened
        for field in event.fields
        if field.kind == kind and not field.label
    ]
    made = []
    for event, field in wanted[:_MOST_PANELS]:
        split = event.split()
        data = measure(event, field, split)
        if data is not None:
            made.append(_panel(event, field, split, data))
    if not made:
        return None
    hidden = max(0, len(wanted) - _MOST_PANELS)
    left_out = not_shown(hidden, "more field")
    return Picture("amounts", "Amounts, on a logarithmic scale", tuple(made), min(2, len(made)), left_out=left_out)


def _panel(event: EventView, field: FieldView, split: Split | None, data: Amounts) -> Panel:
    """The panel of one field."""
    sizes = data.counts.sum(axis=1)
    present = [c for c in range(len(sizes)) if sizes[c] > 0]

    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        for c in present:
            color = split.colors[c] if split else BLUE
            name = split.names[c] if split and len(present) > 1 else "all"
            label = f"{name}: {sizes[c]:,.0f}, median {brief_number(data.medians[c])}"
            shares = data.counts[c] / sizes[c]
            if len(present) <= 2:
                axes.stairs(shares, data.edges, fill=True, color=color, alpha=0.25)
            axes.stairs(shares, data.edges, color=color, baseline=None, linewidth=1.4, label=label)
            axes.axvline(data.medians[c], color=color, linestyle="--", linewidth=1.1)
        log_axis(axes, "x")
        axes.grid(True, axis="y")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(round_ticks())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _position: percent(share)))
        axes.set_ylabel("share of events in a bin")
        note = f"; {data.left_out:,} zero or negative left out" if data.left_out else ""
        unit = f" ({data.unit})" if data.unit else ""
        dashed = "median dashed" if len(present) == 1 else "medians dashed"
        axes.set_xlabel(f"{field.name}{unit}, {dashed}{note}")
        axes.set_title(f"{event.name}: {field.name}")
        legend_below(part, axes)

    return Panel(draw, 3.3)


def _median(bins: pl.DataFrame) -> float:
    """The median of values counted in sorted bins, as the smallest value of the bin it falls into; NaN of none."""
    if bins.height == 0:
        return float("nan")
    reached = bins["len"].cum_sum()
    middle = int((reached * 2 >= bins["len"].sum()).arg_true()[0])
    return float(bins["value"][middle])


def _coarsening(fine_bins: int, smallest_class: int) -> int:
    """How many fine bins to draw as one: about 20 to 60 in all, fewer where a class has few events."""
    most = max(8.0, min(60.0, 2.0 * smallest_class**0.5))
    for step in _COARSENINGS:
        if fine_bins <= most * step:
            return step
    return _FINE


def _unit(field: FieldView, median: float) -> tuple[float, str]:
    """What to divide held values by, and the unit's name on the axis."""
    if field.kind == "money":
        return 1.0, "money"
    if field.kind == "duration":
        for length, name in _DURATIONS:
            if median >= length:
                return float(length), name
        return 1.0, "microseconds"
    return 1.0, ""
