"""Text of a rule to its syntax tree: names unresolved, types unknown, every node with its place.

The grammar is `grammar.lark`; nothing here evaluates anything.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from bustle.scenarios.diagnostics import Diagnostic, Span, suggest

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

    from bustle.scenarios.yaml_reader import Text

MOST_NESTING = 60
"""Deepest nesting of brackets and blocks that a rule may have."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A node, and the stretch of the file it stands in."""

    span: Span


@dataclass(frozen=True, slots=True)
class Number(Syntax):
    """A number with an optional unit."""

    value: float | int
    unit: str | None


@dataclass(frozen=True, slots=True)
class Name(Syntax):
    """A bare name."""

    name: str


@dataclass(frozen=True, slots=True)
class Quoted(Syntax):
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Date(Syntax):
    """A local date, or date and time, as written."""

    value: str


@dataclass(frozen=True, slots=True)
class TimeOfDay(Syntax):
    """A local time of day as written, such as ``12:30``."""

    value: str


@dataclass(frozen=True, slots=True)
class Dot(Syntax):
    """``target.name``."""

    target: Node
    name: str
    name_span: Span


@dataclass(frozen=True, slots=True)
class Argument(Syntax):
    """An argument of a call; ``name`` is None when it is given by position."""

    name: str | None
    value: Node


@dataclass(frozen=True, slots=True)
class Call(Syntax):
    """``function(arguments)``; ``function`` is a `Name` or a `Dot`."""

    function: Node
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Syntax):
    """``function(value for pool where condition)``."""

    function: Node
    value: Node | None
    pool: Node
    where: Node | None


@dataclass(frozen=True, slots=True)
class Per(Syntax):
    """``value per unit``."""

    value: Node
    unit: str


