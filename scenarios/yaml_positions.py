"""Where each character of a YAML scalar's value stands in the file.

YAML folds lines, strips indentation and reads escapes, so a place inside a value is not
the same place in the source. Each reading here builds value and places together and is
believed only if it gives the value that the YAML parser gave.
"""

from __future__ import annotations


def positions_of(value: str, raw: str, style: str) -> list[int] | None:
    """Places in ``raw`` of each character of ``value`` and of its end; None where they cannot be followed."""
    raise NotImplementedError
