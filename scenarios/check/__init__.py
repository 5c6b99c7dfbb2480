"""The checker: from the sections of a file to a typed `Model`, with every problem found on the way."""

from __future__ import annotations

from bustle.scenarios.check.checker import check_file

__all__ = ["check_file"]
