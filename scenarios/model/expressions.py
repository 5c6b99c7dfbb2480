"""Typed expressions: what a value of a rule is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What every expression has: its type and its place in the file."""

    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Const(Typed):
    """A constant in its run-time form (see `bustle.scenarios.types`); None is ``none``."""

    value: float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class Local(Typed):
    """A local name of a rule, or an argument of a behavior; ``slot`` is its place in the frame."""

    name: str
    slot: int


@dataclass(frozen=True, slots=True)
class Param(Typed):
    """A parameter; its value may change by intervention."""

    name: str


@dataclass(frozen=True, slots=True)
class Global(Typed):
    """A global of the ``world`` section."""

    name: str


@dataclass(frozen=True, slots=True)
class Self(Typed):
    """The acting agent; in an attribute's expression, the agent being made."""

    population: str


@dataclass(frozen=True, slots=True)
class Candidate(Typed):
    """The agent looked at by ``where=``, ``by=`` or an aggregate."""

    population: str


@dataclass(frozen=True, slots=True)
class Attr(Typed):
    """An attribute of an agent. ``name`` may be a link, ``id``, or ``state``.

    Reading an attribute of ``none`` ends the run with a message at ``span``.
    """

    target: Expr
    population: str
    name: str


@dataclass(frozen=True, slots=True)
class Field(Typed):
    """A field of an event: of the event that triggered an ``on`` behavior, or of a recorder's row.

    ``name`` may be ``time`` (instant) or ``behavior`` (text) besides the declared fields, and in a table
    with a row for each event ``row``, the number of the row from 0.
    """

    event: str
    name: str


@dataclass(frozen=True, slots=True)
class Now(Typed):
    """The current instant."""


@dataclass(frozen=True, slots=True)
class Unary(Typed):
    """``-x`` or ``not x``."""

    op: Literal["-", "not"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Typed):
    """Arithmetic. Operands are already brought to a common type.

    Result by ``type``: money from money and number is rounded half to even to
    whole cents at once; instant plus duration is rounded half to even to microseconds;
    ``/`` and ``**`` give float64; ``//`` and ``%`` floor as Python does.
    """

    op: Literal["+", "-", "*", "/", "//", "%", "**"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Typed):
    """A comparison; ``==`` and ``!=`` also take agents, episodes, categories and ``none``."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logic(Typed):
    """``and`` or ``or``, evaluated left to right only as far as needed."""

    op: Literal["and", "or"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Choose(Typed):
    """``yes if condition else no``."""

    condition: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Call(Typed):
    """A pure function of `bustle.scenarios.functions.FUNCTIONS`, such as ``exp`` or ``hour``, or ``text``."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Convert(Typed):
    """A change of held form.

    ``to_money`` makes cents of a number (half to even), ``to_number`` a number of cents,
    ``to_float`` a float64 of a whole number, and ``to_whole`` 0 or 1 of a bool.
    """

    how: Literal["to_money", "to_number", "to_float", "to_whole"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Draw(Typed):
    """A draw: ``form`` names an entry of `bustle.scenarios.distributions.FORMS`.

    ``arguments`` stand in the form's order, each a float64 expression in the held form of its
    dimension (money is not drawn directly: a draw is a number, converted where it is stored).
    ``weights`` and ``file`` serve ``categorical`` and ``empirical``.
    """

    form: str
    arguments: tuple[Expr, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class Categorical(Typed):
    """A draw of a category; ``weights`` (one an entry of the type's levels) need not sum to one."""

    weights: tuple[Expr, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class Empirical(Typed):
    """A uniform draw from a column of a file; values come from ``Model.columns[(path, column)]``."""

    path: str
    column: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Mixture(Typed):
    """One of ``components``, chosen with ``weights``; only the chosen one is evaluated."""

    weights: tuple[Expr, ...]
    components: tuple[Expr, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class NewEpisode(Typed):
    """``episode()``: a fresh 63-bit identifier, itself a keyed draw."""

    purpose: str


@dataclass(frozen=True, slots=True)
class Members(Typed):
    """A whole population, or its members in ``state`` (a code)."""

    population: str
    state: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbours(Typed):
    """The neighbours of ``agent`` in ``network``, in the order of the network's CSR arrays."""

    agent: Expr
    network: str
    population: str


@dataclass(frozen=True, slots=True)
class Linked(Typed):
    """The agents of ``population`` whose link ``link`` is ``agent``, in order of id."""

    agent: Expr
    population: str
    link: str


@dataclass(frozen=True, slots=True)
class Pick(Typed):
    """Agents drawn from ``pool``; of type agent (or none) without ``count``, else a set.

    ``where`` and ``weight`` see the candidate as `Candidate`.
    """

    pool: Members | Neighbours | Linked
    where: Expr | None
    weight: Expr | None
    count: Expr | None
    replacement: bool
    purpose: str


@dataclass(frozen=True, slots=True)
class Aggregate(Typed):
    """``count/sum/mean/min/max`` over ``pool`` where ``where``; ``value`` is None for ``count``.

    Over no agents: count and sum are 0, mean, min and max are NaN.
    Where ``pool`` is None rows of an event take the agents' place: of ``event`` in a measure, of the table's own in a
    recorder.
    """

    function: Literal["count", "sum", "mean", "min", "max"]
    value: Expr | None
    pool: Members | Neighbours | Linked | None
    where: Expr | None
    event: str | None = None


Expr = (
    Const
    | Local
    | Param
    | Global
    | Self
    | Candidate
    | Attr
    | Field
    | Now
    | Unary
    | Binary
    | Compare
    | Logic
    | Choose
    | Call
    | Convert
    | Draw
    | Categorical
    | Empirical
    | Mixture
    | NewEpisode
    | Members
    | Neighbours
    | Linked
    | Pick
    | Aggregate
)
