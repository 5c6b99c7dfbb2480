"""Problems of a scenario file: where they are, what is wrong, and what would help."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line of a file. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        """``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: its place, the source line, what is wrong, and a hint."""

    span: Span
    message: str
    hint: str = ""
    source: str = ""

    def __str__(self) -> str:
        """The message with the source line, a caret and the hint."""
        lines = [f"{self.span}: {self.message}"]
        if self.source:
            start = self.span.column - 1
            before = _width(self.source[:start])
            carets = _width(self.source[: start + self.span.length]) - before
            lines += [f"    {self.source.expandtabs(_TAB)}", f"    {' ' * before}{'^' * max(1, carets)}"]
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, str | int]:
        """The problem as JSON-ready values, for editors."""
        return {
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "length": self.span.length,
            "message": self.message,
            "hint": self.hint,
        }


_TAB = 4


def _width(text: str) -> int:
    """The columns that ``text`` takes in a terminal, from the start of a line."""
    expanded = text.expandtabs(_TAB)
    if expanded.isascii():
        return len(expanded)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in expanded)
    return len(expanded) + wide - sum(unicodedata.combining(character) > 0 for character in expanded)


class ScenarioError(Exception):
    """A scenario cannot be used; ``diagnostics`` holds every problem found, in file order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: (d.span, d.message)))
        super().__init__("\n\n".join(map(str, self.diagnostics)))


LONGEST_NAME = 60
"""Longest name for which others like it are looked for."""

MOST_NAMES = 120
"""Most names among which one like it is looked for."""


def suggest(name: str, known: Iterable[str], what: str = "") -> str:
    """A hint for a misspelt name: the nearest known names, at most three, or the list of all if short."""
    names = [other for other in dict.fromkeys(known) if len(other) <= LONGEST_NAME]
    if len(names) > MOST_NAMES:
        names = [other for other in names if other[:1] == name[:1]][:MOST_NAMES]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6) if len(name) <= LONGEST_NAME else []
    if near:
        return "did you mean " + " or ".join(f"`{n}`" for n in near) + "?"
    if names and len(names) <= 12:
        return f"known{' ' + what if what else ''}: " + ", ".join(names)
    return ""


class RunError(Exception):
    """A run cannot go on for a reason in the scenario: one message, and the place in the file that caused it."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        self.message = message
        self.span = span
        super().__init__(f"{span}: {message}" if span else message)
