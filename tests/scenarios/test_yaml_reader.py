from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.yaml_reader import MAX_BYTES, MAX_DEPTH, ListNode, MappingNode, Node, Text, read

SAMPLE = (Path(__file__).parent / "language_sample.yaml").read_text(encoding="utf-8")


def tree(content: str | bytes) -> Node:
    root, problems = read(content, "f.yaml")
    assert not problems
    assert root is not None
    return root


def only_problem(content: str | bytes) -> Diagnostic:
    _, problems = read(content, "f.yaml")
    assert len(problems) == 1, problems
    return problems[0]


def text_at(content: str, *steps: str | int) -> Text:
    node = tree(content)
    for step in steps:
        node = node[step]  # type: ignore[index]
    assert isinstance(node, Text)
    return node


def texts(node: Node) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    elif isinstance(node, ListNode):
        for item in node:
            yield from texts(item)
    else:
        for key, value in node.pairs():
            yield key
            yield from texts(value)


def character_at(text: Text, offset: int) -> str:
    """What stands in the source where ``text.span_at(offset)`` points; a line break at the end of a line."""
    span = text.span_at(offset)
    return (text.source.line(span.line) + "\n")[span.column - 1]


@pytest.mark.parametrize(
    "written", ["no", "on", "true", "~", "null", "12:30", "1e3", "010", "0x1F", "2026-01-01", ".inf"]
)
def test_every_scalar_is_the_text_that_was_written(written: str) -> None:
    assert text_at(f"a: {written}", "a").value == written
    assert text_at(f"{written}: a", written).value == "a"


def test_places_are_lines_and_columns_from_one() -> None:
    text = text_at("a: 1\nb:\n  - x\n  - {c: word here}\n", "b", 1, "c")
    assert (text.span.line, text.span.column, text.span.length) == (4, 9, 9)
    assert str(text.span) == "f.yaml:4:9"


def test_columns_count_characters_also_after_letters_beyond_ascii_and_a_byte_order_mark() -> None:
    content = "\ufeffä: é\nb: [ü𝄞x, word]"
    assert text_at(content, "b", 1).span.column == 10
    assert tree(content.encode("utf-8")) == tree(content)


def test_keys_know_their_place() -> None:
    root = tree("a:\n  bb: 1")
    assert isinstance(root, MappingNode)
    inner = root["a"]
    assert isinstance(inner, MappingNode)
    assert (inner.key_texts["bb"].span.line, inner.key_texts["bb"].span.column) == (2, 3)
    assert inner.name == root.key_texts["a"]


def test_an_alias_repeats_the_value_at_its_own_place() -> None:
    assert text_at("a: &x word\nb: *x", "b").span == text_at("a: &x word\nb: *x", "a").span
    assert text_at("a: &x word\nb: *x", "b").span.column == 7


# --- places inside a value -------------------------------------------------------


def test_every_character_of_the_language_sample_is_found_in_its_place() -> None:
    for text in texts(tree(SAMPLE)):
        for offset, character in enumerate(text.value):
            assert character_at(text, offset) == character


def test_places_in_a_literal_block_follow_indentation_and_blank_lines() -> None:
    text = text_at("do: |\n\n    a = 1\n\n      if b:\n    c\n", "do")
    span = text.span_at(text.value.index("if"), 2)
    assert (span.line, span.column, span.length) == (5, 7, 2)
    assert text.span_at(text.value.index("c")).line == 6


@pytest.mark.parametrize("header", ["|", "|-", "|+", "|2", "|2-", "| # remark"])
def test_places_in_a_literal_block_are_exact_whatever_its_header(header: str) -> None:
    indent = "   " if "2" in header else "  "
    text = text_at(f"a:\n do: {header}\n {indent}x y\n\n {indent}z\nb: 1", "a", "do")
    for offset, character in enumerate(text.value.rstrip("\n")):
        assert character_at(text, offset) == character


def test_places_in_quoted_text_follow_escapes() -> None:
    text = text_at(r'a: "one\ttwo \"x\" \u00e4 end"', "a")
    assert text.value == 'one\ttwo "x" ä end'
    assert text.span_at(text.value.index("end"), 3).column == 27
    assert character_at(text_at("a: 'it''s here'", "a"), 2) == "'"
    assert character_at(text_at("a: 'it''s here'", "a"), 4) == " "
    assert character_at(text_at("a: 'it''s here'", "a"), 5) == "h"


