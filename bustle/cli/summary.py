"""What is shown when a run is over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from bustle.cli.quantities import share_text, size_text
from bustle.outputs.quantity_text import duration_text

if TYPE_CHECKING:
    from bustle.results import RunSummary


def summary_table(summary: RunSummary, folder: Path, title: str) -> Group:
    """The tables with their rows, sizes and label shares, and what the run was."""
    table = Table()
    table.add_column("table")
    table.add_column("rows", justify="right")
    table.add_column("size", justify="right")
    if any(entry.label_shares for entry in summary.tables):
        table.add_column("labels")
    for entry in summary.tables:
        labels = ", ".join(f"{name} {share_text(share)}" for name, share in entry.label_shares.items())
        table.add_row(entry.name, f"{entry.rows:,}", size_text(entry.bytes), *([labels] if labels else []))
    what = f"{summary.events:,} events in {duration_text(summary.simulated)} of simulated time, seed {summary.seed}"
    where = f"{summary.seconds:.1f} s; {size_text(summary.bytes)} in {folder}"
    workers = f", {summary.workers} workers" if summary.workers > 1 else ""
    how = [Text(f"{summary.engine}{workers}: {summary.why_engine}")] if summary.engine else []
    return Group(Text(title, style="bold"), table, Text(what), Text(where), *how)


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
        "engine": summary.engine,
        "why_engine": summary.why_engine,
        "workers": summary.workers,
        "tables": {
            entry.name: {"rows": entry.rows, "bytes": entry.bytes, "labels": entry.label_shares}
            for entry in summary.tables
        },
    }
