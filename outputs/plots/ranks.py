"""Rank and frequency: how unequally events fall on the agents of each role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from matplotlib.figure import SubFigure

from bustle.outputs.plots.panels import Panel, Picture
from bustle.outputs.plots.style import LINES, SERIES, legend_below, log_axis, percent
from bustle.outputs.plots.view import EventView, RunView, collect

_MOST_EVENTS = 4
_MOST_ROLES = 6
_FEWEST_AGENTS = 3


@dataclass(frozen=True, slots=True)
class Ranks:
    """``counts`` of events, descending and distinct, and at each the ``ranks`` of the last agent with so many."""

    role: str
    ranks: np.ndarray
    counts: np.ndarray
    top_share: float

    @property
    def agents(self) -> int:
        """The agents with at least one event."""
        return int(self.ranks[-1])


def rank(event: EventView, role: str) -> Ranks | None:
    """The ranks of the agents in field ``role``; None for fewer than three agents, or where none has two events.

    ``top_share`` is the share of events that falls on the busiest hundredth of agents (at least one).
    """
    found = (
        collect(
            event.frame.select(pl.col(role).alias("agent"))
            .filter(pl.col("agent").is_not_null() & (pl.col("agent") >= 0))
            .group_by("agent")
            .agg(pl.len().alias("events"))
            .group_by("events")
            .agg(pl.len().alias("agents"))
        )
        .cast(pl.Int64)
        .sort("events", descending=True)
    )
    if found["agents"].sum() < _FEWEST_AGENTS or found["events"][0] == 1:
        return None
    counts, agents = found["events"].to_numpy(), found["agents"].to_numpy()
    ranks = np.cumsum(agents)
    top = max(1, int(ranks[-1]) // 100)
    taken = np.minimum(agents, np.maximum(0, top - (ranks - agents)))
    return Ranks(role, ranks, counts, float((taken * counts).sum() / (agents * counts).sum()))


def rank_frequency(run: RunView) -> Picture | None:
    """The picture ``rank_frequency``: None if no event names agents, or each agent has at most one event."""
    panels = []
    for event in run.happened[:_MOST_EVENTS]:
        roles = [field.name for field in event.fields if field.kind == "agent" and not field.label][:_MOST_ROLES]
        made = [ranks for ranks in (rank(event, role) for role in roles) if ranks is not None]
        if made:
            panels.append(Panel(partial(_draw, event=event, made=made), 3.3))
    if not panels:
        return None
    title = "Rank and frequency: events of the busiest agents"
    return Picture("rank_frequency", title, tuple(panels), min(2, len(panels)))


def _draw(part: SubFigure, event: EventView, made: list[Ranks]) -> None:
    """A line for each role on doubly logarithmic axes."""
    axes = part.subplots()
    for ranks, color, style in zip(made, SERIES, LINES, strict=False):
        top = max(1, ranks.agents // 100)
        who = "the busiest 1 %" if ranks.agents >= 100 else "the busiest"
        label = f"{ranks.role}: {ranks.agents:,}, {who} ({top:,}) in {percent(ranks.top_share)}"
        starts = np.concatenate([[1], ranks.ranks[:-1] + 1])
        x, y = np.column_stack([starts, ranks.ranks]).ravel(), np.repeat(ranks.counts, 2)
        axes.plot(x, y, color=color, linestyle=style, label=label)
    most, least = max(ranks.counts[0] for ranks in made), min(ranks.counts[-1] for ranks in made)
    axes.set_ylim(max(0.7, min(0.8 * least, 0.13 * most)), max(10, 1.3 * most))
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.grid(True, axis="both")
    axes.set_xlabel("rank of the agent, busiest first")
    axes.set_ylabel("events of the agent")
    axes.set_title(f"{event.name}: events by agent")
    legend_below(part, axes, columns=1)
