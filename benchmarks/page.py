"""Putting what was measured into a page of the documentation.

Between ``<!-- measured: NAME -->`` and ``<!-- end -->`` a page holds what the measurement of that name found last;
under the names ``machine`` and ``goals``, what it was measured on and all goals that the page tells of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MACHINE, GOALS = "machine", "goals"

_PART = re.compile(r"(<!-- measured: (?P<name>\w+) -->\n)(?P<text>.*?)(<!-- end -->)", re.DOTALL)
_GOAL = re.compile(
    r"^- (?P<verdict>reached|NOT REACHED): (?P<what>.*): (?P<found>[\d.,]+) \(asked for: (?P<limit>.*)\)$"
)


def parts(page: str) -> dict[str, str]:
    """What the page holds between its marks, by name."""
    return {found["name"]: found["text"] for found in _PART.finditer(page)}


def with_parts(page: str, new: Mapping[str, str]) -> str:
    """The page with ``new`` text between the marks of each name, and its table of goals made anew.

    Raises:
        ValueError: the page has no marks of that name.
    """
    missing = set(new) - set(parts(page))
    if missing:
        raise ValueError(f"the page has no marks <!-- measured: {min(missing)} -->")
    page = _filled(page, new)
    return _filled(page, {GOALS: goals_table(parts(page))}) if GOALS in parts(page) else page


def _filled(page: str, new: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        text = new.get(found["name"])
        return found[0] if text is None else f"{found[1]}{text.strip()}\n{found[4]}"

    return _PART.sub(fill, page)


def goals_table(measured: Mapping[str, str]) -> str:
    """All goals that the parts of a page tell of, as one table."""
    lines = ["| | figure | found | asked for | |", "| --- | --- | --- | --- | --- |"]
    for name, text in measured.items():
        for line in text.splitlines():
            goal = _GOAL.match(line)
            if goal is not None and name != GOALS:
                lines.append(f"| {name} | {goal['what']} | {goal['found']} | {goal['limit']} | {goal['verdict']} |")
    return "\n".join(lines)
