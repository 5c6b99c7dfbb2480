"""Tables from a log.

A recorder turns the rows of a log into those of one table, a bounded number at a time; sinks write them. It gets them
as they are written, where the table needs nothing else, and otherwise from the log's files, so a table can be recorded
at any time from a folder's log, in any format: nothing is run again, and both ways give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bustle.outputs.recorders.open_table import RecordedTable
from bustle.outputs.recorders.tables import Tables
from bustle.outputs.row_draws import DrawFunction
from bustle.scenarios.model import Model

__all__ = ["DrawFunction", "RecordedTable", "Tables", "record_tables"]


def record_tables(
    folder: Path | str, model: Model, draw: DrawFunction, formats: Sequence[str] = ("parquet",)
) -> tuple[RecordedTable, ...]:
    """Record every table of ``model`` from the log in ``folder`` into ``folder/tables``.

    Args:
        folder: the folder of a run with a complete log.
        model: the scenario that was run.
        draw: makes the draws of columns; see `bustle.outputs.row_draws.DrawFunction`.
        formats: names in `bustle.outputs.sinks.FORMATS`.

    Returns:
        The tables in the scenario's order.

    Raises:
        OutputError: the log lacks something, a format is unknown or not installed, or a file cannot be written.
        RunError: a draw in a column has an argument that its distribution does not allow.
    """
    with Tables(folder, model, draw, formats) as tables:
        return tables.record()
