"""Expressions of a scenario as text, close to how a scenario writes them; for the dataset's card."""

from __future__ import annotations

from collections.abc import Sequence

from bustle.outputs.epoch import epoch_of
from bustle.outputs.quantity_text import value_text
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Binary,
    Call,
    Candidate,
    Categorical,
    Choose,
    Compare,
    Const,
    Convert,
    Draw,
    Empirical,
    Expr,
    Field,
    Global,
    Linked,
    Local,
    Logic,
    Members,
    Mixture,
    Model,
    Neighbours,
    NewEpisode,
    Now,
    Param,
    Pick,
    Self,
    Unary,
)
from bustle.scenarios.types import Category, Instant, State, Text

_BINDS = {
    "**": 7, "*": 6, "/": 6, "//": 6, "%": 6, "+": 5, "-": 5,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "not": 3, "and": 2, "or": 1,
}  # fmt: skip
_ATOM, _CHOICE = 9, 0


def expression_text(expr: Expr, model: Model) -> str:
    """``expr`` as a line of text.

    >>> from bustle.scenarios.types import INSTANT
    >>> expression_text(Now(type=INSTANT), None)
    'now'
    """
    return _text(expr, model, 0)


def _text(expr: Expr, model: Model, around: int) -> str:
    written, binds = _written(expr, model)
    return f"({written})" if binds < around else written


def _written(expr: Expr, model: Model) -> tuple[str, int]:
    """The text and how strongly its outermost operator binds."""

    def inside(part: Expr, around: int = 0) -> str:
        return _text(part, model, around)

    match expr:
        case Const(value=0) if isinstance(expr.type, Instant):
            return "start", _ATOM
        case Const(value=str(text)) if isinstance(expr.type, Text):
            return f'"{text}"', _ATOM
        case Const():
            return value_text(expr.value, expr.type, epoch_of(model.clock)), _ATOM
        case Local() | Param() | Global() | Field():
            return expr.name, _ATOM
        case Self() | Candidate():
            return "self" if isinstance(expr, Self) else expr.population, _ATOM
        case Attr():
            own = isinstance(expr.target, Self | Candidate)
            return expr.name if own else f"{inside(expr.target, _ATOM)}.{expr.name}", _ATOM
        case Now():
            return "now", _ATOM
        case Unary():
            binds = _BINDS["not"] if expr.op == "not" else _BINDS["*"]
            return f"{'not ' if expr.op == 'not' else '-'}{inside(expr.operand, binds)}", binds
        case Binary() | Compare() | Logic():
            binds = _BINDS[expr.op]
            return f"{inside(expr.left, binds)} {expr.op} {inside(expr.right, binds + 1)}", binds
        case Choose():
            yes, no = inside(expr.yes, 1), inside(expr.no)
            return f"{yes} if {inside(expr.condition, 1)} else {no}", _CHOICE
        case Call():
            return _call(expr.function, [inside(a) for a in expr.arguments]), _ATOM
        case Convert():
            return _written(expr.operand, model)
        case Draw():
            names = [p.name for p in FORMS[expr.form].parameters]
            given = [f"{n}={inside(a)}" for n, a in zip(names, expr.arguments, strict=True)]
            return _call(FORMS[expr.form].distribution, given), _ATOM
        case Categorical():
            return _call("categorical", _weights(expr, model)), _ATOM
        case Empirical():
            return _call("empirical", [f'"{expr.path}"', expr.column]), _ATOM
        case Mixture():
            parts = [f"{inside(c)}: {inside(w)}" for w, c in zip(expr.weights, expr.components, strict=True)]
            return _call("mixture", parts), _ATOM
        case NewEpisode():
            return "episode()", _ATOM
        case Members():
            state = "" if expr.state is None else f".{model.populations[expr.population].states[expr.state]}"
            return expr.population + state, _ATOM
        case Neighbours():
            return (
                expr.network if isinstance(expr.agent, Self) else f"{inside(expr.agent, _ATOM)}.{expr.network}"
            ), _ATOM
        case Linked():
            return f"linked({expr.population}, {expr.link}={inside(expr.agent)})", _ATOM
        case Pick():
            options = {"where": expr.where, "by": expr.weight, "count": expr.count}
            given = [f"{name}={inside(part)}" for name, part in options.items() if part is not None]
            return _call("pick", [inside(expr.pool), *given]), _ATOM
        case Aggregate():
            value = "" if expr.value is None else inside(expr.value)
            pool = "" if expr.pool is None else inside(expr.pool)
            where = "" if expr.where is None else f"where {inside(expr.where)}"
            of = f"{value} for {pool}" if value and pool else value or pool
            return f"{expr.function}({' '.join(filter(None, (of, where)))})", _ATOM


def _call(function: str, arguments: Sequence[str]) -> str:
    return f"{function}({', '.join(arguments)})"


def _weights(expr: Categorical, model: Model) -> list[str]:
    assert isinstance(expr.type, Category | State)
    return [f"{level}={_text(w, model, 0)}" for level, w in zip(expr.type.levels, expr.weights, strict=True)]
