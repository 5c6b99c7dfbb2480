"""Makes a scenario smaller as long as something stays true of it, to find out what a failure is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import yaml

from bustle.scenarios.diagnostics import ScenarioError
from bustle.scenarios.scenario import Scenario
from bustle.scenarios.written import dump

Path = tuple[str | int, ...]


def shrunk(text: str, fails: Callable[[str], bool]) -> str:
    """A smaller scenario that checks and for which ``fails`` is true as well.

    Parts are left out one after the other, large ones first: whole sections, their entries, statements of rules.
    """
    sections = yaml.load(text, yaml.BaseLoader)
    found = True
    while found:
        found = False
        for path in _parts(sections):
            smaller = _without(sections, path)
            if smaller is not None and _checks(written := dump(smaller)) and fails(written):
                sections, found = smaller, True
                break
    return dump(sections)


def _parts(sections: Any) -> Iterator[Path]:
    """Everything that could be left out, the largest parts first."""
    level: list[Path] = [()]
    while level:
        deeper: list[Path] = []
        for path in level:
            part = _at(sections, path)
            if isinstance(part, dict | list):
                keys: list[Any] = list(part) if isinstance(part, dict) else list(range(len(part)))
                deeper += [(*path, key) for key in keys]
            elif path and path[-1] == "do":
                deeper += [(*path, line) for line in range(len(part.splitlines()))]
        yield from (path for path in deeper if path[0] not in ("scenario", "clock"))
        level = [path for path in deeper if not (len(path) > 1 and path[-2] == "do")]


def _at(sections: Any, path: Path) -> Any:
    for key in path:
        sections = sections[key]
    return sections


def _without(sections: Any, path: Path) -> dict[str, Any] | None:
    """A copy without one part; None where nothing would be left of what holds it."""
    smaller: dict[str, Any] = deepcopy(sections)
    if len(path) > 1 and path[-2] == "do":
        rule = _at(smaller, path[:-2])
        lines = rule["do"].splitlines()
        place = int(path[-1])
        depth, end = _indent(lines[place]), place + 1
        while end < len(lines) and _indent(lines[end]) > depth:
            end += 1
        rest = lines[:place] + lines[end:]
        rule["do"] = "\n".join(rest or ["stop"]) + "\n"
        return None if rest == lines or lines == ["stop"] else smaller
    holder = _at(smaller, path[:-1])
    del holder[path[-1]]
    return smaller


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _checks(text: str) -> bool:
    try:
        Scenario.from_text(text)
    except ScenarioError:
        return False
    return True
