"""Typing calls: pure functions, draws, picks, and functions over sets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.draws import check_categorical, check_draw, check_empirical, check_mixture
from bustle.scenarios.check.names import Scope
from bustle.scenarios.check.references import attribute_type, check_pool
from bustle.scenarios.check.texts import check_text
from bustle.scenarios.check.wording import a_type, conversion_hint
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.distributions import DISTRIBUTIONS
from bustle.scenarios.functions import AGGREGATES, FUNCTIONS, SPECIAL, Function
from bustle.scenarios.model import (
    Aggregate,
    Attr,
    Binary,
    Call,
    Const,
    Convert,
    Expr,
    Linked,
    Members,
    Neighbours,
    NewEpisode,
    Pick,
)
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    EPISODE,
    INSTANT,
    MONEY,
    NUMBER,
    WHOLE,
    Agent,
    AgentSet,
    Instant,
    Quantity,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bustle.scenarios.check.expressions import ExpressionChecker


def check_call(checker: ExpressionChecker, node: syntax.Call, scope: Scope, expected: Type | None) -> Expr:
    """The typed form of a call that stands in an expression."""
    if not isinstance(node.function, syntax.Name):
        raise checker.problems.reject(
            node.span, "an agent's behavior is called by `after`", "as in `after 1 day: x.act()`"
        )
    name = node.function.name
    if name in DISTRIBUTIONS:
        return check_draw(checker, node, name, scope)
    special: dict[str, Callable[[], Expr]] = {
        "pick": lambda: _pick(checker, node, scope),
        "episode": lambda: _episode(checker, node, scope),
        "distance": lambda: _distance(checker, node, scope),
        "linked": lambda: _linked(checker, node, scope),
        "text": lambda: check_text(checker, node, scope),
        "categorical": lambda: check_categorical(checker, node, scope, expected),
        "empirical": lambda: check_empirical(checker, node, scope),
        "mixture": lambda: check_mixture(checker, node, scope, expected),
    }
    if name in special:
        return special[name]()
    if name in AGGREGATES and (scope.rows_of or name not in FUNCTIONS or _is_set(node, scope)):
        return _aggregate_call(checker, node, name, scope)
    if name in FUNCTIONS:
        return _function(checker, node, FUNCTIONS[name], scope)
    if name == "spawn":
        raise checker.problems.reject(node.span, "`spawn` is a statement", "write it alone, or as `name = spawn(...)`")
    if name in scope.names.behaviors:
        raise checker.problems.reject(node.span, f"`{name}` is a behavior", f"run it with `after 1 second: {name}()`")
    known = [*FUNCTIONS, *DISTRIBUTIONS, *SPECIAL, *AGGREGATES]
    raise checker.problems.reject(node.function.span, f"unknown function `{name}`", suggest(name, known))


def bind(
    checker: ExpressionChecker, node: syntax.Call, what: str, names: tuple[str, ...], needed: int
) -> dict[str, syntax.Argument]:
    """The arguments of a call by name: those given by position first, then by name."""
    bound: dict[str, syntax.Argument] = {}
    for position, argument in enumerate(node.arguments):
        if argument.name is None:
            if position >= len(names):
                raise checker.problems.reject(argument.span, f"{what} takes at most {len(names)} arguments")
            if len(bound) > position or any(a.name for a in node.arguments[:position]):
                raise checker.problems.reject(argument.span, "an argument by position stands after one by name")
            bound[names[position]] = argument
            continue
        if argument.name not in names:
            raise checker.problems.unknown(
                argument.name,
                argument.name_span,
                f"{what} has no argument `{argument.name}`",
                suggest(argument.name, names, "arguments"),
            )
        if argument.name in bound:
            raise checker.problems.reject(argument.name_span, f"`{argument.name}` is given twice")
        bound[argument.name] = argument
    missing = [name for name in names[:needed] if name not in bound]
    if missing:
        raise checker.problems.reject(node.span, f"{what} needs {' and '.join(f'`{m}`' for m in missing)}")
    return bound


# --- pure functions


def _function(checker: ExpressionChecker, node: syntax.Call, function: Function, scope: Scope) -> Expr:
    what = f"`{function.name}`"
    for argument in node.arguments:
        if argument.name is not None:
            raise checker.problems.reject(argument.span, f"{what} takes its arguments by position")
    count = len(node.arguments)
    if count < function.least or (function.most is not None and count > function.most):
        wanted = str(function.least) if function.most == function.least else f"at least {function.least}"
        if function.most is not None and function.most != function.least:
            wanted = f"{function.least} to {function.most}"
        raise checker.problems.reject(
            node.span,
            f"{what} takes {wanted} argument{'s' if wanted != '1' else ''}, not {count}",
            f"as in `{function.example}`",
        )
    arguments = tuple(checker.check(argument.value, scope) for argument in node.arguments)
    return _typed_function(checker, node, function, arguments)


def _typed_function(
    checker: ExpressionChecker, node: syntax.Call, function: Function, arguments: tuple[Expr, ...]
) -> Expr:
    name, span, first = function.name, node.span, arguments[0]
    if function.rule == "same":
        return _same(checker, node, name, arguments)
    if function.rule in ("calendar", "time_of_day"):
        if not isinstance(first.type, Instant):
            raise checker.problems.reject(
                node.arguments[0].span,
                f"`{name}` needs an instant, not {a_type(first.type)}",
                f"for example `{name}(now)`",
            )
        return Call(name, arguments, type=WHOLE if function.rule == "calendar" else DURATION, span=span)
    if function.rule == "to_number" and first.type == MONEY:
        return checker.plain(first)
    if function.rule == "money" and first.type == MONEY:
        return first
    if not isinstance(first.type, Quantity) or not first.type.is_plain:
        hint = conversion_hint(first.type, NUMBER)
        raise checker.problems.reject(
            node.arguments[0].span, f"`{name}` needs a plain number, not {a_type(first.type)}", hint
        )
    if function.rule == "money":
        return checker.convert(first, MONEY, "", span)
    if function.rule == "to_number":
        return checker.convert(first, NUMBER, "", span)
    return Call(name, arguments, type=WHOLE if function.rule == "whole" else NUMBER, span=span)


def _same(checker: ExpressionChecker, node: syntax.Call, name: str, arguments: tuple[Expr, ...]) -> Expr:
    kind = next((a.type for a in arguments if not isinstance(a, Const)), arguments[0].type)
    if isinstance(kind, Instant) and name in ("min", "max", "clip") and all(a.type == INSTANT for a in arguments):
        return Call(name, arguments, type=INSTANT, span=node.span)
    if not isinstance(kind, Quantity):
        raise checker.problems.reject(node.span, f"`{name}` needs numbers, not {a_type(kind)}")
    whole = True
    alike = []
    for argument, given in zip(node.arguments, arguments, strict=True):
        if isinstance(given.type, Quantity) and kind.is_money and given.type.is_plain and isinstance(given, Const):
            given = checker.convert(given, MONEY, "", argument.span)
        if not isinstance(given.type, Quantity) or (given.type.time, given.type.money) != (kind.time, kind.money):
            raise checker.problems.reject(
                argument.span, f"`{name}` needs arguments of one kind: {a_type(kind)}, not {a_type(given.type)}"
            )
        whole = whole and given.type.whole
        alike.append(given)
    type_ = replace(kind, whole=whole)
    if type_.is_plain and not whole:
        alike = [checker.convert(a, NUMBER, "", node.span) for a in alike]
    return Call(name, tuple(alike), type=type_, span=node.span)


# --- agents


def _pick(checker: ExpressionChecker, node: syntax.Call, scope: Scope) -> Expr:
    checker.refuse(scope, "pick", node.span)
    names = ("set", "where", "by", "count", "without_replacement")
    if not node.arguments:
        raise checker.problems.reject(node.span, "`pick` needs a set of agents", "as in `pick(card, by=popularity)`")
    bound = bind(checker, node, "`pick`", names, needed=1)
    for argument in node.arguments[1:]:
        if argument.name is None:
            raise checker.problems.reject(
                argument.span, "only the set stands without a name", "write `where=...`, `by=...`"
            )
    pool = check_pool(checker, bound["set"].value, scope)
    inside = scope.looking_at(pool.population)
    where = weight = count = None
    if "where" in bound:
        where = checker.condition(bound["where"].value, inside, "`where`")
    if "by" in bound:
        weight = checker.plain(checker.check(bound["by"].value, inside))
        if not isinstance(weight.type, Quantity):
            raise checker.problems.reject(bound["by"].value.span, f"`by` must be a number, not {a_type(weight.type)}")
    if "count" in bound:
        value = checker.check(bound["count"].value, scope)
        if not isinstance(value.type, Quantity) or not value.type.is_plain:
            raise checker.problems.reject(
                bound["count"].value.span, f"`count` must be a number, not {a_type(value.type)}"
            )
        count = value
    replacement = False
    if "without_replacement" in bound:
        value = checker.check(bound["without_replacement"].value, scope, BOOL)
        if not isinstance(value, Const) or not isinstance(value.value, bool):
            raise checker.problems.reject(
                bound["without_replacement"].value.span, "`without_replacement` is `true` or `false`"
            )
        if count is None:
            raise checker.problems.reject(node.span, "`without_replacement` goes with `count`")
        replacement = not value.value
    type_: Type = Agent(pool.population) if count is None else AgentSet(pool.population)
    purpose = scope.purposes.next("pick")
    return Pick(pool, where, weight, count, replacement, purpose, type=type_, span=node.span)


def _episode(checker: ExpressionChecker, node: syntax.Call, scope: Scope) -> Expr:
    checker.refuse(scope, "episode", node.span)
    if node.arguments:
        raise checker.problems.reject(node.span, "`episode()` takes no arguments")
    return NewEpisode(scope.purposes.next("episode"), type=EPISODE, span=node.span)


def _distance(checker: ExpressionChecker, node: syntax.Call, scope: Scope) -> Expr:
    bound = bind(checker, node, "`distance`", ("a", "b"), needed=2)
    squares: list[Expr] = []
    ends = [checker.check(bound[name].value, scope) for name in ("a", "b")]
    for axis in ("x", "y"):
        places = []
        for end, name in zip(ends, ("a", "b"), strict=True):
            if not isinstance(end.type, Agent):
                raise checker.problems.reject(bound[name].span, f"`distance` needs agents, not {a_type(end.type)}")
            population = end.type.population
            if axis not in scope.names.populations[population].attributes:
                if scope.names.populations[population].is_open:
                    raise checker.problems.follow_up(axis, bound[name].span)
                raise checker.problems.unknown(
                    axis,
                    bound[name].span,
                    f"{population} has no attribute `{axis}`",
                    "`distance` reads the attributes `x` and `y`",
                )
            type_ = attribute_type(population, axis, scope)
            if not isinstance(type_, Quantity) or not type_.is_plain:
                raise checker.problems.reject(bound[name].span, f"`{axis}` of {population} is not a plain number")
            places.append(Attr(end, population, axis, type=type_, span=node.span))
        step = Binary("-", places[0], places[1], type=NUMBER, span=node.span)
        squares.append(Binary("*", step, step, type=NUMBER, span=node.span))
    total = Binary("+", squares[0], squares[1], type=NUMBER, span=node.span)
    return Call("sqrt", (total,), type=NUMBER, span=node.span)


def _linked(checker: ExpressionChecker, node: syntax.Call, scope: Scope) -> Expr:
    example = "as in `linked(card, owner=self)`"
    match node.arguments:
        case [
            syntax.Argument(name=None, value=syntax.Name(name=population) as first),
            syntax.Argument(name=str(link), value=value) as second,
        ]:
            known = scope.names.populations.get(population)
            if known is None:
                raise checker.problems.unknown(
                    population,
                    first.span,
                    f"unknown population `{population}`",
                    suggest(population, scope.names.populations),
                )
            if link not in known.links:
                raise checker.problems.unknown(
                    link,
                    second.name_span,
                    f"{population} has no link `{link}`",
                    suggest(link, known.links, "links"),
                )
            agent = checker.value(value, scope, Agent(known.links[link]), f"`{link}`")
            return Linked(agent, population, link, type=AgentSet(population), span=node.span)
    raise checker.problems.reject(node.span, "`linked` takes a population and one link", example)


# --- functions over sets


def _is_set(node: syntax.Call, scope: Scope) -> bool:
    """Whether the call's only argument names a set, as in ``count(card)``."""
    match node.arguments:
        case [syntax.Argument(name=None, value=syntax.Name(name=name))]:
            return name in scope.names.populations or name in scope.names.networks
    return False


