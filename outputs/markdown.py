"""Markdown from cells and lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int] = ()) -> list[str]:
    r"""The lines of a table; columns that are empty in every row are left out, those in ``numeric`` align right.

    >>> markdown_table(["name", "unit", "rows"], [["a", "", "1"], ["b|c", "", "20"]], numeric=[2])
    ['| name | rows |', '|---|---:|', '| a | 1 |', '| b\\|c | 20 |']
    """
    cells = [list(row) for row in rows]
    used = [i for i in range(len(header)) if any(row[i] for row in cells)]
    rule = "".join("---:|" if i in numeric else "---|" for i in used)
    lines = [_row([header[i] for i in used]), f"|{rule}"]
    return [*lines, *(_row([_cell(row[i]) for i in used]) for row in cells)]


def code(text: str) -> str:
    """``text`` as inline code.

    >>> code("a | b")
    '`a | b`'
    """
    return f"`{text}`"


def one_line(text: str) -> str:
    """``text`` without line breaks."""
    return " ".join(text.split())


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")
