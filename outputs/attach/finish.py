"""Completing the folder of an attached log: scenario, tables, card, and last the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bustle.outputs.card import write_card
from bustle.outputs.errors import OutputError
from bustle.outputs.folder import SCENARIO
from bustle.outputs.manifest import write_manifest
from bustle.outputs.recorders import record_tables
from bustle.outputs.text_file import write_text_file
from bustle.scenarios.scenario import Scenario


def finish(folder: Path, scenario: Scenario, formats: Sequence[str]) -> None:
    """Write everything that stands beside the complete log in ``folder``; the manifest makes it a whole run.

    Raises:
        OutputError: a file cannot be written, or a format is unknown.
    """
    write_text_file(folder / SCENARIO, scenario.resolved_text())
    tables = record_tables(folder, scenario.model, _no_draws, formats)
    write_card(folder, scenario.model, tables)
    write_manifest(folder, scenario.model, tables)


def _no_draws(*_arguments: Any, **_named: Any) -> Any:
    """Columns of declared events and agents draw nothing."""
    raise OutputError("an attached log has no draws")
