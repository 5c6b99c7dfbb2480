"""What is wrong with a text that is no expression and no block, in the words of the person who wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bustle.scenarios.diagnostics import Diagnostic, Span, suggest
from bustle.scenarios.foreign_words import FIRST_WORDS, NOT_UNITS, SIGNS

if TYPE_CHECKING:
    from bustle.scenarios.yaml_nodes import Text

Start = Literal["expression", "block"]

_WHAT = {"expression": "an expression", "block": "statements"}
_UNITS = ("seconds", "minutes", "hours", "days", "weeks", "percent")


def without_comments(source: str) -> str:
    """``source`` without what follows ``#``."""
    return re.sub(r"#[^\n]*", "", source)


def nothing(text: Text, start: Start) -> Diagnostic:
    """The problem of a text that says nothing."""
    hint = "write `stop` for a rule that does nothing" if start == "block" else ""
    return Diagnostic(text.span, f"{_WHAT[start]} should stand here", hint)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a text goes wrong: its line up to there and from there on, and the word that stands there."""

    text: Text
    at: int
    before: str
    after: str
    word: str
    expected: set[str]
    start: Start

    @property
    def first_word(self) -> str:
        """The word with which the line begins."""
        found = re.match(r"\s*(\w+)", self.before + self.after)
        return found[1] if found else ""

    @property
    def in_brackets(self) -> bool:
        return self.open_bracket() is not None

    def open_bracket(self) -> int | None:
        """Where the innermost bracket before this place opens that is not closed before it."""
        opened: list[int] = []
        for at, character in enumerate(self.text.value[: self.at]):
            if character == "(":
                opened.append(at)
            elif character == ")" and opened:
                opened.pop()
        return opened[-1] if opened else None

    def here(self, message: str, hint: str = "", length: int | None = None, back: int = 0) -> Diagnostic:
        """A problem at this place, or ``back`` characters before it."""
        wanted = len(self.word) if length is None else length
        return Diagnostic(self.text.span_at(self.at - back, max(1, wanted)), message, hint)

    def first(self, message: str, hint: str = "") -> Diagnostic:
        """A problem at the first word of the line."""
        back = len(self.before.lstrip())
        return self.here(message, hint, len(self.first_word), back)


def unexpected(text: Text, at: int, kind: str, expected: set[str], start: Start) -> Diagnostic:
    """The problem of a text that the parser could follow up to ``at``.

    Args:
        text: What was parsed.
        at: Index of the first character that cannot be followed; the text's length at its end.
        kind: The type of the token there; empty if there is none.
        expected: The types of tokens that could stand there.
        start: What the text should be.
    """
    source = text.value
    if kind == "_INDENT":
        return _too_far(text, at, start)
    if kind in ("$END", "_NEWLINE", "_DEDENT") or not source[at:].strip():
        return _ended(text, at, kind, expected, start)
    line_start = source.rfind("\n", 0, at) + 1
    line_end = source.find("\n", at)
    after = source[at : line_end if line_end >= 0 else len(source)]
    found = re.match(r"\w+|[=<>!&|+*/:-]+|.", after)
    place = _Place(text, at, source[line_start:at], after, found[0] if found else "", expected, start)
    for explain in (_quotes, _signs, _first_word, _brackets, _equals, _numbers, _statements, _operators):
        problem = explain(place)
        if problem is not None:
            return problem
    return place.here(f"`{_shown(place.word)}` does not belong here")


def _shown(word: str) -> str:
    return word if word.isprintable() and word.strip() else f"U+{ord(word[0]):04X}"


# --- what stands in the way, one kind of mistake after the other


def _quotes(place: _Place) -> Diagnostic | None:
    if place.after[:1] in "'\"":
        return place.here("this quote is never closed", "a text starts and ends with the same quote, on one line", 1)
    return None


def _signs(place: _Place) -> Diagnostic | None:
    before = place.before.rstrip()
    if place.after.startswith(">") and before.endswith("<"):
        return place.here("`<>` does not belong here", "not equal is written `!=`", 2, 1)
    if place.after.startswith(">") and before.endswith("-"):
        return place.here("`->` does not belong here", "", 2, 1)
    if place.after.startswith(("++", "--")):
        sign = place.after[:2]
        return place.here(f"`{sign}` does not belong here", f"write `x {sign[0]}= 1`", 2)
    for sign, hint in SIGNS.items():
        if place.after.startswith(sign) and not place.after.startswith("!="):
            return place.here(f"`{sign}` does not belong here", hint, len(sign))
    if place.word and (not place.word.isprintable() or place.word.isspace()):
        return place.here(f"the character U+{ord(place.word[0]):04X} does not belong here", "type an ordinary space", 1)
    return None


def _first_word(place: _Place) -> Diagnostic | None:
    word = place.first_word
    is_second = place.before.strip() == word
    if place.start == "block" and is_second and word in FIRST_WORDS:
        return place.first(f"`{word}` is not part of the language", FIRST_WORDS[word])
    if place.start == "block" and is_second and word in ("elif", "else") and "COLON" not in place.expected:
        return place.first(f"`{word}` has no `if` before it", "it starts in the same column as its `if`")
    if is_second and word in ("become", "cancel", "spawn") and place.word.isidentifier():
        return place.here("brackets are missing here", f"write `{word}({place.word})`")
    if place.start == "expression" and is_second and word == "if":
        return place.first(
            "an expression does not start with `if`", "write the condition alone, or `x if condition else y`"
        )
    if is_second and word == "stop":
        return place.here("nothing can follow `stop` on its line")
    inner = re.search(r":\s*(if|for)$", place.before.rstrip())
    if inner and place.start == "block":
        back = len(place.before) - inner.start(1)
        return place.here(
            f"this `{inner[1]}` cannot stand here", "start it on the next line, indented", len(inner[1]), back
        )
    if place.word == "then":
        return place.here("`then` is not part of the language", "write `:`")
    if is_second and word == "emit" and place.after.startswith(":"):
        return place.here("`:` does not belong here", "write `emit event(field=value)`")
    return None


def _brackets(place: _Place) -> Diagnostic | None:
    opened = place.open_bracket()
    if opened is None:
        return place.here("this `)` closes nothing", "remove it", 1) if place.after.startswith(")") else None
    named = re.match(r":\s*[\w\"'(-]", place.after) and re.search(r"[(,]\s*\w+$", place.before)
    if named:
        return place.here("`:` does not belong here", "arguments are given as `name=value`", 1)
    starts_line = not place.before.strip()
    is_statement = re.match(r"\w+(\.\w+)?\s*([-+*/]?=(?!=)|\()|(if|for|after|emit|elif|else|stop)\b", place.after)
    if place.after.startswith(":") or (starts_line and is_statement and "COMMA" in place.expected):
        return Diagnostic(place.text.span_at(opened, 1), "this `(` is not closed", "add `)`")
    if starts_line is False and place.after.startswith("=") and "\n" in place.text.value[opened : place.at]:
        return Diagnostic(place.text.span_at(opened, 1), "this `(` is not closed", "add `)`")
    if place.after.startswith((",", ")")) and "ELSE" in place.expected:
        hint = "which agents is written `where`; a choice is `x if condition else y`"
        return Diagnostic(_span_of_if(place), "this `if` has no `else`", hint)
    if place.after.startswith((",", ")")) and place.expected & {"NAME", "NUMBER"}:
        return place.here(f"a value is missing before this `{place.after[0]}`", "", 1)
    return None


def _span_of_if(place: _Place) -> Span:
    return place.text.span_at(place.text.value.rfind("if", 0, place.at), 2)


def _equals(place: _Place) -> Diagnostic | None:
    if not re.match(r"=(?!=)", place.after):
        return None
    in_condition = place.first_word in ("if", "elif") or place.start == "expression" or place.in_brackets
    if in_condition:
        return place.here("`=` sets a value, and cannot stand here", "a comparison is written `==`", 1)
    if "=" in place.before:
        return place.here("a line sets one name", "write one statement a line; a comparison is written `==`", 1)
    return place.here("`=` does not belong here", "only a name or an attribute can be set", 1)


def _numbers(place: _Place) -> Diagnostic | None:
    before = place.before.rstrip()
    if re.search(r"\bper$", before):
        word = place.word.lower().removesuffix("s")
        units = ["second", "minute", "hour", "day", "week"]
        return place.here(
            f"`{place.word}` is not a unit of time", NOT_UNITS.get(word, "") or suggest(word, units, "units")
        )
    if not re.search(r"(?<![\w.])[0-9][0-9_.]*$", before):
        if re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}$", before) and re.match(r"\d:\d\d", place.after):
            return place.here("a time of day has two digits", f"write `0{place.after[:4]}`", 4)
        return None
    if place.word[:1].isalpha() and "UNIT" in place.expected and not re.match(r"\w+\s*[=(]", place.after):
        word = place.word.lower()
        if word in ("x", "and", "or") or place.word == "in":
            return None
        hint = NOT_UNITS.get(word, "") or NOT_UNITS.get(word.removesuffix("s"), "") or suggest(word, _UNITS, "units")
        return place.here(f"`{place.word}` is not a unit", hint)
    if re.match(r",[0-9]{3}\b", place.after) and not place.in_brackets:
        return place.here("`,` does not belong here", "thousands are grouped by `_`, as in `1_000`", 1)
    if re.match(r",[0-9]", place.after) and not place.in_brackets:
        return place.here("`,` does not belong here", "decimals are written with a point", 1)
    return None


def _statements(place: _Place) -> Diagnostic | None:
    expected, word = place.expected, place.first_word
    if expected == {"_INDENT"}:
        return place.here("this line belongs to the block above it", "indent it by four spaces")
    if "IN" in expected and word == "for":
        return place.here("`in` is missing before this", "as in `for x in pick(card, count=3):`")
    if place.after.startswith(":"):
        wanted = {"if": "a condition", "elif": "a condition", "for": "a set of agents", "after": "a delay"}.get(word)
        if wanted and "NAME" in expected:
            return place.here(f"{wanted} is missing before this `:`", "", 1)
        if "COLON" not in expected:
            return place.here("`:` does not belong here", "only `if`, `for` and `after` have one", 1)
    if "COLON" in expected and word in ("if", "elif", "else", "for", "after") and not place.in_brackets:
        if place.word[:1].isalnum() and "COMPARE" in expected and word in ("if", "elif"):
            return place.here(f"an operator or a `:` is missing before `{place.word}`")
        if place.word[:1].isalnum():
            example = "as in `after 3 days: reissue()`" if word == "after" else ""
            return place.here(f"a `:` is missing before `{place.word}`", example)
    if re.match(r"==", place.after) and place.start == "block" and "COMPARE" not in expected and not place.in_brackets:
        if word not in ("if", "elif", "for", "after", "emit") and "=" not in place.before:
            return place.here("a comparison alone does nothing", "a value is set by `=`", 2)
    return None


def _operators(place: _Place) -> Diagnostic | None:
    expected, word = place.expected, place.word
    if word == "is":
        negated = re.match(r"is\s+not\b", place.after)
        return place.here("`is` is not part of the language", "write `!=`" if negated else "write `==`")
    if word in ("for", "where"):
        return place.here(f"`{word}` does not belong here", "it stands in a function, as in `sum(pace for cardholder)`")
    if word == "in" or re.match(r"not\s+in\b", place.after):
        return place.here("`in` does not compare", "compare with each: `x == a or x == b`")
    if re.match(r"[<>=!]=|[<>]", place.after) and "SUM" in expected and "COMPARE" not in expected:
        return place.here("comparisons cannot be chained", "write `a < b and b < c`", len(word))
    if re.match(r"[-+*/%<>=!]+", place.after) and expected & {"NAME", "NUMBER"}:
        return place.here(f"a value is missing before this `{word}`")
    if word[:1].isalnum() or word[:1] == "_" or place.after.startswith(("(", '"', "'")):
        if "RPAR" in expected and "COMMA" in expected:
            return place.here(f"an operator or a `,` is missing before `{word}`")
        if expected & {"SUM", "TERM", "POWER", "PER"}:
            return place.here(f"an operator is missing before `{word}`", "or it is one word too many")
    return None


# --- texts that end too early, and lines that do not line up


def _ended(text: Text, at: int, kind: str, expected: set[str], start: Start) -> Diagnostic:
    source = text.value
    if kind == "_NEWLINE" and start == "expression":
        line_end = len(source[:at].rstrip())
        rest = next((i for i in range(at, len(source)) if not source[i].isspace()), at)
        if not expected & {"NAME", "NUMBER"}:
            hint = "put brackets around one that goes over several lines"
            return Diagnostic(text.span_at(rest, _word_length(source, rest)), "an expression ends with its line", hint)
        at = line_end
    kept = without_comments(source[:at]).rstrip() if kind != "$END" else source[:at].rstrip()
    kept = _less_comment(kept)
    opened = _Place(text, len(kept), "", "", "", expected, start).open_bracket()
    if opened is not None:
        return Diagnostic(text.span_at(opened, 1), "this `(` is not closed", "add `)`")
    found = re.search(r"(\w+|[^\w\s]+)$", kept)
    last = found[0] if found else ""
    place = text.span_at(max(0, len(kept) - len(last)), max(1, len(last)))
    line = kept[kept.rfind("\n") + 1 :]
    first = (re.match(r"\s*(\w+)", line) or ["", ""])[1]
    if "_INDENT" in expected or kind == "_DEDENT" or (last == ":" and first in ("if", "for", "elif", "else")):
        return Diagnostic(place, "the lines of this block are missing", "indent the lines that belong to it")
    if last == ":" and first == "after":
        return Diagnostic(place, "a behavior is missing after this", "as in `after 3 days: reissue()`")
    if "COLON" in expected and first in ("if", "elif", "else", "for"):
        return Diagnostic(place, "a `:` is missing at the end of this line")
    if "COLON" in expected and first == "after":
        return Diagnostic(place, "a behavior is missing after the delay", "as in `after 3 days: reissue()`")
    if first == "emit" and expected <= {"NAME", "LPAR"}:
        word = text.span_at(len(kept) - len(line.lstrip()), len(line.strip()))
        return Diagnostic(word, "`emit` needs an event with its fields", "as in `emit purchase(amount=12)`")
    if "ELSE" in expected:
        return Diagnostic(text.span_at(kept.rfind("if"), 2), "this `if` has no `else`", "as in `1 if x > 0 else 0`")
    if re.search(r"[0-9]\s*%$", kept):
        return Diagnostic(place, "a value is missing after `%`, which gives the rest of a division", "write `percent`")
    if last == "per":
        return Diagnostic(place, "a unit of time is missing after `per`", "as in `3 per day`")
    if last == ".":
        return Diagnostic(place, "a name is missing after `.`")
    if last:
        return Diagnostic(place, f"a value is missing after `{last}`")
    return Diagnostic(text.span, f"this is not {_WHAT[start]}")


def _less_comment(source: str) -> str:
    line_start = source.rfind("\n") + 1
    return (source[:line_start] + without_comments(source[line_start:])).rstrip()


def _word_length(source: str, at: int) -> int:
    found = re.match(r"\w+", source[at:])
    return len(found[0]) if found else 1


def _too_far(text: Text, at: int, start: Start) -> Diagnostic:
    source = text.value
    first = next((i for i in range(min(at, len(source) - 1), len(source)) if not source[i].isspace()), 0)
    place = text.span_at(first, _word_length(source, first))
    if start == "expression":
        hint = "put brackets around one that goes over several lines"
        return Diagnostic(place, "an expression ends with its line", hint)
    hint = "only the lines after `if ...:` and `for ...:` are"
    return Diagnostic(place, "this line is indented further than the one before it", hint)


def misaligned(text: Text) -> Diagnostic:
    """The problem of a block with a line whose indentation is that of no block around it."""
    levels = [0]
    depth = at = 0
    for line in text.value.splitlines(keepends=True):
        code = without_comments(line)
        if code.strip() and depth <= 0:
            indent = len(line[: len(line) - len(line.lstrip())].expandtabs(8))
            if at == 0 or indent > levels[-1]:
                levels.append(indent)
            while levels[-1] > indent:
                levels.pop()
            if levels[-1] != indent:
                first = at + len(line) - len(line.lstrip())
                place = text.span_at(first, _word_length(text.value, first))
                hint = "start it in the same column as the other lines of its block"
                return Diagnostic(place, "the indentation of this line fits no block above it", hint)
        depth += code.count("(") - code.count(")")
        at += len(line)
    return Diagnostic(text.span, "the indentation of this block does not line up", "indent by four spaces a level")
