"""Where the time goes, and what the machine could do at best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.findings import Cell, Finding, Table
from benchmarks.process_cost import run_python
from benchmarks.sizes import Sizes, scale_of
from benchmarks.whole_run import run_options


def measure(sizes: Sizes) -> Finding:
    """Profiles of the engine's run, of two whole runs, and the speed of memory and draws."""
    size = run_options(length=f"{sizes.days} days", scale=scale_of(sizes.many))
    engine = run_python(["-m", "benchmarks.engine_profile", "card_fraud", *size]).result
    card = run_python(["-m", "benchmarks.run_profile", "card_fraud", "--workers", "2", *size]).result
    handbook = run_python(
        ["-m", "benchmarks.run_profile", "handbook_fraud", *run_options(length=sizes.handbook_length)]
    ).result
    machine = run_python(["-m", "benchmarks.machine_speed", "--megabytes", str(sizes.memory_megabytes)]).result
    firing = 1e9 * float(engine["cpu_seconds"]) / int(engine["firings"])
    return Finding(
        "profile",
        f"One thread of the engine alone on {sizes.days} days of `card_fraud` with {sizes.many:,} cardholders; the "
        "whole run of the same with 2 workers; the whole run of `handbook_fraud` with one; and what one thread of this "
        "machine can do at best.",
        (
            engine_table(engine),
            run_table("card_fraud", card),
            run_table("handbook_fraud", handbook),
            Table(("at best", "CPU ns"), [(name, float(value)) for name, value in machine.items()]),
        ),
        notes=(
            f"A firing takes {firing:.0f} CPU ns in all. Parts marked *within* or *in its own thread* are contained in "
            "the stages above them, or happen meanwhile; CPU seconds of a stage are those of all threads while it "
            "lasts.",
        ),
    )


def engine_table(found: Mapping[str, Any]) -> Table:
    """Stages of the engine's run, with the time for each firing."""
    total, firings = float(found["cpu_seconds"]), int(found["firings"])
    stages = {**found["stages"], "all together": total}
    rows: list[tuple[Cell, ...]] = [
        (name, float(cpu), 1e9 * cpu / firings, f"{100 * cpu / total:.0f} %") for name, cpu in stages.items()
    ]
    return Table(("inside the run", "CPU seconds", "CPU ns a firing", "share"), rows)


def run_table(scenario: str, found: Mapping[str, Any]) -> Table:
    """Stages of a whole run, then what happens within them."""
    rows: list[tuple[Cell, ...]] = [
        (name, float(stage["seconds"]), float(stage["cpu_seconds"])) for name, stage in found["in_line"].items()
    ]
    rows.append(("all together", float(found["seconds"]), float(found["cpu_seconds"])))
    rows += [
        (f"*{name}*", float(stage["seconds"]), float(stage["thread_seconds"]))
        for name, stage in found["within"].items()
    ]
    return Table((f"whole run of `{scenario}`", "seconds", "CPU seconds"), rows)
