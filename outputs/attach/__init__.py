"""bustle's outputs for models that bustle does not run.

`EventLog` takes events from any Python code. `record_simpy` and `record_mesa` give it the clock of a SimPy environment
or of a Mesa model, and the agents of the latter. What comes out is the folder of a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bustle.outputs.attach.event_log import EventLog
    from bustle.outputs.attach.recording import record_mesa, record_simpy

__all__ = ["EventLog", "record_mesa", "record_simpy"]

_HOMES = {"EventLog": "event_log", "record_mesa": "recording", "record_simpy": "recording"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