@dataclass(frozen=True, slots=True)
class Sign(Syntax):
    """``-x``, ``+x`` or ``not x``."""

    op: Literal["-", "+", "not"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Operation(Syntax):
    """Two operands with an arithmetic, comparison or logical operator."""

    op: str
    left: Node
    right: Node
    op_span: Span


@dataclass(frozen=True, slots=True)
class Choice(Syntax):
    """``yes if condition else no``."""

    condition: Node
    yes: Node
    no: Node


Node = Number | Name | Quoted | Date | TimeOfDay | Dot | Argument | Call | Aggregate | Per | Sign | Operation | Choice


@dataclass(frozen=True, slots=True)
class Assign(Syntax):
    """``place = value``; ``op`` is the operator of ``+=`` and its kind."""

    place: Node
    op: str | None
    value: Node


@dataclass(frozen=True, slots=True)
class Emit(Syntax):
    """``emit event(arguments)``."""

    event: str
    event_span: Span
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class After(Syntax):
    """``after delay: call``."""

    delay: Node
    call: Node


@dataclass(frozen=True, slots=True)
class Perform(Syntax):
    """A call that stands as a statement, such as ``become(blocked)``."""

    call: Node


@dataclass(frozen=True, slots=True)
class Stop(Syntax):
    """``stop``."""


@dataclass(frozen=True, slots=True)
class If(Syntax):
    """``if`` and ``elif`` branches, and what ``else`` does."""

    branches: tuple[tuple[Node, tuple[Line, ...]], ...]
    otherwise: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class For(Syntax):
    """``for name in pool:``."""

    name: str
    name_span: Span
    pool: Node
    body: tuple[Line, ...]


Line = Assign | Emit | After | Perform | Stop | If | For


class RuleSyntaxError(Exception):
    """A text is not an expression, or not a block; ``diagnostic`` says where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


def parse_expression(text: Text) -> Node:
    """The syntax tree of one expression. Raises `RuleSyntaxError`."""
    tree = _parse(text, "expression")
    return _Builder(text).node(tree.children[0])


def parse_block(text: Text) -> tuple[Line, ...]:
    """The statements of a ``do:`` block. Raises `RuleSyntaxError`."""
    tree = _parse(text, "block")
    return _Builder(text).lines(tree.children)


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


def _parse(text: Text, start: Literal["expression", "block"]) -> Tree[Token]:
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
    from lark.indenter import DedentError

    source = text.value
    if not source.strip():
        raise RuleSyntaxError(Diagnostic(text.span, f"expected {_WHAT[start]}, found nothing"))
    _refuse_deep_nesting(text)
    if start == "block":
        source = source.rstrip() + "\n"
    try:
        return _parser().parse(source, start=start)
    except UnexpectedToken as error:
        at = min(error.pos_in_stream or 0, len(text.value))
        word = str(error.token).strip()
        if error.token.type == "$END" or not word or error.token.type.startswith("_"):
            ended = len(source.rstrip()) if error.token.type == "$END" else at
            raise RuleSyntaxError(_unfinished(text, ended, error, start)) from None
        hint = _hint(text.value, at, word, set(error.accepts or error.expected))
        raise RuleSyntaxError(Diagnostic(text.span_at(at, len(word)), f"`{word}` does not belong here", hint)) from None
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        word = text.value[at : at + 1]
        hint = _hint(text.value, at, word, set(error.allowed or ()))
        raise RuleSyntaxError(Diagnostic(text.span_at(at, 1), f"`{word}` does not belong here", hint)) from None
    except DedentError:
        raise RuleSyntaxError(
            Diagnostic(text.span, "the indentation of this block does not line up", "indent by four spaces a level")
        ) from None
    except UnexpectedInput:
        raise RuleSyntaxError(Diagnostic(text.span, f"this is not {_WHAT[start]}")) from None


_WHAT = {"expression": "an expression", "block": "statements"}

_FOREIGN = {
    "&&": "write `and`",
    "||": "write `or`",
    "!": "write `not`",
    "^": "a power is written `**`",
    "{": "rules have no braces; indent the lines of a block",
    "[": "rules have no lists",
    ";": "write one statement a line",
    "$": "parameters are written by their bare name",
    "%": "write `percent` after a number",
    "return": "write `stop` to end the rule",
    "pass": "leave the branch out, or write `stop` to end the rule",
    "while": "a rule has no loops but `for x in pick(...)`",
    "def": "write another behavior and call it with `after`",
    "import": "a scenario file runs no code",
    "lambda": "write an expression",
    "is": "write `==`",
}


def _hint(source: str, at: int, word: str, expected: set[str]) -> str:
    for sign, hint in _FOREIGN.items():
        if source.startswith(sign, at) or (sign.isalpha() and word == sign):
            return hint
    if word == "=":
        return "a comparison is written `==`; an argument as `name=value`"
    before = source[:at].rstrip()
    last = before.split()[-1] if before.split() else ""
    if last[-1:].isdigit() and word[:1].isalpha() and "UNIT" in expected:
        return suggest(word, ["seconds", "minutes", "hours", "days", "weeks", "percent"], "units")
    if last == "per":
        return suggest(word, ["second", "minute", "hour", "day", "week"], "units")
    if "COLON" in expected and "COMPARE" not in expected:
        return "a `:` is missing before this"
    if last in _FOREIGN:
        return _FOREIGN[last]
    if "RPAR" in expected and "COMMA" in expected and "LPAR" in expected:
        return "an operator or a `,` is missing before this"
    if word and word[0].isalpha() and "_NEWLINE" in expected:
        return "write one statement a line; an operator may be missing"
    return ""


def _unfinished(text: Text, at: int, error: object, start: str) -> Diagnostic:
    opened = text.value.count("(") - text.value.count(")")
    place = text.span_at(max(0, min(at, len(text.value.rstrip())) - 1), 1)
    if opened > 0:
        return Diagnostic(place, "a `(` is not closed", "add `)`")
    token_type = getattr(getattr(error, "token", None), "type", "")
    if token_type == "_INDENT" or (token_type == "_NEWLINE" and start == "expression"):
        return Diagnostic(place, "this line is indented further than its block", "indent by four spaces a level")
    expected = set(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
    if "COLON" in expected and "RPAR" not in expected:
        return Diagnostic(
            place, "a `:` is missing at the end of this line", "blocks start with `if ...:` or `for ...:`"
        )
    if "_INDENT" in expected or token_type == "_DEDENT":
        return Diagnostic(place, "a block is missing after `:`", "indent the lines that belong to it")
    if start == "expression" or expected & {"NAME", "NUMBER"}:
        return Diagnostic(place, "the expression ends too early")
    return Diagnostic(place, "the statement ends too early")


def _refuse_deep_nesting(text: Text) -> None:
    depth = 0
    for at, character in enumerate(text.value):
        depth += (character == "(") - (character == ")")
        if depth > MOST_NESTING:
            raise RuleSyntaxError(
                Diagnostic(text.span_at(at, 1), f"brackets are nested more than {MOST_NESTING} deep", "name the parts")
            )


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
        whole = written.isdigit()
        unit = None if tree.children[1] is None else str(tree.children[1])
        if whole and len(written) > 18:
            raise RuleSyntaxError(
                Diagnostic(self.span(tree), "this number is too large", "whole numbers go up to 18 digits")
            )
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
            found.append(Argument(self.span(argument), None if name is None else str(name), self.node(value)))
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
