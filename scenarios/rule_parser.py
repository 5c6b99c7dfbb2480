"""Text of a rule to its syntax tree.

The grammar is ``grammar.lark``; nothing here evaluates anything. What is deeper or longer than any rule
that a person writes is refused, so that nobody's file can exhaust the checker or an engine.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from bustle.scenarios import rule_errors
from bustle.scenarios.diagnostics import Diagnostic, Span
from bustle.scenarios.syntax import (
    After,
    Aggregate,
    Argument,
    Assign,
    Broken,
    Call,
    Choice,
    Date,
    Dot,
    Emit,
    For,
    If,
    Line,
    Name,
    Node,
    Number,
    Operation,
    Per,
    Perform,
    Quoted,
    Sign,
    Stop,
    TimeOfDay,
)

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

    from bustle.scenarios.yaml_nodes import Text

MOST_NESTING = 60
"""Deepest nesting of brackets."""

MOST_PARTS = 100
"""Most operators, calls and dots inside each other; a sum of as many terms is as deep."""

MOST_BLOCKS = 40
"""Deepest nesting of blocks."""

MOST_BRANCHES = 100
"""Most `elif` of one `if`."""

LONGEST = {"expression": 10_000, "block": 100_000}
"""Longest text in characters."""

LARGEST_WHOLE = 2**63 - 1
"""Largest whole number."""

Start = Literal["expression", "block"]


class RuleSyntaxError(Exception):
    """A text is not an expression, or not a block; ``diagnostic`` says where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


def parse_expression(text: Text) -> Node:
    """The syntax tree of one expression. Raises `RuleSyntaxError`."""
    tree = _parse(text, "expression")
    return _Builder(text).node(tree.children[0])


def parse_block(text: Text) -> tuple[tuple[Line, ...], list[Diagnostic]]:
    """The statements of a ``do:`` block, and what is wrong with those that are none, one problem for each."""
    try:
        _refuse_extremes(text, "block")
    except RuleSyntaxError as error:
        return (Broken(text.span, ()),), [error.diagnostic]
    try:
        return _statements(text), []
    except RuleSyntaxError as whole:
        problems = [whole.diagnostic]
    lines: list[Line] = []
    found: list[Diagnostic] = []
    for part in _top_statements(text):
        try:
            lines += _statements(part)
        except RuleSyntaxError as error:
            found.append(error.diagnostic)
            lines.append(Broken(part.span_at(0, len(part.value)), tuple(_SETS.findall(part.value))))
    # A bracket that is never closed, or the wrong indentation, is a problem of the whole.
    if not found or problems[0].span not in [problem.span for problem in found]:
        return (Broken(text.span, tuple(_SETS.findall(text.value))),), problems
    return tuple(lines), found


_SETS = re.compile(r"(\w+)[ \t]*[-+*/]?=(?!=)")


def _statements(text: Text) -> tuple[Line, ...]:
    tree = _parse(text, "block")
    return _Builder(text).lines(tree.children)


def _top_statements(text: Text) -> Iterator[Text]:
    """The statements at the left edge of a block, each with the lines that belong to it."""
    source = text.value
    start, depth, at = 0, 0, 0
    for line in source.splitlines(keepends=True):
        is_new = at > 0 and depth <= 0 and not line[0].isspace() and line[0] != "#"
        if is_new and not re.match(r"(elif|else)\b|[)}\]]", line):
            if source[start:at].strip():
                yield text.part(start, at)
            start = at
        code = line.split("#", 1)[0]
        depth += code.count("(") - code.count(")")
        at += len(line)
    if source[start:].strip():
        yield text.part(start, len(source))


@functools.cache
def _parser() -> Lark:
    from lark import Lark
    from lark.indenter import Indenter

    class Blocks(Indenter):
        NL_type = "_NEWLINE"
        OPEN_PAREN_types: ClassVar[list[str]] = ["LPAR"]
        CLOSE_PAREN_types: ClassVar[list[str]] = ["RPAR"]
        INDENT_type = "_INDENT"
        DEDENT_type = "_DEDENT"
        tab_len = 8

    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        start=["expression", "block"],
        parser="lalr",
        lexer="contextual",
        postlex=Blocks(),
        propagate_positions=True,
        maybe_placeholders=True,
    )


@functools.lru_cache(maxsize=4096)
def _tree(source: str, start: Start) -> Tree[Token]:
    """The parser's tree, whose places count from the start of ``source``: one for all texts that are the same."""
    return _parser().parse(source, start=start)


