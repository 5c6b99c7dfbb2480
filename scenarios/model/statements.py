"""Typed statements: what a rule does."""

from __future__ import annotations

from dataclasses import dataclass, field

from bustle.scenarios.diagnostics import Span
from bustle.scenarios.model.expressions import Expr


@dataclass(frozen=True, slots=True)
class AssignLocal:
    """``name = value``."""

    slot: int
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AssignAttr:
    """``target.name = value``; ``value`` is already in the attribute's held form."""

    target: Expr
    population: str
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AssignGlobal:
    """``name = value`` for a global."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class If:
    """``if``/``elif``/``else``, the later branches nested in ``no``."""

    condition: Expr
    yes: tuple[Statement, ...]
    no: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class For:
    """``for name in set:``. The set is made once, before the first round."""

    slot: int
    name: str
    pool: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Emit:
    """``emit event(field=value, ...)``; ``values`` in the order of the event's declared fields.

    Captured fields (`EventField.captured`) are evaluated right after, with `Field` reading the new
    row; they are none where an agent on the way is none.
    """

    event: str
    values: tuple[Expr, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Become:
    """``become(state)`` of self or of a picked agent.

    Becoming what one already is does nothing; a move that is not allowed ends the run with a message.
    """

    target: Expr
    population: str
    state: int
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class After:
    """``after delay: target.behavior(arguments)``; at least one microsecond later."""

    delay: Expr
    target: Expr
    behavior: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """``cancel(behavior)``: pending ``after`` calls of ``target`` to ``behavior`` are dropped."""

    target: Expr
    behavior: str


@dataclass(frozen=True, slots=True)
class Spawn:
    """``spawn(population, attribute=value, ...)``; the rest is sampled. ``slot`` receives it if named."""

    population: str
    values: tuple[tuple[str, Expr], ...]
    slot: int | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Retire:
    """``retire()``: the agent's clocks stop and no pick finds it again."""

    target: Expr


@dataclass(frozen=True, slots=True)
class Stop:
    """``stop``: ends this firing of the rule."""


Statement = AssignLocal | AssignAttr | AssignGlobal | If | For | Emit | Become | After | Cancel | Spawn | Retire | Stop
