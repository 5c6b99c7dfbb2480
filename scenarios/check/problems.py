"""Collecting the problems of a scenario, so that all are reported at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bustle.scenarios.diagnostics import Diagnostic, ScenarioError, Span

MOST_PROBLEMS = 200
"""Problems kept; a file with more is reported up to here."""


class Reject(Exception):
    """Checking of one expression or statement cannot go on; its problem has been noted."""


@dataclass(slots=True)
class Problems:
    """The problems found so far, and the texts of the files to quote from."""

    sources: dict[str, list[str]] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def add_source(self, file: str, text: str) -> None:
        """Remember the text of ``file`` so that its lines can be quoted."""
        self.sources[file] = text.splitlines()

    def note(self, span: Span, message: str, hint: str = "") -> None:
        """Note a problem and go on."""
        self.keep(Diagnostic(span, message, hint))

    def keep(self, diagnostic: Diagnostic) -> None:
        """Note a problem made elsewhere, with its source line added."""
        if len(self.found) >= MOST_PROBLEMS or diagnostic in self.found:
            return
        lines = self.sources.get(diagnostic.span.file, [])
        line = diagnostic.span.line
        if not diagnostic.source and 1 <= line <= len(lines):
            diagnostic = replace(diagnostic, source=lines[line - 1])
        if diagnostic not in self.found:
            self.found.append(diagnostic)

    def reject(self, span: Span, message: str, hint: str = "") -> Reject:
        """Note a problem; raise what this returns to leave the expression."""
        self.note(span, message, hint)
        return Reject(message)

    def raise_if_any(self) -> None:
        """Raise `ScenarioError` with every problem noted."""
        if self.found:
            raise ScenarioError(self.found)
