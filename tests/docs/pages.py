"""Reading the documentation's pages: fenced blocks, and tables, with the comments that stand before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])

ORDERS = ("file", "problem", "not run", "parts of", "exit", "edit", "rule of", "expressions", "keys", "listing")
"""What a comment may say; `tests/docs/test_docs_snippets.py` tells the meaning of each."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]+) *\n(?P<text>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(rf"<!-- ({'|'.join(ORDERS)})(?:: (.+?))? -->\s*\Z")
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
_CELL_END = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and text, the line it starts on, and what the comments before it say."""

    language: str
    text: str
    line: int
    orders: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table: the names of its columns, its rows of cells, the line it starts on, and the comments before it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    line: int
    orders: dict[str, str] = field(default_factory=dict)


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page that name a language."""
    for match in _FENCE.finditer(page):
        indent = len(match["indent"])
        text = "".join(line[indent:] or "\n" for line in match["text"].splitlines(keepends=True))
        yield Block(match["language"], text, _line(page, match.start("text")), _orders(page, match.start()))


def tables(page: str) -> Iterator[Table]:
    """The tables of a page, with cells stripped."""
    for match in _TABLE.finditer(_FENCE.sub(_blank, page)):
        head, _, *rows = (_cells(line) for line in match[0].splitlines())
        yield Table(head, tuple(rows), _line(page, match.start()), _orders(page, match.start()))


def code_in(cell: str) -> list[str]:
    """What stands between backticks in a cell."""
    return [code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", cell)]


def page_order(page: str, order: str) -> str | None:
    """What the first comment with ``order`` says, wherever it stands; None if there is none."""
    found = re.search(rf"<!-- {order}: (.+?) -->", page)
    return found[1] if found else None


def _orders(page: str, end: int) -> dict[str, str]:
    """The comments that stand right before the character at ``end``."""
    found: dict[str, str] = {}
    while comment := _COMMENT.search(page[:end]):
        found[comment[1]] = comment[2] or ""
        end = comment.start()
    return found


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in _CELL_END.split(line.strip())[1:-1])


def _line(page: str, at: int) -> int:
    return page.count("\n", 0, at) + 1


def _blank(match: re.Match[str]) -> str:
    """The same number of characters and lines, without anything in them."""
    return re.sub(r"[^\n]", " ", match[0])
