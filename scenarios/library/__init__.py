"""The scenarios that come with bustle."""

from __future__ import annotations

from pathlib import Path


def shipped() -> dict[str, Path]:
    """The shipped scenarios: name to file, in order of name."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.yaml"))}
