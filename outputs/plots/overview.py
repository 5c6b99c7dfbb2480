"""The overview: the four panels that say most about a run, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.figure import SubFigure

from bustle.outputs.plots.panels import Panel, Picture
from bustle.outputs.plots.style import GREY
from bustle.outputs.plots.view import RunView

_PREFERRED = ("events_over_time", "hour_by_weekday", "amounts", "rank_frequency", "samples", "network_degrees")
_WITHOUT_AMOUNTS = ("events_over_time", "samples", "hour_by_weekday", "rank_frequency", "network_degrees")
_HEIGHT = 3.4


def overview(run: RunView, pictures: Sequence[Picture]) -> Picture:
    """The picture ``overview``: the first panel of up to four of ``pictures``, two a row."""
    by_name = {picture.name: picture for picture in pictures}
    order = _PREFERRED if "amounts" in by_name else _WITHOUT_AMOUNTS
    chosen = sorted((by_name[name] for name in order if name in by_name), key=lambda picture: not picture.telling)
    panels = [replace(_lead(picture), height=_HEIGHT) for picture in chosen[:4]]
    if not panels:
        panels = [Panel(_nothing, 1.2)]
    return Picture("overview", run.title, tuple(panels), min(2, len(panels)))


def _lead(picture: Picture) -> Panel:
    """The panel that stands for ``picture``."""
    return picture.lead or picture.panels[0]


def _nothing(part: SubFigure) -> None:
    """What to show of a run in which nothing happened."""
    part.text(0.012, 0.5, "No event happened in this run, and nothing was sampled.", fontsize=11, color=GREY)