def _parse(text: Text, start: Start) -> Tree[Token]:
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
    from lark.indenter import DedentError

    source = text.value
    if not rule_errors.without_comments(source).strip():
        raise RuleSyntaxError(rule_errors.nothing(text, start))
    _refuse_extremes(text, start)
    if start == "block":
        source = source.rstrip() + "\n"
    try:
        tree = _tree(source, start)
    except UnexpectedToken as error:
        expected = set(error.accepts or error.expected)
        at = len(source) if error.token.type == "$END" else min(error.pos_in_stream or 0, len(source))
        problem = rule_errors.unexpected(text, at, error.token.type, expected, start)
        raise RuleSyntaxError(problem) from None
    except UnexpectedCharacters as error:
        problem = rule_errors.unexpected(text, error.pos_in_stream or 0, "", set(error.allowed or ()), start)
        raise RuleSyntaxError(problem) from None
    except DedentError:
        raise RuleSyntaxError(rule_errors.misaligned(text)) from None
    except UnexpectedInput:
        raise RuleSyntaxError(Diagnostic(text.span, "this cannot be understood")) from None
    _refuse_depth(tree, text)
    return tree


def _refuse_extremes(text: Text, start: Start) -> None:
    """Refuse what is too long to be parsed, or nested too deeply for the parser."""
    if len(text.value) > LONGEST[start]:
        hint = "name the parts, or split it"
        raise RuleSyntaxError(Diagnostic(text.span, f"this is longer than {LONGEST[start]:,} characters", hint))
    depth = 0
    for at, character in enumerate(text.value):
        depth += (character == "(") - (character == ")")
        if depth > MOST_NESTING:
            raise RuleSyntaxError(
                Diagnostic(text.span_at(at, 1), f"brackets are nested more than {MOST_NESTING} deep", "name the parts")
            )


_NO_PARTS = ("expression", "block", "arguments", "argument", "group")
"""Nodes of the parser's tree that are none of the syntax tree."""


def _refuse_depth(tree: Tree[Token], text: Text) -> None:
    """Refuse what is nested too deeply for what comes after the parser."""
    from lark import Token

    pending: list[tuple[Tree[Token], int, int]] = [(tree, 0, 0)]
    while pending:
        node, parts, blocks = pending.pop()
        kind = str(node.data)
        if kind == "suite":
            parts, blocks = 0, blocks + 1
        message = hint = ""
        if parts > MOST_PARTS:
            message, hint = f"more than {MOST_PARTS} parts inside each other", "name some of them"
        elif blocks > MOST_BLOCKS:
            message, hint = f"blocks are nested more than {MOST_BLOCKS} deep", "use `after` and a second behavior"
        elif kind == "if_statement" and len(node.children) > 2 * MOST_BRANCHES:
            message = f"an `if` has at most {MOST_BRANCHES} branches"
            hint = "keep what they decide in an attribute"
        if message:
            place = text.span if node.meta.empty else text.span_at(node.meta.start_pos, 1)
            raise RuleSyntaxError(Diagnostic(place, message, hint))
        parts += kind not in _NO_PARTS
        pending += [(c, parts, blocks) for c in node.children if c is not None and not isinstance(c, Token)]


