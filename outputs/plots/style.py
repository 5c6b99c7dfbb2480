"""How every picture looks: colours, fonts, number formats, and bytes that do not change.

Colours are Okabe and Ito's (2008, "Color Universal Design"), told apart by readers with any
common form of colour blindness. No pyplot: figures are made and saved without global state.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#6B6B6B",
)
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, "#000000")
"""Colours of series in the order in which they are given out."""

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), "-")
"""Line styles that go with `SERIES`, so that a line is known without its colour."""

DOTS_PER_INCH = 150
_PLACES = 7
INK, PALE = "#222222", "#D9D9D9"

_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#8A8A8A",
    "axes.labelsize": 9.0,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 7.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "svg.hashsalt": "bustle",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults with the project's settings, whatever the user's matplotlibrc says."""
    defaults: dict[Any, Any] = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}
    with matplotlib.rc_context({**defaults, **_SETTINGS}):
        yield


def save(figure: Figure, path: Path) -> Path:
    """Writes ``figure`` as PNG, the same bytes every time, under its name only when complete."""
    partial = path.with_name(path.name + ".partial")
    canvas = FigureCanvasAgg(figure)
    _settle(figure)
    canvas.print_png(partial, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return partial.replace(path)


def _settle(figure: Figure) -> None:
    """Lay ``figure`` out, once and for all, with every place rounded.

    The solver behind constrained layout orders its rows by address in memory, so that places differ in their last bits
    from run to run, and with them shades of pixels.
    """
    layout = figure.get_layout_engine()
    if layout is None:
        return
    layout.execute(figure)
    figure.set_layout_engine("none")
    for part in _parts(figure):
        part.bbox_relative.set_points(part.bbox_relative.get_points().round(_PLACES))
    for axes in figure.get_axes():
        place = axes.get_position(original=True)
        axes.set_position(Bbox(place.get_points().round(_PLACES)))


def _parts(figure: Figure | SubFigure) -> Iterator[SubFigure]:
    """The subfigures of ``figure`` at every depth, outer ones first."""
    for part in figure.subfigs:
        yield part
        yield from _parts(part)


def plain_number(value: float, _position: object = None) -> str:
    """``1234567.5`` as ``1,234,567.5``; at most six significant digits, never an exponent below 10^15."""
    if value == 0:
        return "0"
    if abs(value) >= 1e15 or abs(value) < 1e-6:
        return f"{value:.2g}"
    text = f"{value:,.{max(0, 6 - len(str(int(abs(value)))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def brief_number(value: float) -> str:
    """``value`` with three significant digits and thousands separators, as legends say it."""
    if value == 0 or not abs(value) < 1e15:
        return f"{value:g}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):.10g}"


def percent(share: float) -> str:
    """``share`` as percent with two significant digits: ``0.84 %``."""
    if share >= 0.9995:
        return "100 %"
    return f"{float(f'{100 * share:.2g}'):g} %" if share < 0.1 else f"{100 * share:.0f} %"


def round_ticks(integer: bool = False) -> MaxNLocator:
    """About five ticks at 1, 2, 2.5 or 5 times a power of ten."""
    return MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10], integer=integer, min_n_ticks=2)


def count_axis(axes: Axes, which: str = "y") -> None:
    """Whole-number ticks with thousands separators, from zero, with a light grid."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(round_ticks(integer=True))
    axis.set_major_formatter(FuncFormatter(plain_number))
    axes.grid(True, axis="y" if which == "y" else "x")


def log_axis(axes: Axes, which: str) -> None:
    """A logarithmic axis labelled ``1``, ``10``, ``1,000``: no exponents, at most about eight labels.

    To be called when the data are drawn: an axis of less than two decades gets labels between the powers of ten.
    """
    axis = axes.yaxis if which == "y" else axes.xaxis
    (axes.set_yscale if which == "y" else axes.set_xscale)("log")
    low, high = axes.get_ylim() if which == "y" else axes.get_xlim()
    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 3, 5) if high < 100 * low else (1,), numticks=8))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(plain_number))
    axes.grid(True, axis="y" if which == "y" else "x")


def legend_below(figure: Figure | SubFigure, axes: Axes, columns: int = 2) -> None:
    """The legend of ``axes`` under it, outside the data."""
    handles, names = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, names, loc="outside lower left", ncols=min(columns, len(handles)))
