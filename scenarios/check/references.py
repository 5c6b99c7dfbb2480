"""What a name, a dotted name or a set of agents means where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.wording import MOST_LEVELS, a_type
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import (
    Attr,
    Candidate,
    Const,
    Expr,
    Field,
    Global,
    Linked,
    Local,
    Members,
    Neighbours,
    Now,
    Param,
    Self,
)
from bustle.scenarios.types import BOOL, INSTANT, NOTHING, TEXT, WHOLE, Agent, AgentSet, Category, State, Type

if TYPE_CHECKING:
    from bustle.scenarios.check.expressions import ExpressionChecker
    from bustle.scenarios.check.names import Scope

NEVER = 2**62
"""The instant after every run."""

# --- bare names


def check_name(checker: ExpressionChecker, node: syntax.Name, scope: Scope, expected: Type | None) -> Expr:
    """What a bare name means here; two meanings are a problem, and so is none."""
    meanings = meanings_of(checker, node, scope)
    if isinstance(expected, Category | State) and node.name in expected.levels:
        code = expected.levels.index(node.name)
        kind = f"a state of {expected.population}" if isinstance(expected, State) else f"a level of {a_type(expected)}"
        meanings.append((kind, Const(code, type=expected, span=node.span)))
    if len(meanings) > 1 and node.name in checker.problems.unclear:
        raise checker.problems.follow_up(node.name, node.span)
    if len(meanings) > 1:
        both = " and ".join(what for what, _ in meanings)
        raise checker.problems.reject(
            node.span, f"`{node.name}` could mean two things: {both}", _way_out(node.name, scope)
        )
    if not meanings:
        raise _unknown(checker, node, scope, expected)
    what, expr = meanings[0]
    checker.refuse(scope, "now" if isinstance(expr, Now) else what, node.span)
    if expr is None:
        raise checker.problems.follow_up(node.name, node.span)
    return expr


def meanings_of(checker: ExpressionChecker, node: syntax.Name, scope: Scope) -> list[tuple[str, Expr | None]]:
    """Everything that a bare name means here, in words and typed; None where its declaration is broken."""
    name, span, names = node.name, node.span, scope.names
    fixed = _fixed(checker, name, span, scope)
    if fixed is not None:
        return [("", fixed)]
    found: list[tuple[str, Expr | None]] = []
    if name in scope.locals:
        local = scope.locals[name]
        if local.type is not None and not local.sure:
            raise checker.problems.reject(
                span, f"`{name}` may have no value here", "give it one before the `if` or `for` that sets it"
            )
        expr = None if local.type is None else Local(name, local.slot, type=local.type, span=span)
        found.append(("a name of this rule", expr))
    if scope.row is not None and has_field(name, scope.row, scope):
        found.append((f"a field of {scope.row}", _field(name, scope.row, span, scope)))
    holder = scope.candidate or scope.acting
    if holder is not None and has_attribute(name, holder, scope):
        root = _one(holder, span, scope)
        found.append((f"an attribute of {holder}", _attribute(checker, root, holder, name, span, scope)))
    if name in names.parameters:
        type_ = names.parameters[name]
        found.append(("a parameter", None if type_ is None else Param(name, type=type_, span=span)))
    if name in names.world:
        type_ = names.world[name]
        found.append(("a global", None if type_ is None else Global(name, type=type_, span=span)))
    return found


def _fixed(checker: ExpressionChecker, name: str, span: Span, scope: Scope) -> Expr | None:
    match name:
        case "true" | "false":
            return Const(name == "true", type=BOOL, span=span)
        case "none":
            return Const(None, type=NOTHING, span=span)
        case "now":
            return Now(type=INSTANT, span=span)
        case "start":
            return Const(0, type=INSTANT, span=span)
        case "end":
            return Const(checker.length, type=INSTANT, span=span)
        case "never":
            return Const(NEVER, type=INSTANT, span=span)
        case "self":
            if scope.acting is None:
                raise checker.problems.reject(span, "there is no `self` here", "only a rule of a population has one")
            return Self(scope.acting, type=Agent(scope.acting), span=span)
    return None


def has_attribute(name: str, population: str, scope: Scope) -> bool:
    """Whether agents of ``population`` have ``name``: an attribute, a link, or one that all have."""
    known = scope.names.populations.get(population)
    if known is None:
        return False
    if name in ("id", "state"):
        return name == "id" or bool(known.states)
    if scope.agent_table and name in ("born", "retired"):
        return True
    return name in known.attributes or name in known.links


def _attribute(
    checker: ExpressionChecker, root: Expr, population: str, name: str, span: Span, scope: Scope
) -> Expr | None:
    type_ = attribute_type(population, name, scope)
    return None if type_ is None else Attr(root, population, name, type=type_, span=span)


def attribute_type(population: str, name: str, scope: Scope) -> Type | None:
    """The type of an attribute, link or built-in of ``population``; None if its declaration is broken."""
    known = scope.names.populations[population]
    if name == "id":
        return WHOLE
    if name == "state":
        return State(population, known.states)
    if name in ("born", "retired"):
        return INSTANT
    if name in known.links:
        return Agent(known.links[name])
    return scope.names.attribute_type(population, name)


def has_field(name: str, event: str, scope: Scope) -> bool:
    """Whether rows of ``event`` have ``name``: a field, or a column that all events have."""
    return name in scope.names.events[event] or name in _builtin_fields(scope)


def _builtin_fields(scope: Scope) -> dict[str, Type]:
    fields: dict[str, Type] = {"time": INSTANT, "behavior": TEXT}
    if scope.numbered:
        fields["row"] = WHOLE
    return fields


def _field(name: str, event: str, span: Span, scope: Scope) -> Expr | None:
    fields = scope.names.events[event]
    type_ = fields[name] if name in fields else _builtin_fields(scope)[name]
    return None if type_ is None else Field(event, name, type=type_, span=span)


def known_names(scope: Scope) -> list[str]:
    """Every bare name that has a meaning in ``scope``, for suggestions."""
    names = [*scope.locals, *scope.names.parameters, *scope.names.world, "now", "start", "end", "never"]
    names += ["none", "true", "false"]
    if scope.row is not None:
        names += ["time", *scope.names.events[scope.row]]
    holder = scope.candidate or scope.acting
    if holder in scope.names.populations:
        known = scope.names.populations[holder]
        names += [*known.attributes, *known.links, "id", *(["state"] if known.states else [])]
    if scope.acting:
        names.append("self")
    return names


def _unknown(checker: ExpressionChecker, node: syntax.Name, scope: Scope, expected: Type | None) -> Reject:
    name, span, problems = node.name, node.span, checker.problems
    if name in problems.unclear or problems.is_incomplete or _is_open(scope.candidate or scope.acting, scope):
        return problems.follow_up(name, span)
    if scope.rows_of is not None and has_field(name, scope.rows_of, scope):
        return problems.reject(
            span, f"`{name}` has a value in each row, and this column sums up many", f"as in `sum({name})`"
        )
    if name in scope.names.populations or name in scope.names.networks:
        return problems.reject(
            span, f"`{name}` is a set of agents, not a value", f"pick one: `pick({name})`, or count them"
        )
    if name in scope.names.events:
        return problems.reject(
            span, f"`{name}` is an event, not a value", "a rule with `on:` reads it as `event.field`"
        )
    for what, taken in (("behavior", scope.names.behaviors), ("rhythm", scope.names.rhythms)):
        if name in taken:
            return problems.reject(span, f"`{name}` is a {what}, not a value")
    if scope.candidate and scope.acting and has_attribute(name, scope.acting, scope):
        return problems.reject(
            span,
            f"`{name}` is not an attribute of {scope.candidate}",
            f"inside `where` and `by` the acting agent's is `self.{name}`",
        )
    if name in ("True", "False", "None"):
        return problems.reject(span, f"unknown name `{name}`", f"write `{name.lower()}`")
    holder = scope.candidate or scope.acting
    if holder is not None and name in scope.names.populations[holder].states:
        return problems.reject(span, f"`{name}` is a state of {holder}, not a value", f"compare: `state == {name}`")
    if scope.event in scope.names.events and has_field(name, scope.event, scope):
        return problems.reject(span, f"unknown name `{name}`", f"the field of the event is `event.{name}`")
    known = known_names(scope)
    if isinstance(expected, Category | State):
        message = f"`{name}` is none of {', '.join(expected.levels[:MOST_LEVELS])}"
        if isinstance(expected, State):
            message = f"{expected.population} has no state `{name}`"
        return problems.unknown(name, span, message, suggest(name, [*expected.levels, *known]))
    return problems.unknown(name, span, f"unknown name `{name}`", suggest(name, known))


def _one(holder: str, span: Span, scope: Scope) -> Candidate | Self:
    """The agent whose names stand bare here: the candidate where there is one, else the acting agent."""
    kind = Candidate if scope.candidate else Self
    return kind(holder, type=Agent(holder), span=span)


def _is_open(population: str | None, scope: Scope) -> bool:
    """Whether not all attributes of ``population`` are known, since its file cannot be read."""
    known = scope.names.populations.get(population or "")
    return known is not None and known.is_open


def _way_out(name: str, scope: Scope) -> str:
    if scope.candidate is None and scope.acting and has_attribute(name, scope.acting, scope):
        return f"write `self.{name}` for the attribute, or rename one of them"
    return "rename one of them"


# --- dots


def check_dot(checker: ExpressionChecker, node: syntax.Dot, scope: Scope) -> Expr:
    """``event.field``, ``world.name``, ``population.state``, or something of an agent."""
    if isinstance(node.target, syntax.Name):
        name = node.target.name
        if name == "event":
            return _event_field(checker, node, scope)
        if name == "world":
            if node.name in scope.names.world:
                return check_name(checker, syntax.Name(node.span, node.name), replace(scope, acting=None), None)
            raise checker.problems.unknown(
                node.name, node.name_span, f"unknown global `{node.name}`", suggest(node.name, scope.names.world)
            )
        if name in scope.names.populations and not meanings_of(checker, node.target, scope):
            return _members(checker, node, name, scope)
    target = checker.check(node.target, scope)
    if not isinstance(target.type, Agent):
        raise checker.problems.reject(
            node.target.span, f"{a_type(target.type)} has no attributes", "only agents have, such as `owner.pace`"
        )
    return _of_agent(checker, target, target.type.population, node, scope)


def _event_field(checker: ExpressionChecker, node: syntax.Dot, scope: Scope) -> Expr:
    if scope.event is None:
        raise checker.problems.reject(
            node.target.span, "there is no `event` here", "only a behavior with `on:` has one"
        )
    if scope.event not in scope.names.events:
        raise checker.problems.follow_up(scope.event, node.span)
    if not has_field(node.name, scope.event, scope):
        fields = [*scope.names.events[scope.event], "time"]
        raise checker.problems.unknown(
            node.name, node.name_span, f"{scope.event} has no field `{node.name}`", suggest(node.name, fields, "fields")
        )
    expr = _field(node.name, scope.event, node.span, scope)
    if expr is None:
        raise checker.problems.follow_up(node.name, node.span)
    return expr


def _of_agent(checker: ExpressionChecker, target: Expr, population: str, node: syntax.Dot, scope: Scope) -> Expr:
    """An attribute, a neighbourhood or a linked group of an agent."""
    if has_attribute(node.name, population, scope):
        expr = _attribute(checker, target, population, node.name, node.span, scope)
        if expr is None:
            raise checker.problems.follow_up(node.name, node.span)
        return expr
    network = scope.names.networks.get(node.name)
    if network is not None and network[0] == population:
        return Neighbours(target, node.name, network[1], type=AgentSet(network[1]), span=node.span)
    if node.name in scope.names.populations:
        links = scope.names.linking(node.name, population)
        if len(links) == 1:
            return Linked(target, node.name, links[0], type=AgentSet(node.name), span=node.span)
        if len(links) > 1:
            raise checker.problems.reject(
                node.name_span,
                f"{node.name} has {len(links)} links to {population}: {', '.join(links)}",
                f"say which: `linked({node.name}, {links[0]}=...)`",
            )
    if _is_open(population, scope):
        raise checker.problems.follow_up(node.name, node.span)
    if network is not None:
        raise checker.problems.reject(
            node.name_span,
            f"the network `{node.name}` goes from {network[0]} to {network[1]}, not from {population}",
            "ask an agent that it starts from",
        )
    known = scope.names.populations[population]
    choices = [*known.attributes, *known.links, "id", *(["state"] if known.states else [])]
    choices += [n for n, ends in scope.names.networks.items() if ends[0] == population]
    raise checker.problems.unknown(
        node.name,
        node.name_span,
        f"{population} has no attribute `{node.name}`",
        suggest(node.name, choices, "names"),
    )


def _members(checker: ExpressionChecker, node: syntax.Dot, population: str, scope: Scope) -> Expr:
    states = scope.names.populations[population].states
    if node.name in states:
        return Members(population, states.index(node.name), type=AgentSet(population), span=node.span)
    if has_attribute(node.name, population, scope):
        raise checker.problems.reject(
            node.span,
            f"`{population}` is the whole population; `{node.name}` belongs to one agent of it",
            f"pick one: `one = pick({population})`, then `one.{node.name}`",
        )
    raise checker.problems.unknown(
        node.name, node.name_span, f"{population} has no state `{node.name}`", suggest(node.name, states, "states")
    )


# --- sets


def check_pool(checker: ExpressionChecker, node: syntax.Node, scope: Scope) -> Members | Neighbours | Linked:
    """A set of agents: a population, its members in a state, a neighbourhood, or a linked group."""
    if isinstance(node, syntax.Name):
        name = node.name
        if name in scope.names.populations:
            return Members(name, None, type=AgentSet(name), span=node.span)
        holder = scope.candidate or scope.acting
        if name in scope.names.networks and holder is not None:
            found = _of_agent(
                checker, _one(holder, node.span, scope), holder, syntax.Dot(node.span, node, name, node.span), scope
            )
            assert isinstance(found, Members | Neighbours | Linked)
            return found
        if name not in known_names(scope):
            if name in scope.names.later_networks:
                raise checker.problems.reject(
                    node.span, f"`{name}` cannot be used here", "networks are made after the populations"
                )
            known = [*scope.names.populations, *scope.names.networks]
            what = "a set of agents"
            if scope.event_sets:
                known, what = [*known, *scope.names.events], "a set of agents, nor an event"
            raise checker.problems.unknown(name, node.span, f"`{name}` is not {what}", suggest(name, known, "sets"))
    expr = checker.check(node, scope)
    if isinstance(expr, Members | Neighbours | Linked):
        return expr
    hint = "a set is a population, a network of an agent, a linked group, or `population.state`"
    raise checker.problems.reject(node.span, f"{a_type(expr.type)} is not a set of agents", hint)
