"""Typing draws: distributions by their forms, categories, columns of files, and mixtures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.names import Scope
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.distributions import DISTRIBUTIONS, Form, Parameter
from bustle.scenarios.files import column_types
from bustle.scenarios.model import Categorical, Const, Convert, Draw, Empirical, Expr, Mixture
from bustle.scenarios.types import BOOL, MONEY, NUMBER, TEXT, WHOLE, Category, Quantity, State, Type

if TYPE_CHECKING:
    from bustle.scenarios.check.expressions import ExpressionChecker


def check_draw(checker: ExpressionChecker, node: syntax.Call, distribution: str, scope: Scope) -> Expr:
    """A draw from one of the distributions of `bustle.scenarios.distributions`."""
    checker.refuse(scope, "draw", node.span)
    form = _form(checker, node, distribution)
    purpose = scope.purposes.next(distribution)
    given = {a.name or form.parameters[i].name: a for i, a in enumerate(node.arguments)}
    arguments: list[Expr] = []
    unit: Quantity | None = None
    in_money = False
    for parameter in form.parameters:
        if parameter.name not in given:
            arguments.append(_default(parameter, unit))
            continue
        argument = given[parameter.name]
        expr = checker.check(argument.value, scope)
        if not isinstance(type_ := expr.type, Quantity):
            raise checker.problems.reject(
                argument.value.span, f"`{parameter.name}` of {distribution} must be a number, not {a_type(type_)}"
            )
        if parameter.dimension == "plain":
            if not type_.is_plain:
                raise checker.problems.reject(
                    argument.value.span, f"`{parameter.name}` of {distribution} has no unit; this is {a_type(type_)}"
                )
        else:
            this = (
                Quantity(-type_.time, -type_.money)
                if parameter.dimension == "per"
                else Quantity(type_.time, type_.money)
            )
            if unit is not None and this != unit:
                raise checker.problems.reject(
                    argument.value.span,
                    f"`{parameter.name}` of {distribution} must be {a_type(unit)} like the others, not {a_type(this)}",
                )
            if this.money and this.time:
                raise checker.problems.reject(argument.value.span, f"{distribution} cannot give {a_type(this)}")
            unit = this
            in_money = in_money or this.is_money
        _within(checker, argument.value, parameter, expr, distribution)
        arguments.append(checker.plain(expr))
    _in_order(checker, form, arguments, given)
    results: dict[str, Type] = {"whole": WHOLE, "number": NUMBER, "bool": BOOL, "same": unit or NUMBER}
    result = results[form.result]
    if form.result == "same" and in_money:
        drawn = Draw(form.name, tuple(arguments), purpose, type=NUMBER, span=node.span)
        return Convert("to_money", drawn, type=MONEY, span=node.span)
    return Draw(form.name, tuple(arguments), purpose, type=result, span=node.span)


_ORDER = ("low", "mode", "high")
"""Parameters that must not decrease."""


def _in_order(checker: ExpressionChecker, form: Form, arguments: list[Expr], given: dict[str, syntax.Argument]) -> None:
    """Check that constants which bound a distribution do not cross."""
    before: tuple[str, float] | None = None
    values = {p.name: a.value for p, a in zip(form.parameters, arguments, strict=True) if isinstance(a, Const)}
    for name in _ORDER:
        value = values.get(name)
        if isinstance(value, int | float):
            if before is not None and value < before[1]:
                raise checker.problems.reject(
                    given[name].span, f"`{name}` of {form.distribution} is below `{before[0]}`", "swap them"
                )
            before = (name, value)


def _form(checker: ExpressionChecker, node: syntax.Call, distribution: str) -> Form:
    """The form whose parameters the call names; by position the first form that fits."""
    forms = DISTRIBUTIONS[distribution]
    by_position = sum(a.name is None for a in node.arguments)
    if any(a.name is None for a in node.arguments[by_position:]):
        raise checker.problems.reject(node.span, "an argument by position stands after one by name")
    best: Form | None = None
    for form in forms:
        names = [p.name for p in form.parameters]
        given = names[:by_position] + [a.name for a in node.arguments if a.name]
        needed = [p.name for p in form.parameters if p.default is None]
        if len(given) == len(set(given)) and set(needed) <= set(given) <= set(names):
            return form
        if best is None and set(given) <= set(names):
            best = form
    usage = " or ".join(f"`{form.example}`" for form in forms)
    known = {p.name for form in forms for p in form.parameters}
    for argument in node.arguments:
        if argument.name is not None and argument.name not in known:
            raise checker.problems.reject(
                argument.name_span,
                f"{distribution} has no parameter `{argument.name}`",
                suggest(argument.name, sorted(known)) or f"write {usage}",
            )
    if best is not None:
        names = [p.name for p in best.parameters]
        given = names[:by_position] + [a.name for a in node.arguments if a.name]
        missing = [p.name for p in best.parameters if p.default is None and p.name not in given]
        if missing:
            wanted = " and ".join(f"`{m}`" for m in missing)
            raise checker.problems.reject(node.span, f"{distribution} needs {wanted}", f"write {usage}")
    raise checker.problems.reject(node.span, f"these are not the parameters of {distribution}", f"write {usage}")


def _default(parameter: Parameter, unit: Quantity | None) -> Expr:
    assert parameter.default is not None
    return Const(parameter.default, type=unit or NUMBER)


def _within(checker: ExpressionChecker, node: syntax.Node, parameter: Parameter, expr: Expr, distribution: str) -> None:
    """Check the bounds of a parameter that is a constant."""
    if not isinstance(expr, Const) or not isinstance(expr.value, int | float):
        return
    value, low, high = expr.value, parameter.minimum, parameter.maximum
    name = f"`{parameter.name}` of {distribution}"
    if low is not None and (value < low or (parameter.open and value == low)):
        raise checker.problems.reject(node.span, f"{name} must be {'above' if parameter.open else 'at least'} {low:g}")
    if high is not None and value > high:
        raise checker.problems.reject(node.span, f"{name} must be at most {high:g}")


def _weights(checker: ExpressionChecker, arguments: list[tuple[syntax.Node, Scope]]) -> tuple[Expr, ...]:
    weights = []
    for node, scope in arguments:
        weight = checker.check(node, scope)
        if not isinstance(weight.type, Quantity) or not weight.type.is_plain:
            raise checker.problems.reject(node.span, f"a weight must be a plain number, not {a_type(weight.type)}")
        if isinstance(weight, Const) and isinstance(weight.value, int | float) and weight.value < 0:
            raise checker.problems.reject(node.span, "a weight must be at least 0")
        weights.append(weight)
    constants = [w.value for w in weights if isinstance(w, Const)]
    if len(constants) == len(weights) and not any(constants):
        raise checker.problems.reject(arguments[0][0].span, "at least one weight must be above 0")
    return tuple(weights)


def check_categorical(checker: ExpressionChecker, node: syntax.Call, scope: Scope, expected: Type | None) -> Expr:
    """``categorical(grocery=0.55, fuel=0.2)``: a category whose levels are the argument names."""
    checker.refuse(scope, "draw", node.span)
    levels = tuple(a.name or "" for a in node.arguments)
    if not levels or "" in levels:
        raise checker.problems.reject(
            node.span, "categorical takes a weight for each name", "as in `categorical(grocery=0.55, fuel=0.2)`"
        )
    if len(set(levels)) < len(levels):
        twice = next(level for level in levels if levels.count(level) > 1)
        raise checker.problems.reject(node.span, f"`{twice}` is given twice")
    purpose = scope.purposes.next("categorical")
    weights = _weights(checker, [(a.value, scope) for a in node.arguments])
    if isinstance(expected, Category | State) and set(levels) <= set(expected.levels):
        by_name = dict(zip(levels, weights, strict=True))
        zero = Const(0.0, type=NUMBER, span=node.span)
        weights = tuple(by_name.get(level, zero) for level in expected.levels)
        return Categorical(weights, purpose, type=expected, span=node.span)
    return Categorical(weights, purpose, type=Category(levels), span=node.span)


def check_empirical(checker: ExpressionChecker, node: syntax.Call, scope: Scope) -> Expr:
    """``empirical("amounts.csv", column="amount")``: a value of a column, each row equally likely."""
    checker.refuse(scope, "draw", node.span)
    usage = 'as in `empirical("amounts.csv", column="amount")`'
    match node.arguments:
        case [
            syntax.Argument(name=None | "file", value=syntax.Quoted(value=path) as file),
            syntax.Argument(name=None | "column", value=syntax.Quoted(value=column) as quoted),
        ]:
            try:
                types = column_types(checker.folder, path)
            except ValueError as error:
                raise checker.problems.reject(file.span, str(error)) from None
            if column not in types:
                raise checker.problems.reject(
                    quoted.span, f"{path} has no column `{column}`", suggest(column, types, "columns")
                )
            kinds: dict[str, Type] = {"whole": WHOLE, "number": NUMBER, "bool": BOOL}
            kind = kinds.get(types[column], TEXT)
            return Empirical(path, column, scope.purposes.next("empirical"), type=kind, span=node.span)
    raise checker.problems.reject(node.span, "empirical takes a file and a column, both in quotes", usage)


def check_mixture(checker: ExpressionChecker, node: syntax.Call, scope: Scope, expected: Type | None) -> Expr:
    """``mixture(0.9, normal(...), 0.1, lognormal(...))``: weights and what they choose, in turn."""
    checker.refuse(scope, "draw", node.span)
    arguments = node.arguments
    if len(arguments) < 2 or len(arguments) % 2 or any(a.name for a in arguments):
        raise checker.problems.reject(
            node.span,
            "mixture takes weights and expressions in turn",
            "as in `mixture(0.9, normal(mean=20, sd=5), 0.1, lognormal(median=200, sigma=1))`",
        )
    purpose = scope.purposes.next("mixture")
    weights = _weights(checker, [(a.value, scope) for a in arguments[::2]])
    components = [checker.check(a.value, scope, expected) for a in arguments[1::2]]
    first = components[0].type
    for argument, component in zip(arguments[1::2], components, strict=True):
        a, b = first, component.type
        alike = a == b or (
            isinstance(a, Quantity) and isinstance(b, Quantity) and (a.time, a.money) == (b.time, b.money)
        )
        if not alike:
            raise checker.problems.reject(
                argument.span,
                f"all parts of a mixture must be of one kind: {a_type(first)}, not {a_type(component.type)}",
            )
    if isinstance(first, Quantity) and not first.is_money:
        whole = all(isinstance(c.type, Quantity) and c.type.whole for c in components)
        first = replace(first, whole=whole)
        components = [checker.convert(c, first, "", node.span) for c in components]
    return Mixture(weights, tuple(components), purpose, type=first, span=node.span)
