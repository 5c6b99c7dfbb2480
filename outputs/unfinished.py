"""What files are called until they are whole."""

from __future__ import annotations

from pathlib import Path


def partial_of(path: Path) -> Path:
    """The name under which ``path`` is written until it is complete."""
    return path.with_name(path.name + ".partial")
