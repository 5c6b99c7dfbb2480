"""Typing expressions: from syntax with bare names to resolved, typed expressions."""

from __future__ import annotations

from dataclasses import replace

from bustle.scenarios import syntax
from bustle.scenarios.calendar import Calendar, parse_local
from bustle.scenarios.check.constants import cents, fold
from bustle.scenarios.check.names import Scope
from bustle.scenarios.check.problems import Problems, Reject
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import (
    Attr,
    Binary,
    Call,
    Candidate,
    Choose,
    Compare,
    Const,
    Convert,
    Expr,
    Field,
    Global,
    Linked,
    Local,
    Logic,
    Members,
    Neighbours,
    Now,
    Param,
    Self,
    Unary,
)
from bustle.scenarios.types import (
    BOOL,
    DURATION,
    INSTANT,
    MICROSECONDS,
    MONEY,
    NOTHING,
    NUMBER,
    TEXT,
    WHOLE,
    Agent,
    AgentSet,
    Category,
    Episode,
    Instant,
    Nothing,
    Quantity,
    State,
    Type,
)

NEVER = 2**62
"""The instant after every run."""


class ExpressionChecker:
    """Types expressions within a `Scope`; notes problems and raises `Reject` when one has no type."""

    def __init__(self, problems: Problems, calendar: Calendar, length: int, folder: str) -> None:
        self.problems = problems
        self.calendar = calendar
        self.length = length
        self.folder = folder

    # --- entry points

    def check(self, node: syntax.Node, scope: Scope, expected: Type | None = None) -> Expr:
        """The typed form of ``node``; names of levels and ``none`` take their meaning from ``expected``."""
        expr = self._typed(node, scope, expected)
        return fold(expr)

    def value(self, node: syntax.Node, scope: Scope, wanted: Type, what: str) -> Expr:
        """The typed form of ``node`` in the held form of ``wanted``; ``what`` names its place in messages."""
        return self.convert(self.check(node, scope, wanted), wanted, what, node.span)

    def condition(self, node: syntax.Node, scope: Scope, what: str) -> Expr:
        """A typed expression that must be true or false."""
        expr = self.check(node, scope, BOOL)
        if expr.type != BOOL:
            hint = "compare it with something, for example `> 0`" if isinstance(expr.type, Quantity) else ""
            raise self.problems.reject(node.span, f"{what} must be true or false, not {_a(expr.type)}", hint)
        return expr

    def convert(self, expr: Expr, wanted: Type, what: str, span: Span) -> Expr:
        """``expr`` brought to the held form of ``wanted``, or a problem that says why not."""
        given = expr.type
        if given == wanted:
            return expr
        if isinstance(given, Nothing) and isinstance(wanted, Episode | Agent):
            return Const(None, type=wanted, span=span)
        if isinstance(given, Quantity) and isinstance(wanted, Quantity):
            if given.is_plain and wanted.is_plain and given.whole:
                return fold(Convert("to_float", expr, type=wanted, span=span))
            if given.is_plain and wanted.is_money:
                return fold(Convert("to_money", expr, type=wanted, span=span))
        raise self.problems.reject(
            span, f"{what} must be {_a(wanted)}, not {_a(given)}", conversion_hint(given, wanted)
        )

    # --- by kind of node

    def _typed(self, node: syntax.Node, scope: Scope, expected: Type | None) -> Expr:
        match node:
            case syntax.Number():
                return self._number(node)
            case syntax.Quoted(span=span, value=value):
                if isinstance(expected, Category | State) and value in expected.levels:
                    return Const(expected.levels.index(value), type=expected, span=span)
                return Const(value, type=TEXT, span=span)
            case syntax.Date(span=span, value=value):
                return Const(self.instant(value, span), type=INSTANT, span=span)
            case syntax.TimeOfDay(span=span, value=value):
                return Const(float(self.time_of_day(value, span)), type=DURATION, span=span)
            case syntax.Name():
                return self.name(node, scope, expected)
            case syntax.Dot():
                return self._dot(node, scope)
            case syntax.Per():
                return self._per(node, scope)
            case syntax.Sign():
                return self._sign(node, scope, expected)
            case syntax.Operation(op="and" | "or"):
                left = self.condition(node.left, scope, f"the left side of `{node.op}`")
                right = self.condition(node.right, scope, f"the right side of `{node.op}`")
                return Logic("and" if node.op == "and" else "or", left, right, type=BOOL, span=node.span)
            case syntax.Operation(op="==" | "!=" | "<" | "<=" | ">" | ">="):
                return self._compare(node, scope)
            case syntax.Operation():
                return self._arithmetic(node, scope)
            case syntax.Choice():
                return self._choose(node, scope, expected)
            case syntax.Call():
                from bustle.scenarios.check.calls import check_call

                return check_call(self, node, scope, expected)
            case syntax.Aggregate():
                from bustle.scenarios.check.calls import check_aggregate

                return check_aggregate(self, node, scope)
        raise self.problems.reject(node.span, "this cannot stand here")

    def _number(self, node: syntax.Number) -> Expr:
        if node.unit is None:
            return Const(node.value, type=WHOLE if isinstance(node.value, int) else NUMBER, span=node.span)
        if node.unit == "percent":
            return Const(node.value / 100, type=NUMBER, span=node.span)
        return Const(float(node.value * unit_length(node.unit)), type=DURATION, span=node.span)

    def instant(self, written: str, span: Span) -> int:
        """Microseconds from the scenario's start to a local date as written."""
        try:
            return self.calendar.from_local(parse_local(written))
        except ValueError:
            raise self.problems.reject(
                span, f"`{written}` is not a date", "dates are written 2026-01-31 or 2026-01-31 12:30"
            ) from None

    def time_of_day(self, written: str, span: Span) -> int:
        """Microseconds after midnight of a time such as ``12:30``."""
        hours, minutes, *seconds = (int(part) for part in written.split(":"))
        second = seconds[0] if seconds else 0
        if hours > 23 or minutes > 59 or second > 59:
            raise self.problems.reject(span, f"`{written}` is not a time of day", "times go from 00:00 to 23:59")
        return ((hours * 60 + minutes) * 60 + second) * 1_000_000

    # --- names

    def name(self, node: syntax.Name, scope: Scope, expected: Type | None) -> Expr:
        """What a bare name means here; two meanings are a problem, and so is none."""
        meanings = self._meanings(node, scope)
        if isinstance(expected, Category | State) and node.name in expected.levels:
            code = expected.levels.index(node.name)
            meanings.append((f"a level of {_a(expected)}", Const(code, type=expected, span=node.span)))
        if len(meanings) > 1:
            both = " and ".join(what for what, _ in meanings)
            raise self.problems.reject(
                node.span, f"`{node.name}` could mean two things: {both}", self._way_out(node.name, scope)
            )
        if not meanings:
            raise self._unknown(node, scope, expected)
        expr = meanings[0][1]
        if expr is None:
            raise Reject(node.name)
        if isinstance(expr, Now):
            self.refuse(scope, "now", node.span)
        return expr

    def _meanings(self, node: syntax.Name, scope: Scope) -> list[tuple[str, Expr | None]]:
        name, span, names = node.name, node.span, scope.names
        fixed = self._fixed(name, span, scope)
        if fixed is not None:
            return [("", fixed)]
        found: list[tuple[str, Expr | None]] = []
        if name in scope.locals:
            local = scope.locals[name]
            if local.type is not None and not local.sure:
                raise self.problems.reject(
                    span, f"`{name}` may have no value here", "give it one before the `if` or `for` that sets it"
                )
            expr = None if local.type is None else Local(name, local.slot, type=local.type, span=span)
            found.append(("a name of this rule", expr))
        if scope.row is not None and self._row_field(name, scope.row, scope) is not None:
            found.append((f"a field of {scope.row}", self._field(name, scope.row, span, scope)))
        holder = scope.candidate or scope.acting
        if holder is not None and self._has(name, holder, scope):
            root: Expr = (
                Candidate(holder, type=Agent(holder), span=span)
                if scope.candidate
                else Self(holder, type=Agent(holder), span=span)
            )
            found.append((f"an attribute of {holder}", self._attribute(root, holder, name, span, scope)))
        if name in names.parameters:
            type_ = names.parameters[name]
            found.append(("a parameter", None if type_ is None else Param(name, type=type_, span=span)))
        if name in names.world:
            type_ = names.world[name]
            found.append(("a global", None if type_ is None else Global(name, type=type_, span=span)))
        return found

    def _fixed(self, name: str, span: Span, scope: Scope) -> Expr | None:
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
                return Const(self.length, type=INSTANT, span=span)
            case "never":
                return Const(NEVER, type=INSTANT, span=span)
            case "self":
                if scope.acting is None:
                    raise self.problems.reject(span, "there is no `self` here", "only a rule of a population has one")
                return Self(scope.acting, type=Agent(scope.acting), span=span)
        return None

    def _has(self, name: str, population: str, scope: Scope) -> bool:
        known = scope.names.populations.get(population)
        if known is None:
            return False
        if name in ("id", "state"):
            return name == "id" or bool(known.states)
        if scope.agent_table and name in ("born", "retired"):
            return True
        return name in known.attributes or name in known.links

    def _attribute(self, root: Expr, population: str, name: str, span: Span, scope: Scope) -> Expr | None:
        type_ = self.attribute_type(population, name, scope)
        return None if type_ is None else Attr(root, population, name, type=type_, span=span)

    def attribute_type(self, population: str, name: str, scope: Scope) -> Type | None:
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

    def _row_field(self, name: str, event: str, scope: Scope) -> Type | None:
        builtin: dict[str, Type] = {"time": INSTANT, "behavior": TEXT}
        if scope.numbered:
            builtin["row"] = WHOLE
        return scope.names.events[event].get(name) or builtin.get(name)

    def _field(self, name: str, event: str, span: Span, scope: Scope) -> Expr | None:
        type_ = self._row_field(name, event, scope)
        return None if type_ is None else Field(event, name, type=type_, span=span)

    def known_names(self, scope: Scope) -> list[str]:
        """Every bare name that has a meaning in ``scope``, for suggestions."""
        names = [*scope.locals, *scope.names.parameters, *scope.names.world, "now", "none", "true", "false"]
        if scope.row is not None:
            names += ["time", *scope.names.events[scope.row]]
        holder = scope.candidate or scope.acting
        if holder in scope.names.populations:
            known = scope.names.populations[holder]
            names += [*known.attributes, *known.links, "id", *(["state"] if known.states else [])]
        if scope.acting:
            names.append("self")
        return names

    def _unknown(self, node: syntax.Name, scope: Scope, expected: Type | None) -> Reject:
        name = node.name
        if name in scope.names.populations or name in scope.names.networks:
            return self.problems.reject(
                node.span, f"`{name}` is a set of agents, not a value", f"pick one: `pick({name})`, or count them"
            )
        if scope.candidate and scope.acting and self._has(name, scope.acting, scope):
            return self.problems.reject(
                node.span,
                f"`{name}` is not an attribute of {scope.candidate}",
                f"inside `where` and `by` the acting agent's is `self.{name}`",
            )
        known = self.known_names(scope)
        if isinstance(expected, Category | State):
            return self.problems.reject(
                node.span, f"`{name}` is not a level of {_a(expected)}", suggest(name, [*expected.levels, *known])
            )
        return self.problems.reject(node.span, f"unknown name `{name}`", suggest(name, known))

    def _way_out(self, name: str, scope: Scope) -> str:
        if scope.candidate is None and scope.acting and self._has(name, scope.acting, scope):
            return f"write `self.{name}` for the attribute, or rename one of them"
        return "rename one of them"

    # --- dots

    def _dot(self, node: syntax.Dot, scope: Scope) -> Expr:
        if isinstance(node.target, syntax.Name):
            name = node.target.name
            if name == "event" and scope.event is not None:
                type_ = self._row_field(node.name, scope.event, scope)
                if node.name not in scope.names.events[scope.event] and type_ is None:
                    fields = [*scope.names.events[scope.event], "time"]
                    raise self.problems.reject(
                        node.name_span, f"`{scope.event}` has no field `{node.name}`", suggest(node.name, fields)
                    )
                if type_ is None:
                    raise Reject(node.name)
                return Field(scope.event, node.name, type=type_, span=node.span)
            if name == "event":
                raise self.problems.reject(
                    node.target.span, "there is no `event` here", "only a behavior with `on:` has one"
                )
            if name == "world":
                if node.name in scope.names.world:
                    return self.name(syntax.Name(node.span, node.name), replace(scope, acting=None), None)
                raise self.problems.reject(
                    node.name_span, f"unknown global `{node.name}`", suggest(node.name, scope.names.world)
                )
            if name in scope.names.populations and not self._meanings(node.target, scope):
                return self._members(node, name, scope)
        target = self.check(node.target, scope)
        if not isinstance(target.type, Agent):
            raise self.problems.reject(
                node.target.span, f"{_a(target.type)} has no attributes", "only agents have, such as `owner.pace`"
            )
        return self.agent_dot(target, node, scope)

    def agent_dot(self, target: Expr, node: syntax.Dot, scope: Scope) -> Expr:
        """An attribute, a neighbourhood or a linked group of an agent."""
        assert isinstance(target.type, Agent)
        population = target.type.population
        if self._has(node.name, population, scope):
            expr = self._attribute(target, population, node.name, node.span, scope)
            if expr is None:
                raise Reject(node.name)
            return expr
        network = scope.names.networks.get(node.name)
        if network is not None and network[0] == population:
            return Neighbours(target, node.name, network[1], type=AgentSet(network[1]), span=node.span)
        if node.name in scope.names.populations:
            links = scope.names.linking(node.name, population)
            if len(links) == 1:
                return Linked(target, node.name, links[0], type=AgentSet(node.name), span=node.span)
            if len(links) > 1:
                raise self.problems.reject(
                    node.name_span,
                    f"{node.name} has {len(links)} links to {population}: {', '.join(links)}",
                    f"say which: `linked({node.name}, {links[0]}=...)`",
                )
        known = scope.names.populations[population]
        choices = [*known.attributes, *known.links, "id", *(["state"] if known.states else [])]
        choices += [n for n, ends in scope.names.networks.items() if ends[0] == population]
        raise self.problems.reject(
            node.name_span, f"{population} has no attribute `{node.name}`", suggest(node.name, choices, "names")
        )

    def _members(self, node: syntax.Dot, population: str, scope: Scope) -> Expr:
        states = scope.names.populations[population].states
        if node.name not in states:
            raise self.problems.reject(
                node.name_span, f"{population} has no state `{node.name}`", suggest(node.name, states, "states")
            )
        return Members(population, states.index(node.name), type=AgentSet(population), span=node.span)

    def pool(self, node: syntax.Node, scope: Scope) -> Members | Neighbours | Linked:
        """A set of agents: a population, its members in a state, a neighbourhood, or a linked group."""
        if isinstance(node, syntax.Name):
            name = node.name
            if name in scope.names.populations:
                return Members(name, None, type=AgentSet(name), span=node.span)
            if name in scope.names.networks and scope.acting is not None:
                me = syntax.Name(node.span, "self")
                return self.pool(syntax.Dot(node.span, me, name, node.span), scope)
            known = [*scope.names.populations, *scope.names.networks]
            if name not in self.known_names(scope):
                raise self.problems.reject(node.span, f"`{name}` is not a set of agents", suggest(name, known, "sets"))
        expr = self.check(node, scope)
        if isinstance(expr, Members | Neighbours | Linked):
            return expr
        hint = "a set is a population, a network of an agent, a linked group, or `population.state`"
        raise self.problems.reject(node.span, f"{_a(expr.type)} is not a set of agents", hint)

    # --- operators

    def _per(self, node: syntax.Per, scope: Scope) -> Expr:
        value = self.check(node.value, scope)
        if node.unit == "percent":
            raise self.problems.reject(node.span, "`per percent` is not a rate", "write `per day` or another time")
        if not isinstance(value.type, Quantity) or value.type.time != 0:
            raise self.problems.reject(node.span, f"`per {node.unit}` needs a number, not {_a(value.type)}")
        length = Const(float(unit_length(node.unit)), type=DURATION, span=node.span)
        type_ = Quantity(time=-1, money=value.type.money)
        return Binary("/", value, length, type=type_, span=node.span)

    def _sign(self, node: syntax.Sign, scope: Scope, expected: Type | None) -> Expr:
        if node.op == "not":
            return Unary("not", self.condition(node.operand, scope, "what follows `not`"), type=BOOL, span=node.span)
        operand = self.check(node.operand, scope, expected)
        if not isinstance(operand.type, Quantity):
            raise self.problems.reject(node.span, f"`{node.op}` needs a number, not {_a(operand.type)}")
        return operand if node.op == "+" else Unary("-", operand, type=operand.type, span=node.span)

    def _pair(self, node: syntax.Operation, scope: Scope) -> tuple[Expr, Expr]:
        """Both sides; a bare name that only the other side gives a meaning is read after it."""
        if isinstance(node.left, syntax.Name) and not self._meanings(node.left, scope):
            right = self.check(node.right, scope)
            return self.check(node.left, scope, right.type), right
        left = self.check(node.left, scope)
        return left, self.check(node.right, scope, left.type)

    def _compare(self, node: syntax.Operation, scope: Scope) -> Expr:
        left, right = self._pair(node, scope)
        left, right = self.alike(left, right, node, f"`{node.op}` compares")
        ordered = isinstance(left.type, Quantity | Instant)
        if node.op in ("<", "<=", ">", ">=") and not ordered:
            raise self.problems.reject(node.op_span, f"{_a(left.type)} has no order", "use `==` or `!=`")
        return Compare(node.op, left, right, type=BOOL, span=node.span)  # type: ignore[arg-type]

    def alike(self, left: Expr, right: Expr, node: syntax.Operation | syntax.Choice, what: str) -> tuple[Expr, Expr]:
        """Both sides in one type: equal, ``none`` with what may be none, or a constant number as money."""
        a, b = left.type, right.type
        if isinstance(a, Quantity) and isinstance(b, Quantity):
            if (a.time, a.money) == (b.time, b.money):
                return left, right
            if a.is_money and b.is_plain and isinstance(right, Const):
                return left, self.convert(right, MONEY, "", node.span)
            if b.is_money and a.is_plain and isinstance(left, Const):
                return self.convert(left, MONEY, "", node.span), right
        elif isinstance(a, Nothing) and isinstance(b, Nothing):
            return left, right
        elif isinstance(a, Nothing) and isinstance(b, Episode | Agent):
            return Const(None, type=b, span=left.span), right
        elif isinstance(b, Nothing) and isinstance(a, Episode | Agent):
            return left, Const(None, type=a, span=right.span)
        elif a == b:
            return left, right
        raise self.problems.reject(node.span, f"{what} {_a(a)} with {_a(b)}", conversion_hint(b, a))

    def _arithmetic(self, node: syntax.Operation, scope: Scope) -> Expr:
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        a, b, op = left.type, right.type, node.op
        if isinstance(a, Instant) or isinstance(b, Instant):
            return self._instants(node, left, right)
        if not isinstance(a, Quantity) or not isinstance(b, Quantity):
            wrong, side = (a, node.left) if not isinstance(a, Quantity) else (b, node.right)
            raise self.problems.reject(side.span, f"`{op}` needs numbers, not {_a(wrong)}")
        if op in ("+", "-"):
            left, right = self.alike(left, right, node, "`+` joins" if op == "+" else "`-` takes")
            whole = a.whole and b.whole
            assert isinstance(left.type, Quantity)
            type_ = replace(left.type, whole=whole)
            return Binary(op, left, right, type=type_, span=node.span)  # type: ignore[arg-type]
        if op in ("*", "/"):
            sign = 1 if op == "*" else -1
            time, money = a.time + sign * b.time, a.money + sign * b.money
            if money not in (0, 1):
                raise self.problems.reject(
                    node.span,
                    f"`{op}` of {_a(a)} and {_a(b)} has no meaning",
                    "turn one side into a plain number with `number(...)`",
                )
            whole = op == "*" and a.whole and b.whole
            return Binary(op, left, right, type=Quantity(time, money, whole), span=node.span)  # type: ignore[arg-type]
        if op == "**":
            if not (a.is_plain and b.is_plain):
                raise self.problems.reject(
                    node.span, "a power is of plain numbers", "divide by a unit first, as in `(x / 1 day) ** 2`"
                )
            return Binary("**", left, right, type=NUMBER, span=node.span)
        if (a.time, a.money) != (b.time, b.money) or a.money:
            raise self.problems.reject(
                node.span, f"`{op}` of {_a(a)} and {_a(b)} has no meaning", conversion_hint(b, a)
            )
        whole = a.whole and b.whole
        type_ = Quantity(whole=op == "//" or whole) if op == "//" or a.is_plain else a
        return Binary(op, left, right, type=type_, span=node.span)  # type: ignore[arg-type]

    def _instants(self, node: syntax.Operation, left: Expr, right: Expr) -> Expr:
        match left.type, node.op, right.type:
            case Instant(), "-", Instant():
                return Binary("-", left, right, type=DURATION, span=node.span)
            case (Instant(), "+" | "-", Quantity(time=1, money=0)):
                return Binary(node.op, left, right, type=INSTANT, span=node.span)
            case Quantity(time=1, money=0), "+", Instant():
                return Binary("+", right, left, type=INSTANT, span=node.span)
        raise self.problems.reject(
            node.span,
            f"`{node.op}` of {_a(left.type)} and {_a(right.type)} has no meaning",
            "to an instant a duration may be added, as in `now + 3 days`",
        )

    def _choose(self, node: syntax.Choice, scope: Scope, expected: Type | None) -> Expr:
        condition = self.condition(node.condition, scope, "the condition of `if`")
        yes = self.check(node.yes, scope, expected)
        no = self.check(node.no, scope, expected or yes.type)
        yes, no = self.alike(yes, no, node, "`if ... else` gives")
        if isinstance(yes.type, Quantity) and isinstance(no.type, Quantity) and yes.type.whole != no.type.whole:
            yes = self.convert(yes, replace(yes.type, whole=False), "", node.span)
            no = self.convert(no, replace(no.type, whole=False), "", node.span)
        return Choose(condition, yes, no, type=yes.type, span=node.span)

    # --- shared with calls

    def refuse(self, scope: Scope, feature: str, span: Span) -> None:
        """Reject the expression if ``feature`` may not be used in ``scope``."""
        reason = scope.forbidden.get(feature)
        if reason:
            raise self.problems.reject(span, _FEATURES[feature] + " cannot stand here", reason)

    def plain(self, expr: Expr) -> Expr:
        """Money as a plain number of its main unit; anything else unchanged."""
        if expr.type == MONEY:
            if isinstance(expr, Const) and isinstance(expr.value, int):
                return Const(expr.value / 100, type=NUMBER, span=expr.span)
            return Convert("to_number", expr, type=NUMBER, span=expr.span)
        return expr

    def pure(self, function: str, arguments: tuple[Expr, ...], type_: Type, span: Span) -> Expr:
        """A call of a pure function."""
        return Call(function, arguments, type=type_, span=span)


