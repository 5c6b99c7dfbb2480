"""What a measurement finds: tables of figures, goals reached or not, and remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in rows; ``columns`` are their headings."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what was asked of it.

    Attributes:
        what: the figure in words, with its unit.
        found: the figure.
        kind: the direction of ``limit``.
        limit: what was asked for.
    """

    what: str
    found: float
    kind: Literal["at least", "at most"]
    limit: float

    @property
    def reached(self) -> bool:
        """Whether the figure is what was asked for, or better."""
        return self.found >= self.limit if self.kind == "at least" else self.found <= self.limit

    def text(self, *, judged: bool = True) -> str:
        """One line that says whether the goal is reached, if it is to be judged."""
        verdict = ("reached" if self.reached else "NOT REACHED") if judged else "not judged"
        return f"{verdict}: {self.what}: {cell_text(self.found)} (asked for: {self.kind} {cell_text(self.limit)})"


@dataclass(frozen=True, slots=True)
class Finding:
    """All that one measurement found.

    Attributes:
        name: of the measurement.
        about: what was measured, in a sentence.
        tables: the figures.
        goals: what was asked for.
        notes: what a reader should know beside it, one sentence each.
    """

    name: str
    about: str
    tables: tuple[Table, ...]
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = ()


def cell_text(cell: Cell) -> str:
    """A figure for people: three digits of a number, all of a whole number, text as it is."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return f"{cell:,}"
    size = abs(cell)
    places = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 or size == 0 else 3
    return f"{cell:,.{places}f}"


def markdown_table(table: Table) -> list[str]:
    """The lines of a table in Markdown."""
    rows = [table.columns, tuple("---" for _ in table.columns), *(map(cell_text, row) for row in table.rows)]
    return [f"| {' | '.join(row)} |" for row in rows]


def render(finding: Finding, *, judged: bool = True) -> str:
    """The finding as a section in Markdown."""
    lines = [f"## {finding.name}", "", finding.about]
    for table in finding.tables:
        lines += ["", *markdown_table(table)]
    if finding.goals:
        lines += ["", *(f"- {goal.text(judged=judged)}" for goal in finding.goals)]
    if finding.notes:
        lines += ["", *finding.notes]
    return "\n".join(lines)
