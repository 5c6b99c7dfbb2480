"""``bustle check``: every problem of a scenario file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bustle.cli.consoles import messages, print_json
from bustle.cli.failures import BAD_INPUT, explained_failures
from bustle.cli.options import ScenarioArgument, load


class CheckFormat(StrEnum):
    """How problems are shown."""

    TEXT = "text"
    JSON = "json"


def check(
    scenario: ScenarioArgument,
    format_: Annotated[
        CheckFormat, typer.Option("--format", help="text for people; json for editors, on stdout.")
    ] = CheckFormat.TEXT,
) -> None:
    """Check a scenario without running it; exit code 2 if anything is wrong."""
    from bustle.scenarios.diagnostics import ScenarioError

    with explained_failures():
        try:
            model = load(scenario).model
        except ScenarioError as error:
            if format_ is CheckFormat.TEXT:
                raise
            print_json({"ok": False, "problems": [problem.to_dict() for problem in error.diagnostics]})
            raise typer.Exit(BAD_INPUT) from None
        if format_ is CheckFormat.JSON:
            print_json({"ok": True, "problems": []})
        else:
            counts = (
                (len(model.populations), "population"),
                (len(model.behaviors), "behavior"),
                (len(model.events), "event"),
                (len(model.tables), "table"),
            )
            parts = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
            messages().print(f"{model.name}: no problems ({parts})", markup=False)