@pytest.mark.parametrize(
    "style", ["a: >\n  one\n  two\n\n  three\n", "a: one\n  two\n\n  three", 'a: "one\n  two\n\n  three"']
)
def test_places_in_folded_text_are_on_the_right_line(style: str) -> None:
    text = text_at(style, "a")
    first = text.span_at(text.value.index("one")).line
    assert text.span_at(text.value.index("two")).line == first + 1
    assert text.span_at(text.value.index("three")).line == first + 3
    assert character_at(text, text.value.index("three")) == "t"


def test_a_part_of_a_text_knows_its_own_place() -> None:
    part = text_at("on: purchase as merchant", "on").part(12, 20)
    assert part.value == "merchant"
    assert (part.span.column, part.span.length) == (17, 8)
    assert part.span_at(2).column == 19
    assert part.part(0, 3).span.column == 17


def test_a_place_past_the_end_is_the_end() -> None:
    assert text_at("a: word", "a").span_at(99).column == 8


def test_windows_line_ends_do_not_move_places() -> None:
    text = text_at("a: |\r\n  x\r\n\r\n  yz\r\nb: 1\r\n", "a")
    assert text.value == "x\n\nyz\n"
    assert (text.span_at(4).line, text.span_at(4).column) == (4, 4)


_WORD = st.text(
    st.characters(codec="utf-8", categories=("L", "Nd"), include_characters="_=+*.()<>"), min_size=1, max_size=8
)
_LINE = st.builds(
    lambda indent, words: " " * indent + " ".join(words), st.integers(0, 4), st.lists(_WORD, min_size=1, max_size=4)
)


@given(
    st.lists(st.one_of(_LINE, st.just("")), min_size=1, max_size=6), st.integers(1, 5), st.sampled_from(["", "-", "+"])
)
@settings(max_examples=80, deadline=None)
def test_any_literal_block_gives_each_character_its_place(lines: list[str], indent: int, chomp: str) -> None:
    lines = ["first", *lines]
    source = f"key: |{chomp}\n" + "".join(" " * indent + line + "\n" if line else "\n" for line in lines) + "next: 1\n"
    text = text_at(source, "key")
    assert text.value.rstrip("\n") == "\n".join(lines).rstrip("\n")
    for offset, character in enumerate(text.value):
        assert character_at(text, offset) == character


@given(st.lists(_WORD, min_size=1, max_size=5), st.integers(0, 6))
@settings(max_examples=80, deadline=None)
def test_any_plain_text_gives_each_character_its_place(words: list[str], depth: int) -> None:
    value = "v" + " ".join(words)
    text = next(t for t in texts(tree("- " * depth + f"key: {value}  # remark")) if t.value != "key")
    assert text.value == value
    for offset, character in enumerate(value):
        assert character_at(text, offset) == character


# --- what is refused -------------------------------------------------------------

