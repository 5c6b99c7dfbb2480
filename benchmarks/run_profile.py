"""Where the time of a whole run goes: from the start of Python to the last file.

Prints JSON: the stages that follow each other, and what the threads beside them do.

    python -m benchmarks.run_profile card_fraud --length "5 days" --workers 2
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from types import ModuleType

from benchmarks.process_age import process_age
from benchmarks.stopwatch import Stage, Stopwatch
from bustle import Scenario, pipeline, writing
from bustle.agents.making import WorldMaker
from bustle.allocator import keep_freed_memory
from bustle.outputs.log import LogWriter
from bustle.outputs.log_file import LogFile
from bustle.outputs.recorders.alongside import TableAlongside
from bustle.outputs.recorders.open_table import OpenTable
from bustle.outputs.recorders.tables import Tables
from bustle.sim.compiled.engine import CompiledEngine

IN_LINE: dict[str, tuple[ModuleType | type, str]] = {
    "making the world": (pipeline, "build_world"),
    "planning, generating code": (pipeline, "choose_engine"),
    "making the engine": (pipeline, "make_chosen"),
    "the engine's run": (CompiledEngine, "run"),
    "waiting for the log": (LogWriter, "close"),
    "recording tables": (Tables, "record"),
    "the dataset's card": (writing, "write_card"),
    "manifest and checksums": (writing, "write_manifest"),
}
"""What a run does one after the other."""

WITHIN: dict[str, tuple[ModuleType | type, str]] = {
    "networks, within making the world": (WorldMaker, "network"),
    "handing rows to the log, within the engine's run": (LogWriter, "write"),
    "encoding and writing the log, in its own thread": (LogFile, "_write_group"),
    "making and writing tables beside the log, in their own thread": (TableAlongside, "take"),
    "encoding and writing tables, within that or after the run": (OpenTable, "write"),
}
"""Parts of those, or what another thread does meanwhile."""

START = "Python, imports, reading the scenario"
"""A run of the command imports what writes log and tables beside the engine's run; here all is there before."""


def run_profile(scenario: str, length: str | None, scale: float | None, workers: int) -> dict[str, object]:
    """The stages of a run into a temporary folder, with what happened in this process before it."""
    keep_freed_memory()
    watch = Stopwatch()
    for stage, (owner, name) in (*IN_LINE.items(), *WITHIN.items()):
        watch.around(owner, name, stage)
    checked = Scenario.load(scenario).with_values(length=length, scale=scale).checked
    before, cpu_before = time.perf_counter() - STARTED, time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        options = pipeline.Options(engine="compiled", workers=workers)
        started, cpu_started = time.perf_counter(), time.process_time()
        summary = pipeline.execute(checked, Path(scratch) / "run", options)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    in_line = {name: watch.stages[name] for name in IN_LINE}
    rest = Stage(
        seconds=seconds - sum(stage.seconds for stage in in_line.values()),
        cpu_seconds=cpu_seconds - sum(stage.cpu_seconds for stage in in_line.values()),
    )
    start = Stage(seconds=before, cpu_seconds=cpu_before)
    return {
        "events": summary.events,
        "rows": {table.name: table.rows for table in summary.tables},
        "seconds": before + seconds,
        "cpu_seconds": cpu_before + cpu_seconds,
        "in_line": {name: stage.values() for name, stage in ({START: start} | in_line | {"all else": rest}).items()},
        "within": {name: watch.stages[name].values() for name in WITHIN},
    }


STARTED = time.perf_counter() - process_age()
"""When the process began."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario")
    parser.add_argument("--length")
    parser.add_argument("--scale", type=float)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(run_profile(given.scenario, given.length, given.scale, given.workers)))


if __name__ == "__main__":
    main()
