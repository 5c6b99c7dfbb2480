"""Panels and pictures: what the kinds of figure give, and how they are put on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bustle.outputs.plots.style import DOTS_PER_INCH, GREY

WIDTH = 10.0
"""Width of every picture in inches."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a picture: ``draw`` fills the given part of a page; ``height`` is what it wants, in inches."""

    draw: Callable[[SubFigure], None]
    height: float = 3.2


@dataclass(frozen=True, slots=True)
class Picture:
    """One PNG file: its file name without ending, a title, and panels in rows of ``columns``.

    ``lead`` is the panel that stands for the picture in the overview (the first one if not given), where a picture
    that is not ``telling`` comes last;
    ``left_out`` says in a phrase what there was no room for, and is empty otherwise.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    columns: int = 1
    lead: Panel | None = None
    telling: bool = True
    left_out: str = ""


def not_shown(count: int, what: str, of: str = "") -> str:
    """``2 rarer kinds of event not shown``; empty for none."""
    words = (f"{count}", what if count == 1 else f"{what}s", of, "not shown")
    return " ".join(filter(None, words)) if count else ""


def compose(picture: Picture, subtitle: str) -> Figure:
    """The page of ``picture``: its title, ``subtitle`` below, then the panels row by row."""
    rows = _rows(picture.panels, picture.columns)
    heights = [max(panel.height for panel in row) for row in rows]
    heading = 0.62
    layout = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.07)
    size = (WIDTH, heading + sum(heights))
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor="white", layout=layout)
    parts = figure.subfigures(1 + len(rows), 1, height_ratios=[heading, *heights], squeeze=False)[:, 0]
    parts[0].text(0.012, 0.92, picture.title, fontsize=14, fontweight="bold", va="top")
    below = f"{subtitle}  ·  {picture.left_out}" if picture.left_out else subtitle
    parts[0].text(0.012, 0.36, below, fontsize=9, color=GREY, va="top")
    for part, row in zip(parts[1:], rows, strict=True):
        cells = part.subfigures(1, picture.columns, squeeze=False)[0]
        for cell, panel in zip(cells, row, strict=False):
            panel.draw(cell)
    return figure


def _rows(panels: Sequence[Panel], columns: int) -> list[Sequence[Panel]]:
    """``panels`` in reading order, ``columns`` a row."""
    return [panels[i : i + columns] for i in range(0, len(panels), columns)]