_FEATURES = {
    "draw": "a draw",
    "pick": "`pick`",
    "now": "`now`",
    "aggregate": "counting agents",
    "episode": "`episode()`",
    "spawn": "`spawn`",
}


def unit_length(unit: str) -> int:
    """Microseconds of a unit of time as written (``day`` or ``days``)."""
    return MICROSECONDS[unit.removesuffix("s")]


def conversion_hint(given: Type, wanted: Type) -> str:
    """What would turn ``given`` into ``wanted``, if something simple would."""
    if isinstance(given, Quantity) and isinstance(wanted, Quantity):
        if given.is_plain and wanted.time == 1 and wanted.money == 0:
            return "give it a unit, for example `3 days`"
        if given.is_plain and wanted.time == -1:
            return "say per what, for example `3 per day`"
        if given.time == 1 and wanted.is_plain:
            return "divide by a unit, for example `x / 1 day`"
        if given.time == 1 and wanted.time == -1:
            return "a rate is one over a duration, for example `1 / 3 days`"
        if given.is_money and wanted.is_plain:
            return "`number(...)` gives the amount as a plain number"
        if given.is_plain and wanted.is_money:
            return "`money(...)` makes an amount of money of a number"
        if given.is_plain and wanted.is_plain and wanted.whole:
            return "`round(...)` or `floor(...)` gives a whole number"
    if isinstance(given, Quantity) and given.time == 1 and isinstance(wanted, Instant):
        return "add it to an instant, for example `now + 3 days`"
    if isinstance(given, AgentSet) and isinstance(wanted, Agent):
        return "without `count` a pick gives one agent"
    return ""


def _a(type_: Type) -> str:
    """The type with its article, for sentences."""
    name = str(type_)
    if name in ("money", "none", "text", "money per time") or isinstance(type_, Agent):
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


a_type = _a
__all__ = ["NEVER", "ExpressionChecker", "a_type", "cents", "conversion_hint", "unit_length"]
