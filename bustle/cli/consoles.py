"""Where the command line writes: results on stdout, messages on stderr."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def results() -> Console:
    """The console for results. Off a terminal it has no colour and never breaks a line."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = int(os.environ.get("COLUMNS", "160"))
    return console


def messages() -> Console:
    """The console for messages, on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Write ``value`` to stdout as one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