class _Builder:
    """Turns lark's trees into the nodes above."""

    def __init__(self, text: Text) -> None:
        self.text = text

    def span(self, item: Tree[Token] | Token) -> Span:
        from lark import Token

        if isinstance(item, Token):
            start, end = item.start_pos or 0, item.end_pos or 0
        else:
            start, end = item.meta.start_pos, item.meta.end_pos
        first_line = self.text.value.find("\n", start)
        if first_line >= 0:
            end = min(end, first_line)
        return self.text.span_at(start, max(1, end - start))

    def node(self, tree: Tree[Token] | Token) -> Node:
        build: dict[str, Callable[[Tree[Token]], Node]] = {
            "number": self._number,
            "name": lambda t: Name(self.span(t), str(t.children[0])),
            "text": lambda t: Quoted(self.span(t), str(t.children[0])[1:-1]),
            "date": lambda t: Date(self.span(t), str(t.children[0])),
            "clock": lambda t: TimeOfDay(self.span(t), str(t.children[0])),
            "group": lambda t: self.node(t.children[0]),
            "dot": lambda t: Dot(self.span(t), self.node(t.children[0]), str(t.children[1]), self.span(t.children[1])),
            "call": lambda t: Call(self.span(t), self.node(t.children[0]), self.arguments(t.children[1])),
            "aggregate_for": lambda t: Aggregate(
                self.span(t),
                self.node(t.children[0]),
                None if t.children[1] is None else self.node(t.children[1]),
                self.node(t.children[2]),
                None if t.children[3] is None else self.node(t.children[3]),
            ),
            "aggregate_where": lambda t: Aggregate(
                self.span(t), self.node(t.children[0]), None, self.node(t.children[1]), self.node(t.children[2])
            ),
            "per": lambda t: Per(self.span(t), self.node(t.children[0]), str(t.children[1])),
            "sign": lambda t: Sign(self.span(t), "-" if t.children[0] == "-" else "+", self.node(t.children[1])),
            "not_": lambda t: Sign(self.span(t), "not", self.node(t.children[0])),
            "binary": self._operation,
            "compare": self._operation,
            "or_": lambda t: self._logic("or", t),
            "and_": lambda t: self._logic("and", t),
            "choose": lambda t: Choice(
                self.span(t), self.node(t.children[1]), self.node(t.children[0]), self.node(t.children[2])
            ),
        }
        return build[str(tree.data)](tree)  # type: ignore[union-attr, arg-type]

    def _number(self, tree: Tree[Token]) -> Number:
        written = str(tree.children[0]).replace("_", "")
        whole = written.isdecimal()
        unit = None if tree.children[1] is None else str(tree.children[1])
        if whole and (len(written.lstrip("0")) > len(str(LARGEST_WHOLE)) or int(written) > LARGEST_WHOLE):
            hint = f"whole numbers go up to {LARGEST_WHOLE:_}"
            raise RuleSyntaxError(Diagnostic(self.span(tree), "this number is too large", hint))
        value = int(written) if whole else float(written)
        if value == float("inf"):
            raise RuleSyntaxError(Diagnostic(self.span(tree), "this number is too large"))
        return Number(self.span(tree), value, unit)

    def _operation(self, tree: Tree[Token]) -> Operation:
        left, op, right = tree.children
        return Operation(self.span(tree), str(op), self.node(left), self.node(right), self.span(op))

    def _logic(self, op: str, tree: Tree[Token]) -> Operation:
        left, right = tree.children
        return Operation(self.span(tree), op, self.node(left), self.node(right), self.span(tree))

    def arguments(self, tree: Tree[Token] | Token | None) -> tuple[Argument, ...]:
        if tree is None:
            return ()
        found = []
        for argument in tree.children:  # type: ignore[union-attr]
            if argument is None:
                continue
            name, value = argument.children  # type: ignore[union-attr]
            place = self.span(argument if name is None else name)
            found.append(Argument(self.span(argument), None if name is None else str(name), place, self.node(value)))
        return tuple(found)

    def lines(self, trees: list[Tree[Token] | Token]) -> tuple[Line, ...]:
        return tuple(self.line(tree) for tree in trees)  # type: ignore[arg-type]

    def line(self, tree: Tree[Token]) -> Line:
        span = self.span(tree)
        match str(tree.data), tree.children:
            case "assign", [place, value]:
                return Assign(span, self.node(place), None, self.node(value))
            case "change", [place, op, value]:
                return Assign(span, self.node(place), str(op)[:-1], self.node(value))
            case "emit", [event, arguments]:
                return Emit(span, str(event), self.span(event), self.arguments(arguments))
            case "after", [delay, call]:
                return After(span, self.node(delay), self.node(call))
            case "perform", [call]:
                return Perform(span, self.node(call))
            case "stop", _:
                return Stop(span)
            case "for_statement", [name, pool, suite]:
                return For(span, str(name), self.span(name), self.node(pool), self.suite(suite))
            case "if_statement", [*pairs, last]:
                branches = tuple((self.node(pairs[i]), self.suite(pairs[i + 1])) for i in range(0, len(pairs) - 1, 2))
                otherwise = () if last is None else self.suite(last.children[0])  # type: ignore[union-attr]
                return If(span, branches, otherwise)
        raise AssertionError(tree.data)

    def suite(self, tree: Tree[Token] | Token) -> tuple[Line, ...]:
        return self.lines(tree.children)  # type: ignore[union-attr]
