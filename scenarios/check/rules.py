"""Typing the statements of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bustle.scenarios import syntax
from bustle.scenarios.check.calls import bind
from bustle.scenarios.check.expressions import ExpressionChecker, a_type
from bustle.scenarios.check.names import LocalName, Scope
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.diagnostics import Span, suggest
from bustle.scenarios.model import (
    After,
    AssignAttr,
    AssignGlobal,
    AssignLocal,
    Become,
    Cancel,
    Const,
    Emit,
    Expr,
    For,
    If,
    Linked,
    Members,
    Neighbours,
    Pick,
    Retire,
    Self,
    Spawn,
    Statement,
    Stop,
)
from bustle.scenarios.types import (
    DURATION,
    NOTHING,
    NUMBER,
    Agent,
    AgentSet,
    Nothing,
    Quantity,
    Type,
)

MOST_BLOCKS = 40
"""Deepest nesting of blocks in a rule."""


class RuleChecker:
    """Types one rule. ``slots`` counts the places of its frame; ``assigned`` notes attributes that it writes."""

    def __init__(self, checker: ExpressionChecker, scope: Scope, assigned: set[tuple[str, str]]) -> None:
        self.checker = checker
        self.problems = checker.problems
        self.scope = scope
        self.assigned = assigned
        self.slots = len(scope.locals)
        self.depth = 0

    def block(self, lines: tuple[syntax.Line, ...]) -> tuple[Statement, ...]:
        """The typed statements; those with a problem are left out after noting it."""
        self.depth += 1
        if self.depth > MOST_BLOCKS:
            self.problems.note(
                lines[0].span, f"blocks are nested more than {MOST_BLOCKS} deep", "use `after` and a second behavior"
            )
            return ()
        statements: list[Statement] = []
        for line in lines:
            try:
                statements.append(self._statement(line))
            except Reject:
                self._forget(line)
        self.depth -= 1
        return tuple(statements)

    def _forget(self, line: syntax.Line) -> None:
        """Give the names of a broken statement no type, so that their uses are not reported again."""
        if isinstance(line, syntax.Assign) and isinstance(line.place, syntax.Name):
            name = line.place.name
            if not self._is_attribute(name) and name not in self.scope.names.world:
                self.scope.locals.setdefault(name, LocalName(self._slot(), None))
        if isinstance(line, syntax.For):
            self.scope.locals.setdefault(line.name, LocalName(self._slot(), None))
            self.block(line.body)

    def _slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def _labelled(self, label: str) -> Scope:
        self.scope.purposes.label = label
        return self.scope

    def _statement(self, line: syntax.Line) -> Statement:
        match line:
            case syntax.Assign():
                return self._assign(line)
            case syntax.Emit():
                return self._emit(line)
            case syntax.After():
                return self._after(line)
            case syntax.Perform():
                return self._perform(line)
            case syntax.If():
                return self._if(line)
            case syntax.For():
                return self._for(line)
            case syntax.Stop():
                return Stop()

    # --- assignment

    def _is_attribute(self, name: str) -> bool:
        if self.scope.acting is None:
            return False
        known = self.scope.names.populations[self.scope.acting]
        return name in known.attributes or name in known.links or name in ("id", "state")

    def _assign(self, line: syntax.Assign) -> Statement:
        place = line.place
        if isinstance(place, syntax.Dot):
            if isinstance(place.target, syntax.Name) and place.target.name == "world":
                return self._assign_global(line, place.name, place.span)
            return self._assign_attribute(line, place)
        if not isinstance(place, syntax.Name):
            raise self.problems.reject(
                place.span, "only a name or an attribute can be assigned", "a comparison is written `==`"
            )
        name = place.name
        if name in ("self", "now", "start", "end", "never", "true", "false", "none", "world", "event"):
            raise self.problems.reject(place.span, f"`{name}` cannot be assigned")
        if name in self.scope.locals:
            if self._is_attribute(name) or name in self.scope.names.world:
                self.checker.name(place, self.scope, None)
            return self._assign_local(line, name)
        if self._is_attribute(name):
            if name in self.scope.names.world:
                self.checker.name(place, self.scope, None)
            me = syntax.Dot(place.span, syntax.Name(place.span, "self"), name, place.span)
            return self._assign_attribute(line, me)
        if name in self.scope.names.world:
            return self._assign_global(line, name, place.span)
        if name in self.scope.names.parameters:
            raise self.problems.reject(
                place.span,
                f"`{name}` is a parameter; rules cannot change it",
                "interventions can, or use a global (`world:`)",
            )
        if name in self.scope.names.populations:
            raise self.problems.reject(place.span, f"`{name}` is a population; use another name for the local value")
        if line.op is not None:
            raise self.problems.reject(
                place.span, f"`{name}` has no value yet", suggest(name, self.checker.known_names(self.scope))
            )
        return self._assign_local(line, name)

    def _new_value(self, line: syntax.Assign, label: str, expected: Type | None) -> Expr:
        """The value to store: the right side, or for ``+=`` the place combined with it."""
        scope = self._labelled(label)
        if line.op is None:
            return self.checker.check(line.value, scope, expected)
        combined = syntax.Operation(line.span, line.op, line.place, line.value, line.span)
        return self.checker.check(combined, scope, expected)

    def _assign_local(self, line: syntax.Assign, name: str) -> Statement:
        if isinstance(line.value, syntax.Call) and _called(line.value) == "spawn":
            return self._spawn(line.value, name)
        known = self.scope.locals.get(name)
        expected = known.type if known else None
        value = self._new_value(line, name, expected)
        if isinstance(value.type, Nothing) and expected is None:
            raise self.problems.reject(
                line.value.span, f"`{name}` would be `none` of no known kind", "give it a value first"
            )
        if isinstance(value, Members | Neighbours | Linked):
            raise self.problems.reject(
                line.value.span, "a set of agents cannot be kept in a name", "`pick(...)` from it, or loop over it"
            )
        if known is None:
            slot = self._slot()
            self.scope.locals[name] = LocalName(slot, value.type)
            return AssignLocal(slot, name, value)
        if known.type is None:
            raise Reject(name)
        if known.type != value.type and isinstance(known.type, Quantity) and known.type.whole:
            wider = replace(known.type, whole=False)
            if value.type == wider:
                raise self.problems.reject(
                    line.value.span,
                    f"`{name}` is a whole number and would become {a_type(value.type)}",
                    "start it with a decimal point, such as `0.0`",
                )
        self.scope.locals[name] = replace(known, sure=True)
        return AssignLocal(known.slot, name, self.checker.convert(value, known.type, f"`{name}`", line.value.span))

    def _assign_global(self, line: syntax.Assign, name: str, span: Span) -> Statement:
        if name not in self.scope.names.world:
            raise self.problems.reject(span, f"unknown global `{name}`", suggest(name, self.scope.names.world))
        type_ = self.scope.names.world[name]
        if type_ is None:
            raise Reject(name)
        value = self._new_value(line, name, type_)
        return AssignGlobal(name, self._stored(value, type_, name, line.value.span))

    def _stored(self, value: Expr, type_: Type, name: str, span: Span) -> Expr:
        """``value`` in the type of the place that keeps it, with a hint when that place holds whole numbers."""
        given = value.type
        if isinstance(type_, Quantity) and type_.whole and given == NUMBER:
            raise self.problems.reject(
                span,
                f"`{name}` starts as a whole number and cannot hold {a_type(given)}",
                "start it with a decimal point, such as `0.0`, or use `round(...)`",
            )
        return self.checker.convert(value, type_, f"`{name}`", span)

    def _assign_attribute(self, line: syntax.Assign, place: syntax.Dot) -> Statement:
        target = self.checker.check(place.target, self.scope)
        if not isinstance(target.type, Agent):
            raise self.problems.reject(place.target.span, f"{a_type(target.type)} has no attributes")
        population, name = target.type.population, place.name
        known = self.scope.names.populations[population]
        if name == "state":
            raise self.problems.reject(place.span, "a state is not assigned", "write `become(...)`")
        if name == "id" or name in known.links:
            what = "an id" if name == "id" else "a link"
            raise self.problems.reject(
                place.span, f"`{name}` is {what} and does not change", "use an attribute that holds an agent"
            )
        if name not in known.attributes:
            raise self.problems.reject(
                place.name_span,
                f"{population} has no attribute `{name}`",
                suggest(name, known.attributes, "attributes"),
            )
        type_ = self.checker.attribute_type(population, name, self.scope)
        self.assigned.add((population, name))
        if type_ is None:
            raise Reject(name)
        value = self._stored(self._new_value(line, name, type_), type_, name, line.value.span)
        return AssignAttr(target, population, name, value)

    # --- what happens

    def _emit(self, line: syntax.Emit) -> Statement:
        fields = self.scope.names.events.get(line.event)
        if fields is None:
            raise self.problems.reject(
                line.event_span, f"unknown event `{line.event}`", suggest(line.event, self.scope.names.events, "events")
            )
        given: dict[str, syntax.Argument] = {}
        failed = False
        for argument in line.arguments:
            if argument.name is None:
                self.problems.note(
                    argument.span, "fields of an event are given by name", f"write `{next(iter(fields), 'field')}=...`"
                )
            elif argument.name not in fields:
                self.problems.note(
                    argument.span,
                    f"`{line.event}` has no field `{argument.name}`",
                    suggest(argument.name, fields, "fields"),
                )
            elif argument.name in given:
                self.problems.note(argument.span, f"`{argument.name}` is given twice")
            else:
                given[argument.name] = argument
                continue
            failed = True
        missing = [name for name in fields if name not in given]
        if missing and not failed:
            wanted = ", ".join(f"`{name}`" for name in missing)
            self.problems.note(
                line.event_span, f"`emit {line.event}` leaves out {wanted}", "every field of the event is given"
            )
        values = []
        for name, type_ in fields.items():
            if name not in given:
                failed = True
                continue
            argument = given[name]
            try:
                scope = self._labelled(f"{line.event}.{name}")
                if type_ is None:
                    raise Reject(name)
                values.append(self.checker.value(argument.value, scope, type_, f"`{name}` of {line.event}"))
            except Reject:
                failed = True
        if failed:
            raise Reject(line.event)
        return Emit(line.event, tuple(values), span=line.span)

    def _after(self, line: syntax.After) -> Statement:
        if not isinstance(line.call, syntax.Call):
            raise self.problems.reject(line.call.span, "`after` runs a behavior", "as in `after 3 days: reissue()`")
        behavior, target = self._behavior(line.call)
        label = f"after {behavior}"
        delay = self.checker.value(line.delay, self._labelled(label), DURATION, "the delay of `after`")
        if isinstance(delay, Const) and isinstance(delay.value, float) and delay.value < 0:
            raise self.problems.reject(line.delay.span, "the delay of `after` must not be negative")
        wanted = self.scope.names.behaviors[behavior].arguments
        bound = bind(self.checker, line.call, f"`{behavior}`", tuple(wanted), needed=len(wanted))
        arguments = []
        for name, type_ in wanted.items():
            if type_ is None:
                raise Reject(name)
            scope = self._labelled(f"{label}.{name}")
            arguments.append(self.checker.value(bound[name].value, scope, type_, f"`{name}` of {behavior}"))
        return After(delay, target, behavior, tuple(arguments))

    def _behavior(self, call: syntax.Call) -> tuple[str, Expr]:
        """The behavior that a call names, and the agent that does it."""
        behaviors = self.scope.names.behaviors
        function = call.function
        if isinstance(function, syntax.Dot):
            name, span = function.name, function.name_span
            is_world = isinstance(function.target, syntax.Name) and function.target.name == "world"
            target: Expr = Const(None, type=NOTHING) if is_world else self.checker.check(function.target, self.scope)
        elif isinstance(function, syntax.Name):
            name, span = function.name, function.span
            target = self._me(function.span)
        else:
            raise self.problems.reject(function.span, "this is not the name of a behavior")
        if name not in behaviors:
            raise self.problems.reject(span, f"unknown behavior `{name}`", suggest(name, behaviors, "behaviors"))
        who = behaviors[name].who
        if who is None:
            return name, Const(None, type=NOTHING)
        if target.type != Agent(who):
            given = target.type.population if isinstance(target.type, Agent) else "the world"
            raise self.problems.reject(
                span,
                f"`{name}` is a behavior of {who}, not of {given}",
                f"name the agent that does it: `agent.{name}()`",
            )
        return name, target

    def _me(self, span: Span) -> Expr:
        if self.scope.acting is None:
            return Const(None, type=NOTHING)
        return Self(self.scope.acting, type=Agent(self.scope.acting), span=span)

    def _perform(self, line: syntax.Perform) -> Statement:
        call = line.call
        if not isinstance(call, syntax.Call):
            raise self.problems.reject(line.span, "this does nothing", "assign it to a name, or emit it")
        name = _called(call)
        actions: dict[str, Callable[[syntax.Call], Statement]] = {
            "become": self._become,
            "cancel": self._cancel,
            "retire": self._retire,
            "spawn": lambda spawn: self._spawn(spawn, None),
        }
        if name in actions:
            return actions[name](call)
        if name in self.scope.names.behaviors:
            raise self.problems.reject(
                call.span, f"`{name}` is a behavior and runs later", f"write `after 1 second: {name}()`"
            )
        if name in self.scope.names.events:
            raise self.problems.reject(call.span, f"`{name}` is an event", f"write `emit {name}(...)`")
        raise self.problems.reject(
            call.function.span,
            f"`{name}` is not a statement",
            suggest(name, [*actions, "emit", "after", "stop"]) or "assign its value to a name",
        )

    def _target(self, call: syntax.Call) -> Expr:
        """The agent of ``agent.become(...)``, or self."""
        if isinstance(call.function, syntax.Dot):
            target = self.checker.check(call.function.target, self.scope)
        else:
            target = self._me(call.function.span)
        if not isinstance(target.type, Agent):
            raise self.problems.reject(
                call.function.span,
                f"there is no agent that could `{_called(call)}`",
                "name one, as in `victim.become(...)`",
            )
        return target

    def _become(self, call: syntax.Call) -> Statement:
        target = self._target(call)
        assert isinstance(target.type, Agent)
        population = target.type.population
        states = self.scope.names.populations[population].states
        if not states:
            raise self.problems.reject(call.span, f"{population} has no states", "declare `states:` in its population")
        match call.arguments:
            case [syntax.Argument(name=None, value=syntax.Name(name=state) as word)]:
                if state not in states:
                    raise self.problems.reject(
                        word.span, f"{population} has no state `{state}`", suggest(state, states, "states")
                    )
                return Become(target, population, states.index(state), span=call.span)
        raise self.problems.reject(call.span, "`become` takes the name of one state", f"as in `become({states[0]})`")

    def _cancel(self, call: syntax.Call) -> Statement:
        target = self._target(call) if isinstance(call.function, syntax.Dot) else self._me(call.span)
        match call.arguments:
            case [syntax.Argument(name=None, value=syntax.Name(name=behavior) as word)]:
                behaviors = self.scope.names.behaviors
                if behavior not in behaviors:
                    raise self.problems.reject(
                        word.span, f"unknown behavior `{behavior}`", suggest(behavior, behaviors, "behaviors")
                    )
                who = behaviors[behavior].who
                if who is None:
                    return Cancel(Const(None, type=NOTHING), behavior)
                if target.type != Agent(who):
                    raise self.problems.reject(
                        word.span, f"`{behavior}` is a behavior of {who}", f"name the agent: `agent.cancel({behavior})`"
                    )
                return Cancel(target, behavior)
        raise self.problems.reject(call.span, "`cancel` takes the name of one behavior", "as in `cancel(reissue)`")

    def _retire(self, call: syntax.Call) -> Statement:
        if call.arguments:
            raise self.problems.reject(
                call.span, "`retire()` takes no arguments", "write `agent.retire()` for another agent"
            )
        return Retire(self._target(call))

    def _spawn(self, call: syntax.Call, name: str | None) -> Statement:
        usage = "as in `spawn(card, owner=self)`"
        if not call.arguments or call.arguments[0].name is not None:
            raise self.problems.reject(call.span, "`spawn` starts with a population", usage)
        first = call.arguments[0].value
        population = first.name if isinstance(first, syntax.Name) else ""
        known = self.scope.names.populations.get(population)
        if known is None:
            raise self.problems.reject(
                first.span,
                f"unknown population `{population}`" if population else "`spawn` starts with a population",
                suggest(population, self.scope.names.populations) or usage,
            )
        values: dict[str, Expr] = {}
        for argument in call.arguments[1:]:
            attribute = argument.name
            if attribute is None or (attribute not in known.attributes and attribute not in known.links):
                shown = attribute or "?"
                raise self.problems.reject(
                    argument.span,
                    f"{population} has no attribute `{shown}`" if attribute else "attributes are given by name",
                    suggest(shown, [*known.attributes, *known.links]),
                )
            if attribute in values:
                raise self.problems.reject(argument.span, f"`{attribute}` is given twice")
            type_ = self.checker.attribute_type(population, attribute, self.scope)
            if type_ is None:
                raise Reject(attribute)
            scope = self._labelled(f"spawn {population}.{attribute}")
            values[attribute] = self.checker.value(argument.value, scope, type_, f"`{attribute}`")
        missing = [link for link in known.links if link not in values]
        if missing:
            raise self.problems.reject(call.span, f"a new {population} needs its {' and '.join(missing)}", usage)
        slot = None
        if name is not None:
            local = self.scope.locals.get(name)
            if local is not None and local.type != Agent(population):
                raise self.problems.reject(call.span, f"`{name}` already holds something else")
            slot = local.slot if local else self._slot()
            self.scope.locals[name] = LocalName(slot, Agent(population))
        purpose = self._labelled(f"spawn {population}").purposes.next("spawn")
        return Spawn(population, tuple(values.items()), slot, purpose)

    # --- blocks

    def _if(self, line: syntax.If) -> Statement:
        # Draws are named in the order of the text, so everything is checked first to last.
        before = dict(self.scope.locals)
        checked: list[tuple[Expr | None, tuple[Statement, ...]]] = []
        ends: list[dict[str, LocalName]] = []
        for condition, lines in line.branches:
            typed = None
            try:
                typed = self.checker.condition(condition, self._labelled("if"), "the condition of `if`")
            except Reject:
                pass
            checked.append((typed, self._branch(lines, ends, before)))
        no = self._branch(line.otherwise, ends, before)
        self._meet(before, ends)
        for typed, statements in reversed(checked):
            if typed is None:
                raise Reject("if")
            no = (If(typed, statements, no),)
        assert isinstance(no[0], If)
        return no[0]

    def _branch(
        self, lines: tuple[syntax.Line, ...], ends: list[dict[str, LocalName]], before: dict[str, LocalName]
    ) -> tuple[Statement, ...]:
        """One branch, from the names before it; what it leaves is added to ``ends`` unless it stops."""
        # Slots and types found in earlier branches are kept, without a value.
        for end in ends:
            for name, local in end.items():
                self.scope.locals.setdefault(name, replace(local, sure=False))
        self.scope.locals.update(before)
        statements = self.block(lines) if lines else ()
        if not (lines and isinstance(lines[-1], syntax.Stop)):
            ends.append(dict(self.scope.locals))
        for name in [n for n in self.scope.locals if n not in before]:
            self.scope.locals[name] = replace(self.scope.locals[name], sure=False)
        return statements

    def _meet(self, before: dict[str, LocalName], ends: list[dict[str, LocalName]]) -> None:
        """After branches: a name has a value for sure if every way here gave it one."""
        for end in ends:
            for name, local in end.items():
                everywhere = all(name in other and other[name].sure for other in ends)
                self.scope.locals[name] = replace(local, sure=everywhere)

    def _for(self, line: syntax.For) -> Statement:
        scope = self._labelled(line.name)
        if isinstance(line.pool, syntax.Call) and _called(line.pool) == "pick":
            pool = self.checker.check(line.pool, scope)
            if isinstance(pool, Pick) and pool.count is None:
                raise self.problems.reject(
                    line.pool.span, "`for` needs several agents", "say how many: `pick(..., count=3)`"
                )
        else:
            pool = self.checker.pool(line.pool, scope)
        assert isinstance(pool.type, AgentSet)
        type_ = Agent(pool.type.population)
        known = self.scope.locals.get(line.name)
        if (
            self._is_attribute(line.name)
            or line.name in self.scope.names.parameters
            or line.name in self.scope.names.world
        ):
            raise self.problems.reject(
                line.name_span, f"`{line.name}` already has a meaning here", "use another name for the loop"
            )
        if known is not None and known.type not in (type_, None):
            raise self.problems.reject(
                line.name_span, f"`{line.name}` already holds {a_type(known.type) if known.type else ''}"
            )
        slot = known.slot if known else self._slot()
        before = dict(self.scope.locals)
        self.scope.locals[line.name] = LocalName(slot, type_)
        body = self.block(line.body)
        # The loop may run no round at all, so what its body sets may have no value after it.
        self._meet(before, [dict(self.scope.locals), before])
        return For(slot, line.name, pool, body)


def _called(call: syntax.Call) -> str:
    function = call.function
    if isinstance(function, syntax.Name | syntax.Dot):
        return function.name
    return ""
