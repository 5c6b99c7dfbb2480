"""``bustle run`` from the command line to the last file, in a process of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.process_cost import run_python


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A run from the command line to the last file; ``rows`` are those of all tables, as the manifest counts them."""

    scenario: str
    rows: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def whole_run(
    scenario: str, options: Sequence[str] = (), folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> WholeRun:
    """Run ``scenario`` with ``options`` of ``bustle run``.

    Args:
        scenario: its name or file.
        options: beside ``--out`` and ``--quiet``.
        folder: where the run goes and stays; a temporary one that is thrown away if not given.
        environment: variables to set beside those of this process.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as scratch:
            return whole_run(scenario, options, Path(scratch) / "run", environment)
    command = ["-m", "bustle", "run", scenario, "--out", str(folder), "--quiet", *options]
    cost = run_python(command, environment)
    rows = table_rows(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    return WholeRun(scenario, rows, cost.seconds, cost.cpu_seconds, cost.peak_megabytes)


def table_rows(manifest: Mapping[str, Any]) -> int:
    """Rows of all tables by a run's manifest."""
    return sum(int(table["rows"]) for table in manifest["tables"].values())


def run_options(**given: object) -> list[str]:
    """Command-line options from names and values; those that are None are left out."""
    return [
        text
        for name, value in given.items()
        if value is not None
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]
