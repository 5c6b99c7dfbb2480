"""Agent-based simulation: one scenario file in, one labelled synthetic dataset out.

    >>> import bustle
    >>> run = bustle.run("card_fraud", seed=1, scale=0.002, length="5 days")
    >>> "fraud" in run.table("transactions").columns
    True

Everything named here is loaded when it is first used, so that ``import bustle`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bustle.api import Scenario, audit, resume, run
    from bustle.frame_features import features
    from bustle.outputs.attach import EventLog, record_mesa, record_simpy
    from bustle.outputs.errors import OutputError
    from bustle.python_classes import CodeError
    from bustle.results import Run
    from bustle.scenarios.diagnostics import RunError, ScenarioError
    from bustle.sim.python_agents import PythonAgent

__version__ = "0.1.0"

_HOMES = {
    "CodeError": "bustle.python_classes",
    "EventLog": "bustle.outputs.attach",
    "OutputError": "bustle.outputs.errors",
    "PythonAgent": "bustle.sim.python_agents",
    "Run": "bustle.results",
    "RunError": "bustle.scenarios.diagnostics",
    "Scenario": "bustle.api",
    "ScenarioError": "bustle.scenarios.diagnostics",
    "audit": "bustle.api",
    "features": "bustle.frame_features",
    "record_mesa": "bustle.outputs.attach",
    "record_simpy": "bustle.outputs.attach",
    "resume": "bustle.api",
    "run": "bustle.api",
}
"""The module that holds each public name."""

__all__ = [
    "CodeError",
    "EventLog",
    "OutputError",
    "PythonAgent",
    "Run",
    "RunError",
    "Scenario",
    "ScenarioError",
    "__version__",
    "audit",
    "features",
    "record_mesa",
    "record_simpy",
    "resume",
    "run",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bustle' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
