"""Degrees of the networks: how many agents have at least so many links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from matplotlib.figure import SubFigure

from bustle.outputs.plots.panels import Panel, Picture, not_shown
from bustle.outputs.plots.style import LINES, SERIES, brief_number, legend_below, log_axis
from bustle.outputs.plots.view import NetworkView, RunView, collect

_MOST_NETWORKS = 6


@dataclass(frozen=True, slots=True)
class Degrees:
    """Distinct ``degrees`` from 1 up, and the number of agents ``at_least`` that well linked."""

    name: str
    degrees: np.ndarray
    at_least: np.ndarray
    links: int


def degrees_of(network: NetworkView) -> list[Degrees]:
    """The degrees on both ends of ``network``; one entry if they are alike, none without links."""
    same = network.source == network.target
    made = []
    for end, name in (("source", f"links from a {network.source}"), ("target", f"links to a {network.target}")):
        found = (
            collect(
                network.frame.group_by(end)
                .agg(pl.len().alias("degree"))
                .group_by("degree")
                .agg(pl.len().alias("agents"))
            )
            .cast(pl.Int64)
            .sort("degree")
        )
        if found.height == 0:
            return []
        degrees, agents = found["degree"].to_numpy(), found["agents"].to_numpy()
        made.append(Degrees(name, degrees, agents[::-1].cumsum()[::-1], int((degrees * agents).sum())))
    out, into = made
    if same and np.array_equal(out.degrees, into.degrees) and np.array_equal(out.at_least, into.at_least):
        return [Degrees(f"links of a {network.source}", out.degrees, out.at_least, out.links)]
    return made


def network_degrees(run: RunView) -> Picture | None:
    """The picture ``network_degrees``: None without networks."""
    panels = []
    for network in run.networks[:_MOST_NETWORKS]:
        made = degrees_of(network)
        if made:
            panels.append(Panel(partial(_draw, network=network, made=made), 3.3))
    if not panels:
        return None
    hidden = max(0, len(run.networks) - _MOST_NETWORKS)
    left_out = not_shown(hidden, "more network")
    return Picture("network_degrees", "Degrees of the networks", tuple(panels), min(2, len(panels)), left_out=left_out)


def _draw(part: SubFigure, network: NetworkView, made: list[Degrees]) -> None:
    """The complementary cumulative counts on doubly logarithmic axes."""
    axes = part.subplots()
    for ends, color, style in zip(made, SERIES, LINES, strict=False):
        agents = int(ends.at_least[0])
        mean = ends.links / agents
        label = f"{ends.name}: {agents:,} agents, {brief_number(mean)} in the mean, {int(ends.degrees[-1]):,} at most"
        marker = "o" if len(ends.degrees) <= 40 else ""
        axes.plot(ends.degrees, ends.at_least, color=color, linestyle=style, marker=marker, markersize=4, label=label)
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.grid(True, axis="both")
    axes.set_xlabel("links (k)")
    axes.set_ylabel("agents with at least k links")
    axes.set_title(f"{network.name}: {made[0].links:,} links")
    legend_below(part, axes, columns=1)
