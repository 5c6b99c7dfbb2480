"""The syntax of rules: names unresolved, types unknown, every node with its place.

`bustle.scenarios.rule_parser` makes these from text, by the grammar in ``grammar.lark``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bustle.scenarios.diagnostics import Span


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
    name_span: Span
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


@dataclass(frozen=True, slots=True)
class Broken(Syntax):
    """Lines that are no statement, and the names that they would have set."""

    names: tuple[str, ...]


Line = Assign | Emit | After | Perform | Stop | If | For | Broken
