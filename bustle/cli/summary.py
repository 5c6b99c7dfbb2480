"""What is shown when a run is over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table

from bustle.cli.quantities import duration_text, share_text, size_text

if TYPE_CHECKING:
    from bustle.results import RunSummary
    from bustle.scenarios.model import Model


def summary_table(summary: RunSummary, folder: Path, model: Model) -> Group:
    """The tables with their rows, sizes and label shares, and one line about the run."""
    table = Table(title=model.title or summary.scenario, title_justify="left")
    table.add_column("table")
    table.add_column("rows", justify="right")
    table.add_column("size", justify="right")
    table.add_column("labels")
    for entry in summary.tables:
        labels = ", ".join(f"{name} {share_text(share)}" for name, share in entry.label_shares.items())
        table.add_row(entry.name, f"{entry.rows:,}", size_text(entry.bytes), labels)
    speed = f"{summary.events / summary.seconds:,.0f} events/s" if summary.seconds > 0 else ""
    line = (
        f"{summary.events:,} events in {duration_text(summary.simulated)} of simulated time, seed {summary.seed}; "
        f"{summary.seconds:.1f} s ({speed}); {size_text(summary.bytes)} in {folder}"
    )
    return Group(table, line)


def summary_values(summary: RunSummary, folder: Path) -> dict[str, Any]:
    """The same as values for JSON; durations in seconds, sizes in bytes, shares from 0 to 1."""
    return {
        "scenario": summary.scenario,
        "seed": summary.seed,
        "folder": str(folder),
        "complete": summary.complete,
        "events": summary.events,
        "simulated_seconds": summary.simulated / 1e6,
        "seconds": round(summary.seconds, 3),
        "bytes": summary.bytes,
        "tables": {
            entry.name: {"rows": entry.rows, "bytes": entry.bytes, "labels": entry.label_shares}
            for entry in summary.tables
        },
    }
