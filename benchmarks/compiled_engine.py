"""Measure the compiled engine: one command, every figure as a ratio within one run.

Each measurement starts processes of its own, several times and in turn where that is cheap; the least wall-clock and
the least CPU time count. They are

* ``handbook``: ``handbook_fraud`` beside a NumPy program written for this one model;
* ``million``: ``card_fraud`` with a million cardholders, inside the run and from YAML to Parquet;
* ``growth``: what a firing costs with ten thousand to a million cardholders;
* ``writing``: a whole run beside merely writing its table;
* ``reference``: beside the reference engine;
* ``workers``: with one and two workers;
* ``compile``: with empty caches, and the time to the first event;
* ``profile``: where the time goes, and what the machine could do at best.

    python -m benchmarks.compiled_engine
    python -m benchmarks.compiled_engine --only growth,reference --json
    python -m benchmarks.compiled_engine --only million --full
    python -m benchmarks.compiled_engine --quick
    python -m benchmarks.compiled_engine --into docs/performance.md

``--into`` puts what was found into a page that has marks for it (see `benchmarks.page`). ``--full`` adds 90 days of a
million cardholders: 100 million rows, 10 GB of disk, minutes. ``--quick`` tries everything at tiny sizes, at which
nothing is judged.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks import (
    measure_compile,
    measure_growth,
    measure_handbook,
    measure_million,
    measure_profile,
    measure_reference,
    measure_workers,
    measure_writing,
)
from benchmarks.findings import Finding, render
from benchmarks.machine import describe_machine
from benchmarks.page import MACHINE, with_parts
from benchmarks.sizes import QUICK, USUAL, Sizes

MEASUREMENTS: dict[str, Callable[[Sizes], Finding]] = {
    "handbook": measure_handbook.measure,
    "million": measure_million.measure,
    "growth": measure_growth.measure,
    "writing": measure_writing.measure,
    "reference": measure_reference.measure,
    "workers": measure_workers.measure,
    "compile": measure_compile.measure,
    "profile": measure_profile.measure,
}
"""The measurements by name, in order."""

LONG_DAYS = 90
"""Days of the run that ``--full`` adds."""


def chosen(names: str | None) -> list[str]:
    """The measurements of a comma-separated list; all without one.

    Raises:
        ValueError: there is none of that name.
    """
    wanted = list(MEASUREMENTS) if names is None else [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in MEASUREMENTS:
            raise ValueError(f"there is no measurement {name!r}; there are {', '.join(MEASUREMENTS)}")
    return wanted


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAMES", help="some of the measurements, comma-separated")
    parser.add_argument("--full", action="store_true", help="also 90 days of a million cardholders")
    parser.add_argument("--quick", action="store_true", help="tiny sizes; nothing is judged")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--into", metavar="PAGE", type=Path, help="also put the tables into a page, between its marks")
    given = parser.parse_args()
    try:
        names = chosen(given.only)
    except ValueError as error:
        parser.error(str(error))
    if given.quick and given.into:
        parser.error("tiny sizes are nothing for a page")
    sizes = QUICK if given.quick else replace(USUAL, long_days=LONG_DAYS) if given.full else USUAL

    machine = describe_machine()
    about = ", ".join(f"{name} {value}" for name, value in machine.items() if name != "load")
    if not given.json:
        print(about, flush=True)
    findings = []
    for name in names:
        load = os.getloadavg()[0]
        finding = MEASUREMENTS[name](sizes)
        text = f"{render(finding, judged=not given.quick)}\n\nLoad average of the machine before: {load:.1f}."
        if not given.json:
            print(f"\n{text}", flush=True)
        if given.into is not None:
            page = given.into.read_text(encoding="utf-8")
            given.into.write_text(with_parts(page, {name: text, MACHINE: f"{about}."}), encoding="utf-8")
        goals = [{**asdict(goal), "reached": goal.reached} for goal in finding.goals]
        findings.append({**asdict(finding), "goals": goals, "load": load})
    if given.json:
        print(json.dumps({"machine": machine, "judged": not given.quick, "findings": findings}, indent=1))


if __name__ == "__main__":
    main()
