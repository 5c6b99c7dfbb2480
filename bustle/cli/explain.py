"""``bustle explain``: what a run will take and give, before it is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bustle.cli.consoles import print_json, results
from bustle.cli.failures import explained_failures
from bustle.cli.options import (
    JsonOption,
    LengthOption,
    ScaleOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    load,
)
from bustle.cli.quantities import size_text

if TYPE_CHECKING:
    from bustle.scenarios.model import Model
    from bustle.sim.plan.amounts import Amount
    from bustle.sim.plan.estimate import Estimate


def explain(
    scenario: ScenarioArgument,
    set_: SetOption = None,
    length: LengthOption = None,
    scale: ScaleOption = None,
    seed: SeedOption = None,
    json_: JsonOption = False,
) -> None:
    """Estimate what a run will take and give: populations, events, rows, memory, disk."""
    with explained_failures():
        model = load(scenario, set_, length=length, scale=scale, seed=seed).model

        from bustle.sim.plan.estimate import estimate

        found = estimate(model)
        if json_:
            print_json({"scenario": model.name, **found.to_dict()})
        else:
            _print(model, found)


def _print(model: Model, found: Estimate) -> None:
    from rich.table import Table
    from rich.text import Text

    from bustle.outputs.quantity_text import duration_text

    console = results()
    console.print(Text(model.title or model.name, style="bold"))
    console.print(Text(f"{duration_text(model.clock.length)} of simulated time, seed {model.seed}\n"))
    sections: list[tuple[str, str, dict[str, str]]] = [
        ("population", "agents", {name: f"{size:,}" for name, size in found.populations.items()}),
        ("network", "edges", _texts(found.networks)),
        ("behavior", "firings", _texts(found.firings)),
        ("event", "rows of the log", _texts({**found.events, "all": found.all_events})),
        ("table", "rows", _texts(found.tables)),
    ]
    for what, of_what, numbers in sections:
        if not numbers:
            continue
        table = Table()
        table.add_column(what, min_width=24)
        table.add_column(of_what, justify="right", min_width=24)
        for name, text in numbers.items():
            table.add_row(name, text)
        console.print(table)
    disk = "unknown" if found.disk.kind == "unknown" else f"{_in_words(found.disk)}{size_text(found.disk.number)}"
    console.print(Text(f"memory about {size_text(found.memory)}, disk {disk}"))
    for note in found.notes:
        console.print(Text(f"note: {note}"))


def _texts(amounts: Mapping[str, Amount]) -> dict[str, str]:
    return {
        name: "unknown" if (number := amount.rounded()) is None else f"{_in_words(amount)}{number:,}"
        for name, amount in amounts.items()
    }


def _in_words(amount: Amount) -> str:
    return "" if amount.kind == "expected" else f"{amount.kind} "