def _aggregate_call(checker: ExpressionChecker, node: syntax.Call, name: str, scope: Scope) -> Expr:
    if any(a.name for a in node.arguments):
        raise checker.problems.reject(node.span, f"`{name}` takes no named arguments")
    values = [a.value for a in node.arguments]
    if scope.rows_of:
        if len(values) != (0 if name == "count" else 1):
            takes = "nothing: it counts the rows" if name == "count" else "one expression over the rows"
            raise checker.problems.reject(node.span, f"`{name}` takes {takes}")
        inside = replace(scope, row=scope.rows_of, rows_of=None)
        value = None if not values else _summand(checker, checker.check(values[0], inside), name, node.span)
        return Aggregate(name, value, None, None, type=_result(name, value), span=node.span)  # type: ignore[arg-type]
    if name == "count" and len(values) == 1:
        checker.refuse(scope, "aggregate", node.span)
        event = _event_set(values[0], scope)
        pool = None if event else check_pool(checker, values[0], scope)
        return Aggregate("count", None, pool, None, event, type=WHOLE, span=node.span)
    example = "count(card where blocked)" if name == "count" else f"{name}(pace for cardholder)"
    raise checker.problems.reject(node.span, f"`{name}` needs a set of agents", f"for example `{example}`")


def check_aggregate(checker: ExpressionChecker, node: syntax.Aggregate, scope: Scope) -> Expr:
    """``mean(value for pool where condition)`` and ``count(pool where condition)``."""
    if not isinstance(node.function, syntax.Name) or node.function.name not in AGGREGATES:
        raise checker.problems.reject(
            node.function.span, "this is not a function over a set", "use " + ", ".join(AGGREGATES)
        )
    name = node.function.name
    if (node.value is None) != (name == "count"):
        example = "count(card where state == blocked)" if name == "count" else f"{name}(pace for cardholder)"
        raise checker.problems.reject(node.span, f"`{name}` is written another way", f"as in `{example}`")
    checker.refuse(scope, "aggregate", node.span)
    pool: Members | Neighbours | Linked | None = None
    event = _event_set(node.pool, scope)
    if event is not None:
        inside = replace(scope, row=event, acting=None)
    else:
        pool = check_pool(checker, node.pool, scope)
        inside = scope.looking_at(pool.population)
    where = None if node.where is None else checker.condition(node.where, inside, "`where`")
    value = None if node.value is None else _summand(checker, checker.check(node.value, inside), name, node.span)
    type_ = _result(name, value)
    return Aggregate(name, value, pool, where, event, type=type_, span=node.span)  # type: ignore[arg-type]


def _event_set(node: syntax.Node, scope: Scope) -> str | None:
    """The event whose rows ``node`` names, where functions over events may stand."""
    named = scope.event_sets and isinstance(node, syntax.Name) and node.name in scope.names.events
    return node.name if named and isinstance(node, syntax.Name) else None


def _summand(checker: ExpressionChecker, value: Expr, name: str, span: Span) -> Expr:
    """What is added up: a number, or a bool as 0 or 1; a mean of money is a plain number."""
    if value.type == BOOL:
        return Convert("to_whole", value, type=WHOLE, span=value.span)
    if isinstance(value.type, Instant) and name in ("min", "max"):
        return value
    if not isinstance(value.type, Quantity):
        raise checker.problems.reject(value.span or span, f"`{name}` needs numbers, not {a_type(value.type)}")
    if value.type.is_money and name != "sum":
        return checker.plain(value)
    return value


def _result(name: str, value: Expr | None) -> Type:
    if value is None or name == "count":
        return WHOLE
    if isinstance(value.type, Quantity) and name != "sum":
        return replace(value.type, whole=False)
    return value.type
