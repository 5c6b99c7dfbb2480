"""``bustle check``: every problem of a scenario file."""

from __future__ import annotations

from argparse import ArgumentParser

from bustle.cli.consoles import messages, print_json
from bustle.cli.failures import BAD_INPUT, explained_failures
from bustle.cli.options import load, scenario_argument


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    scenario_argument(parser)
    help_format = "text for people; json for editors, on stdout; text if not given."
    parser.add_argument("--format", dest="format_", choices=("text", "json"), default="text", help=help_format)
    parser.set_defaults(do=check)


def check(scenario: str, *, format_: str) -> None:
    """Check a scenario without running it; exit code 2 if anything is wrong."""
    from bustle.scenarios.diagnostics import ScenarioError

    with explained_failures():
        try:
            model = load(scenario).model
        except ScenarioError as error:
            if format_ == "text":
                raise
            print_json({"ok": False, "problems": [problem.to_dict() for problem in error.diagnostics]})
            raise SystemExit(BAD_INPUT) from None
        if format_ == "json":
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
