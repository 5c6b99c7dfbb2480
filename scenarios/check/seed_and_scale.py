"""Checking the seed and the scale, which a file and a command line may give."""

from __future__ import annotations

import re

from bustle.scenarios.check.problems import Problems
from bustle.scenarios.yaml_nodes import Text

LARGEST_SEED = 2**63 - 1
LARGEST_SCALE = 1_000_000


def check_seed(problems: Problems, text: Text | None) -> int:
    """The seed of a file; a problem is noted if it is none."""
    if text is None:
        return 1
    written = text.value.replace("_", "")
    if not re.fullmatch("[0-9]{1,19}", written) or int(written) > LARGEST_SEED:
        problems.note(text.span, f"a seed is a whole number from 0 to {LARGEST_SEED}, not `{text.value}`")
        return 1
    return int(written)


def check_scale(problems: Problems, text: Text | None) -> float:
    """The factor on the sizes of populations; a problem is noted if it is not above 0."""
    if text is None:
        return 1.0
    try:
        scale = float(text.value.replace("_", ""))
    except ValueError:
        scale = 0.0
    if not 0 < scale <= LARGEST_SCALE:
        problems.note(text.span, f"`{text.value}` is not a scale", f"a number above 0, at most {LARGEST_SCALE:,}")
        return 1.0
    return scale
