"""Collecting the problems of a scenario, so that all are reported at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bustle.scenarios.diagnostics import Diagnostic, ScenarioError, Span
from bustle.scenarios.yaml_nodes import Source, Text

MOST_PROBLEMS = 200
"""Problems kept; a file with more is reported up to here."""

LONGEST_MESSAGE = 300
"""Longest message or hint; one that quotes a longer name is cut."""


class Reject(Exception):
    """Checking of one expression or statement cannot go on; its problem has been noted."""


class TooManyProblems(Exception):
    """As many problems have been noted as are kept; checking can stop."""


@dataclass(slots=True)
class Problems:
    """The problems found so far, and the texts of the files to quote from.

    ``unclear`` holds names whose declarations are broken: that they are not known is no further problem.
    ``is_incomplete`` says that a used file is missing, so that no name is unknown for sure. ``followed``
    holds what could not be checked because of a problem elsewhere.
    """

    sources: dict[str, Source] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)
    is_incomplete: bool = False
    followed: list[tuple[str, Span]] = field(default_factory=list)

    def add_source(self, file: str, content: str | bytes) -> None:
        """Remember the text of ``file`` so that its lines can be quoted."""
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        self.sources[file] = Source(text.removeprefix("\ufeff"), file)

    def note(self, span: Span, message: str, hint: str = "") -> None:
        """Note a problem and go on."""
        self.keep(Diagnostic(span, message, hint))

    def keep(self, diagnostic: Diagnostic) -> None:
        """Note a problem made elsewhere, with its source line added.

        Raises:
            TooManyProblems: It is the last one that is kept.
        """
        source = self.sources.get(diagnostic.span.file)
        if source is not None and not diagnostic.source:
            diagnostic = source.problem(diagnostic.span, diagnostic.message, diagnostic.hint)
        diagnostic = replace(diagnostic, message=_cut(diagnostic.message), hint=_cut(diagnostic.hint))
        if diagnostic not in self.found:
            self.found.append(diagnostic)
        if len(self.found) >= MOST_PROBLEMS:
            raise TooManyProblems

    def reject(self, span: Span, message: str, hint: str = "") -> Reject:
        """Note a problem; raise what this returns to leave the expression."""
        self.note(span, message, hint)
        return Reject(message)

    def unknown(self, name: str, span: Span, message: str, hint: str = "") -> Reject:
        """Like `reject`, for a name that is not known: noted once, and not at all if its declaration is broken."""
        if name in self.unclear or self.is_incomplete:
            return self.follow_up(name, span)
        self.unclear.add(name)
        return self.reject(span, message, hint)

    def follow_up(self, name: str, span: Span) -> Reject:
        """Raise what this returns where checking cannot go on only because ``name`` is broken elsewhere."""
        self.followed.append((name, span))
        return Reject(name)

    def raise_if_any(self) -> None:
        """Raise `ScenarioError` with every problem noted."""
        if self.found:
            raise ScenarioError(self.found)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def given(value: str, file: str, problems: Problems) -> Text:
    """A text that did not come from a file, with a place that names where it did come from."""
    problems.add_source(file, value)
    return Text(value, Source(value, file), 0, len(value))
