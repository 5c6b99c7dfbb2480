"""The language: scenario files, their grammar, types and checks.

>>> from bustle.scenarios import load
>>> scenario = load("card_fraud")
>>> scenario.name
'card_fraud'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bustle.scenarios.diagnostics import Diagnostic, RunError, ScenarioError, Span
    from bustle.scenarios.library import shipped
    from bustle.scenarios.scenario import Scenario, find_scenario, load

__all__ = ["Diagnostic", "RunError", "Scenario", "ScenarioError", "Span", "find_scenario", "load", "shipped"]

_HOMES = {
    "Diagnostic": "diagnostics",
    "RunError": "diagnostics",
    "Scenario": "scenario",
    "ScenarioError": "diagnostics",
    "Span": "diagnostics",
    "find_scenario": "scenario",
    "load": "scenario",
    "shipped": "library",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that a look at the library stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