BROKEN = {
    "a duplicate key": ("a: 1\nb: 2\na: 3", 3, 1, "`a` is given twice; the first is on line 1"),
    "a python tag": ("a: !!python/object:os.system x", 1, 4, "YAML tags have no meaning"),
    "a tag of one's own": ("a: !foo {b: 1}", 1, 4, "YAML tags have no meaning"),
    "two documents": ("a: 1\n---\nb: 1", 2, 1, "a second document starts here"),
    "an empty file": ("", 1, 1, "the file is empty"),
    "only a remark": ("# nothing\n", 1, 1, "the file is empty"),
    "a tab as indentation": ("a:\n\tb: 1", 2, 1, "a tab cannot be used here"),
    "a list as key": ("[a]: 1", 1, 1, "a key must be a name"),
    "a mapping as key": ("? {a: 1}\n: 2", 1, 3, "a key must be a name"),
    "a merge key": ("x: 1\n<<: 2", 2, 1, "merge keys"),
    "a colon in a value": ("about: one: two", 1, 11, "a second `:` in one line"),
    "a line too deep": ("a: 1\n  b: 2", 2, 4, "indented too far"),
    "a line too shallow": ("a:\n  b: 1\n c: 2", 3, 2, "does not fit the lines before it"),
    "a line without a colon": ("a: 1\nb\nc: 2", 2, 1, "a key without `:`"),
    "an open quote": ("a: 'x\nb: 2", 1, 4, "this quote is never closed"),
    "text after a quote": ("a: 'it's'", 1, 8, "this cannot follow the value before it"),
    "an open list": ("a: [1, 2\nb: 3", 2, 2, "a `]` or a comma is missing"),
    "an open mapping": ("a: {b: 1\nc: 3", 2, 2, "a `}` or a comma is missing"),
    "a brace too many": ("a: {b: 1}}", 1, 10, "`}` closes nothing"),
    "an unknown escape": ('a: "\\q"', 1, 6, "an unknown escape"),
    "a null by escape": ('a: "x\\0"', 1, 6, "U+0000"),
    "half a surrogate pair": ('a: "\\ud800"', 1, 5, "U+D800"),
    "an escape beyond Unicode": ('a: 1\nb: "\\U00110000"', 2, 2, "not valid YAML"),
    "an unknown alias": ("a: *x", 1, 4, "`*x` refers to no anchor"),
    "an alias inside itself": ("a: &x [*x]", 1, 8, "`*x` stands inside the value it repeats"),
    "an at sign": ("a: @x", 1, 4, "a value cannot start with the character @"),
    "text beside a bar": ("a: | text\n  b", 1, 6, "text cannot stand on the line of `|`"),
    "a list on the key's line": ("a: - b", 1, 4, "a list cannot start on this line"),
    "a control character": ("a: \x07", 1, 4, "U+0007"),
    "a null character": ("a: b\0", 1, 5, "U+0000"),
    "a line separator": ("a: b\u2028c", 1, 5, "U+2028"),
    "a comma in parentheses": ("a: {x: normal(mean=1, sd=2), y: 3}", 1, 8, "ends the value inside its parentheses"),
    "a comma in parentheses in a list": ("[t, x: f(a, b), c]", 1, 8, "ends the value inside its parentheses"),
    "another version": ("%YAML 2.0\n---\na: 1", 1, 1, "`%YAML` line"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gives_one_problem_at_its_place(case: str) -> None:
    content, line, column, message = BROKEN[case]
    problem = only_problem(content)
    assert (problem.span.line, problem.span.column) == (line, column)
    assert message in problem.message


@pytest.mark.parametrize("content", [b"a: b\xff", b"a: \xc3(", "a: b".encode("utf-16")])
def test_bytes_that_are_not_utf8_are_one_problem(content: bytes) -> None:
    assert "UTF-8" in only_problem(content).message + only_problem(content).hint


def test_a_split_value_is_dropped_with_its_rest() -> None:
    root, _ = read("a: {x: f(g(1, 2), 3, b=4), y: 3}", "f.yaml")
    assert isinstance(root, MappingNode)
    inner = root["a"]
    assert isinstance(inner, MappingNode)
    assert list(inner) == ["x", "y"]


def test_a_parenthesis_in_quotes_splits_nothing() -> None:
    assert text_at('a: {x: "f(1, 2)", y: g(3)}', "a", "x").value == "f(1, 2)"


def test_the_first_of_duplicate_keys_is_kept() -> None:
    root, problems = read("a: 1\na: 2\na: 3", "f.yaml")
    assert root == {"a": text_at("a: 1", "a")}
    assert len(problems) == 2


def test_a_file_that_is_too_long_is_refused_at_once() -> None:
    assert "more than" in only_problem("a: " + "x" * MAX_BYTES).message


def test_deep_nesting_is_refused() -> None:
    assert tree("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    for content in ("[" * 100_000, "{a: " * 20_000, "- " * 20_000, "? " * 20_000):
        assert f"nested more than {MAX_DEPTH} deep" in only_problem(content).message


def test_aliases_cannot_multiply_without_bound() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    started = time.perf_counter()
    assert "repeated by aliases" in only_problem("\n".join(lines)).message
    assert time.perf_counter() - started < 2


def test_a_very_long_line_is_not_repeated_in_the_message() -> None:
    assert only_problem("a: " + "x" * 5000 + ": 1").source == ""


@given(st.one_of(st.text(max_size=60), st.text("ab:-[]{}&*!|>'\"%@`#?, \n\t0", max_size=40), st.binary(max_size=40)))
@settings(max_examples=300, deadline=None)
def test_no_text_at_all_gives_a_traceback(content: str | bytes) -> None:
    root, problems = read(content, "f.yaml")
    assert root is not None or problems
    for problem in problems:
        assert problem.span.line >= 1
        assert problem.span.column >= 1
        assert str(problem)
    if root is not None:
        for text in texts(root):
            assert text.span_at(len(text.value) // 2).line >= 1
