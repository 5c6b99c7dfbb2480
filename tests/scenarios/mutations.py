"""Scenario texts with random damage, as strategies of Hypothesis."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from bustle.scenarios import shipped

HERE = Path(__file__).parent
LIBRARY = dict(shipped())
TEXTS = [
    *(path.read_text(encoding="utf-8") for path in LIBRARY.values()),
    (HERE / "language_sample.yaml").read_text(encoding="utf-8"),
    (HERE / "broken" / "shop.yaml").read_text(encoding="utf-8"),
]
"""The shipped scenarios, the sample of the language's design, and one with every section."""

_TOKEN = re.compile(r"\w+|[^\w\s]+")

_ODD = (
    *("é", "日本", "\u200b", "\u00a0", "\U0001f600", "\ufeff", "\t", "\r", "\x00", "“", "٣", "²", "ﬀ", "\u2028", "Ⅻ"),
    *("9" * 30, "1e400", "1e308", "-1", "0", "1e-400", "0.1", "1_0_0", "9**9**9", "1/0", "2**63", "1e9 weeks", "00"),
    *("(" * 70, ")" * 70, "[" * 50, "{a: " * 50, "- " * 50, "not " * 200, "-" * 300, "a." * 150, "f(" * 40, "1+" * 200),
    *("if true:\n", "for x in self:\n", "else:\n", "stop\n", "emit ", "after 1 day: ", "pick(", "self", "event."),
    *(": ", "- ", "#", "&a ", "*a", "!!int ", "<<: ", "? ", "|", ">", "'", '"', "---\n", "%", "@", "`", "\\", "{}"),
    *("x" * 300, " " * 400, "\n" * 50, "true", "per day", "days", "percent", "2026-02-30", "12:99", "[]", "../x.csv"),
)
"""What is put into a text: odd characters, extreme numbers, deep nesting, words and signs of both languages."""

Edit = Callable[[str], str]


def _cut(text: str, at: float, length: int, put: str) -> str:
    start = int(at * len(text))
    return text[:start] + put + text[start + length :]


def _swap(text: str, at: float, to: float) -> str:
    if not text:
        return text
    i, j = sorted((int(at * (len(text) - 1)), int(to * (len(text) - 1))))
    return text[:i] + text[j] + text[i + 1 : j] + text[i] * (j > i) + text[j + 1 :]


def _tokens(text: str, at: float, to: float, how: str) -> str:
    found = list(_TOKEN.finditer(text))
    if not found:
        return text
    one, other = found[int(at * (len(found) - 1))], found[int(to * (len(found) - 1))]
    put = {"delete": "", "repeat": f"{one[0]} {one[0]}", "replace": other[0], "join": one[0] + other[0]}[how]
    return text[: one.start()] + put + text[one.end() :]


def _lines(text: str, at: float, to: float, how: str, indent: int) -> str:
    lines = text.split("\n")
    i, j = int(at * (len(lines) - 1)), int(to * (len(lines) - 1))
    if how == "delete":
        del lines[i]
    elif how == "repeat":
        lines.insert(j, lines[i])
    elif how == "swap":
        lines[i], lines[j] = lines[j], lines[i]
    elif how == "indent":
        lines[i] = " " * indent + lines[i].lstrip(" ") if indent % 2 else " " * indent + lines[i]
    else:
        first, last = min(i, j), max(i, j)
        del lines[first : min(last, first + indent + 1)]
    return "\n".join(lines)


_PLACE = st.floats(0, 1, exclude_max=True)


def _edits() -> st.SearchStrategy[Edit]:
    odd = st.sampled_from(_ODD)
    return st.one_of(
        st.builds(lambda at, length, put: lambda text: _cut(text, at, length, put), _PLACE, st.integers(0, 8), odd),
        st.builds(
            lambda at, length, put: lambda text: _cut(text, at, length, put),
            _PLACE,
            st.integers(0, 3),
            st.text(":,[]{}()-+*/='\"|# \nabc01.%<>", max_size=3),
        ),
        st.builds(lambda at, to: lambda text: _swap(text, at, to), _PLACE, _PLACE),
        st.builds(
            lambda at, to, how: lambda text: _tokens(text, at, to, how),
            _PLACE,
            _PLACE,
            st.sampled_from(["delete", "repeat", "replace", "replace", "join"]),
        ),
        st.builds(
            lambda at, to, how, indent: lambda text: _lines(text, at, to, how, indent),
            _PLACE,
            _PLACE,
            st.sampled_from(["delete", "repeat", "swap", "indent", "delete many"]),
            st.integers(0, 12),
        ),
    )


@st.composite
def damaged_texts(draw: st.DrawFn, most: int = 3) -> str:
    """One of `TEXTS` with one to ``most`` changes."""
    text = draw(st.sampled_from(TEXTS))
    for edit in draw(st.lists(_edits(), min_size=1, max_size=most)):
        text = edit(text)
    return text
