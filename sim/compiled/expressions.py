"""Expressions become lines of code: `write` has one case for every kind of node.

Values are computed in the order in which the reference engine computes them, one name each, so that an error or a
draw that repeats comes at the same place.
"""

from __future__ import annotations

import math

from bustle.scenarios.diagnostics import RunError
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
    Local,
    Logic,
    Mixture,
    NewEpisode,
    Now,
    Param,
    Pick,
    Self,
    Unary,
)
from bustle.scenarios.types import Text, Type
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.unit import Value, constant, kind_of
from bustle.sim.problems import attribute_of_none, no_event


def write(expr: Expr, coder: Coder) -> Value:
    """Write what computes ``expr``; gives the name that holds it, or a literal."""
    from bustle.sim.compiled import aggregates, draws, functions, operators, picking

    match expr:
        case Const():
            return literal(expr.value, expr.type, coder)
        case Param():
            return _cell(("parameter", expr.name), expr.type, coder)
        case Global():
            return _cell(("global", expr.name), expr.type, coder)
        case Self():
            return Value(coder.me, "i")
        case Candidate():
            return Value(coder.candidate, "i")
        case Local():
            return coder.locals[expr.slot]
        case Field():
            return _field(expr, coder)
        case Now():
            return Value("now", "i")
        case Attr():
            return _attribute(expr, coder)
        case Unary():
            return operators.unary(expr, coder)
        case Binary():
            return operators.binary(expr, coder)
        case Compare():
            return operators.compare(expr, coder)
        case Logic():
            return _logic(expr, coder)
        case Choose():
            return _choose(expr, coder)
        case Call():
            return functions.call(expr, coder)
        case Convert():
            return operators.convert(expr, coder)
        case Draw():
            return draws.draw(expr, coder)
        case Categorical():
            return draws.categorical(expr, coder)
        case Empirical():
            return draws.empirical(expr, coder)
        case Mixture():
            return draws.mixture(expr, coder)
        case NewEpisode():
            return draws.new_episode(expr, coder)
        case Pick():
            return picking.pick_one(expr, coder)
        case Aggregate():
            return aggregates.aggregate(expr, coder)
    raise RunError(f"a {type(expr).__name__.lower()} is no value", expr.span)


def literal(value: float | int | bool | str | None, type_: Type, coder: Coder) -> Value:
    """A constant in its held form."""
    kind = kind_of(type_)
    if value is None:
        return Value("-1", "i")
    if isinstance(value, str):
        return coder.unit.let(coder.unit.word("text", value), "i")
    if kind == "b":
        return Value(str(bool(value)), kind)
    if kind == "f":
        number = float(value)
        if math.isfinite(number):
            return Value(repr(number), kind)
        return Value("math.nan" if math.isnan(number) else "math.inf" if number > 0 else "(-math.inf)", kind)
    return Value(str(int(value)), kind)


def read(address: str, place: str, type_: Type, coder: Coder) -> Value:
    """An entry of a column, by the column's type."""
    from bustle.scenarios.types import Bool, Category, State

    match type_:
        case Bool():
            return coder.unit.let(f"get_i8({address}, {place}) != 0", "b")
        case Category() | State() | Text():
            return coder.unit.let(f"get_i32({address}, {place})", "i")
    return coder.unit.let(f"get_{'f' if kind_of(type_) == 'f' else 'i'}64({address}, {place})", kind_of(type_))


def store(address: str, place: str, value: Value, type_: Type, coder: Coder) -> None:
    """Write a value into a column, by the column's type."""
    from bustle.scenarios.types import Bool, Category, State

    match type_:
        case Bool():
            coder.unit.line(f"put_i8({address}, {place}, {value.as_whole()})")
        case Category() | State() | Text():
            coder.unit.line(f"put_i32({address}, {place}, {value.as_whole()})")
        case _ if kind_of(type_) == "f":
            coder.unit.line(f"put_f64({address}, {place}, {value.as_float()})")
        case _:
            coder.unit.line(f"put_i64({address}, {place}, {value.as_whole()})")


def read_word(address: str, place: int, type_: Type, coder: Coder) -> Value:
    """A value that stands in a word of its own: a parameter, a global, a field, an argument."""
    kind = kind_of(type_)
    if kind == "f":
        return coder.unit.let(f"get_f64({address}, {place})", kind)
    text = f"get_i64({address}, {place})"
    return coder.unit.let(f"{text} != 0" if kind == "b" else text, kind)


def store_word(address: str, place: int, value: Value, coder: Coder) -> None:
    """Write a value into a word of its own."""
    if value.kind == "f":
        coder.unit.line(f"put_f64({address}, {place}, {value.text})")
    else:
        coder.unit.line(f"put_i64({address}, {place}, {value.as_whole()})")


def _cell(key: tuple[str, str], type_: Type, coder: Coder) -> Value:
    return read_word(coder.unit.word(*key), 0, type_, coder)


def _field(expr: Field, coder: Coder) -> Value:
    if expr.name in coder.row:
        return coder.row[expr.name]
    behavior = coder.program.model.behaviors[coder.unit.name.removeprefix("body of ")]
    coder.unit.fail_if("payload == 0", constant(no_event(expr.event, expr.name, expr.span)))
    place = coder.program.fields_read(behavior).index(expr.name)
    return read_word("payload", place, expr.type, coder)


def _attribute(expr: Attr, coder: Coder) -> Value:
    target = write(expr.target, coder)
    if not isinstance(expr.target, Self | Candidate):
        coder.no_agent(target.text, RunError(attribute_of_none(expr.name, expr.population), expr.span))
    if expr.name == "id":
        return target
    if not isinstance(expr.target, Self) and coder.program.facts.writes_attribute(expr.population, expr.name):
        coder.reach(expr.population, target.text)
    address = coder.column(expr.population, expr.name)
    return read(address, target.text, coder.program.attribute_type(expr.population, expr.name), coder)


def _logic(expr: Logic, coder: Coder) -> Value:
    unit = coder.unit
    left = write(expr.left, coder)
    result = unit.let(left.text, "b")
    with unit.block(f"if {result.text}:" if expr.op == "and" else f"if not {result.text}:"):
        unit.line(f"{result.text} = {write(expr.right, coder).text}")
    return result


def _choose(expr: Choose, coder: Coder) -> Value:
    unit, kind = coder.unit, kind_of(expr.type)
    condition = write(expr.condition, coder)
    result = unit.variable(kind)
    with unit.block(f"if {condition.text}:"):
        unit.line(f"{result.text} = {held(write(expr.yes, coder), kind)}")
    with unit.block("else:"):
        unit.line(f"{result.text} = {held(write(expr.no, coder), kind)}")
    return result


def held(value: Value, kind: str) -> str:
    """The value in the held form ``kind``."""
    return value.as_float() if kind == "f" else value.text if value.kind == kind else value.as_whole()
