"""``bustle explain``: what a run will take and give, before it is run."""

from __future__ import annotations

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
