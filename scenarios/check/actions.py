"""Typing what a rule does besides assigning: emit, after, become, cancel, retire and spawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bustle.scenarios import syntax
from bustle.scenarios.check.calls import bind
from bustle.scenarios.check.names import LocalName
from bustle.scenarios.check.problems import Reject
from bustle.scenarios.check.references import attribute_type
from bustle.scenarios.check.wording import a_type
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.distributions import DISTRIBUTIONS
from bustle.scenarios.foreign_words import FIRST_WORDS
from bustle.scenarios.functions import AGGREGATES, FUNCTIONS, SPECIAL
from bustle.scenarios.model import After, Become, Cancel, Const, Emit, Expr, Retire, Spawn, Statement
from bustle.scenarios.types import DURATION, NOTHING, Agent, Type

if TYPE_CHECKING:
    from bustle.scenarios.check.rules import RuleChecker


def called(call: syntax.Call) -> str:
    """The name that is called, without the agent before it."""
    function = call.function
    return function.name if isinstance(function, syntax.Name | syntax.Dot) else ""


# --- emit


def check_emit(rule: RuleChecker, line: syntax.Emit) -> Statement:
    """``emit event(field=value, ...)``."""
    fields = rule.scope.names.events.get(line.event)
    if fields is None:
        raise rule.problems.unknown(
            line.event,
            line.event_span,
            f"unknown event `{line.event}`",
            suggest(line.event, rule.scope.names.events, "events"),
        )
    given, failed = _given_fields(rule, line, fields)
    missing = [name for name in fields if name not in given]
    if missing and not failed:
        wanted = ", ".join(f"`{name}`" for name in missing)
        rule.problems.note(
            line.event_span, f"`emit {line.event}` leaves out {wanted}", "every field of the event is given"
        )
    values = []
    for name, type_ in fields.items():
        if name not in given:
            failed = True
            continue
        argument = given[name]
        try:
            scope = rule.labelled(f"{line.event}.{name}")
            if type_ is None:
                raise rule.problems.follow_up(name, argument.span)
            values.append(rule.checker.value(argument.value, scope, type_, f"`{name}` of {line.event}"))
        except Reject:
            failed = True
    if failed:
        raise Reject(line.event)
    return Emit(line.event, tuple(values), span=line.span)


def _given_fields(
    rule: RuleChecker, line: syntax.Emit, fields: dict[str, Type | None]
) -> tuple[dict[str, syntax.Argument], bool]:
    """The arguments by field, and whether one of them has a problem."""
    given: dict[str, syntax.Argument] = {}
    failed = False
    bare = [argument for argument in line.arguments if argument.name is None]
    if bare:
        example = bare[0].value.name if isinstance(bare[0].value, syntax.Name) else ""
        field = example if example in fields else next(iter(fields), "field")
        rule.problems.note(bare[0].span, "fields of an event are given by name", f"write `{field}=...`")
        failed = True
    for argument in line.arguments:
        try:
            if argument.name is None:
                continue
            if argument.name not in fields:
                raise rule.problems.unknown(
                    argument.name,
                    argument.name_span,
                    f"{line.event} has no field `{argument.name}`",
                    suggest(argument.name, fields, "fields"),
                )
            if argument.name in given:
                raise rule.problems.reject(argument.name_span, f"`{argument.name}` is given twice")
            given[argument.name] = argument
        except Reject:
            failed = True
    return given, failed


# --- after


def check_after(rule: RuleChecker, line: syntax.After) -> Statement:
    """``after delay: behavior(arguments)``."""
    problems = rule.problems
    if not isinstance(line.call, syntax.Call):
        raise problems.reject(
            line.call.span, "`after` runs a behavior, with `()` after its name", "as in `after 3 days: reissue()`"
        )
    behavior, target = _behavior(rule, line.call)
    label = f"after {behavior}"
    delay = rule.checker.value(line.delay, rule.labelled(label), DURATION, "the delay of `after`")
    if isinstance(delay, Const) and isinstance(delay.value, float) and delay.value < 0:
        raise problems.reject(line.delay.span, "the delay of `after` must not be negative")
    wanted = rule.scope.names.behaviors[behavior].arguments
    bound = bind(rule.checker, line.call, f"`{behavior}`", tuple(wanted), needed=len(wanted))
    arguments = []
    for name, type_ in wanted.items():
        if type_ is None:
            raise problems.follow_up(name, line.span)
        scope = rule.labelled(f"{label}.{name}")
        arguments.append(rule.checker.value(bound[name].value, scope, type_, f"`{name}` of {behavior}"))
    return After(delay, target, behavior, tuple(arguments))


def _behavior(rule: RuleChecker, call: syntax.Call) -> tuple[str, Expr]:
    """The behavior that a call names, and the agent that does it."""
    behaviors = rule.scope.names.behaviors
    function = call.function
    if isinstance(function, syntax.Dot):
        name, span = function.name, function.name_span
        is_world = isinstance(function.target, syntax.Name) and function.target.name == "world"
        target: Expr = Const(None, type=NOTHING) if is_world else rule.checker.check(function.target, rule.scope)
    elif isinstance(function, syntax.Name):
        name, span = function.name, function.span
        target = rule.me(function)
    else:
        raise rule.problems.reject(function.span, "this is not the name of a behavior")
    if name in ("become", "retire", "cancel", "spawn"):
        raise rule.problems.reject(
            span,
            f"`after` runs a behavior, and `{name}` is a statement",
            f"write a behavior whose rule is `{name}(...)`",
        )
    if name not in behaviors:
        raise rule.problems.unknown(name, span, f"unknown behavior `{name}`", suggest(name, behaviors, "behaviors"))
    if behaviors[name].is_broken:
        raise rule.problems.follow_up(name, span)
    who = behaviors[name].who
    if who is None:
        return name, Const(None, type=NOTHING)
    if target.type != Agent(who):
        given = target.type.population if isinstance(target.type, Agent) else "the world"
        raise rule.problems.reject(
            span,
            f"`{name}` is a behavior of {who}, not of {given}",
            f"say which {who}: `x.{name}()`, where `x` holds one" if given != "the world" else _WORLD_HINT,
        )
    return name, target


_WORLD_HINT = "loop over the agents that do it: `for one in pick(..., count=3):`"


# --- calls that stand alone


def check_perform(rule: RuleChecker, line: syntax.Perform) -> Statement:
    """A call that stands as a statement."""
    call, problems, names = line.call, rule.problems, rule.scope.names
    if not isinstance(call, syntax.Call):
        if isinstance(call, syntax.Name) and call.name in ("retire", "episode", *names.behaviors):
            raise problems.reject(line.span, "`()` is missing after this", f"write `{call.name}()`")
        if isinstance(call, syntax.Name) and call.name in FIRST_WORDS:
            raise problems.reject(line.span, f"`{call.name}` is not part of the language", FIRST_WORDS[call.name])
        raise problems.reject(line.span, "this does nothing", "assign it to a name, or emit it")
    name = called(call)
    actions: dict[str, Callable[[syntax.Call], Statement]] = {
        "become": lambda become: _become(rule, become),
        "cancel": lambda cancel: _cancel(rule, cancel),
        "retire": lambda retire: _retire(rule, retire),
        "spawn": lambda spawn: check_spawn(rule, spawn, None),
    }
    if name in actions:
        return actions[name](call)
    if name in names.behaviors:
        raise problems.reject(call.span, f"`{name}` is a behavior and runs later", f"write `after 1 second: {name}()`")
    if name in names.events:
        raise problems.reject(call.span, f"`{name}` is an event", f"write `emit {name}(...)`")
    if isinstance(call.function, syntax.Name) and name in (*FUNCTIONS, *DISTRIBUTIONS, *SPECIAL, *AGGREGATES):
        raise problems.reject(call.span, f"`{name}` gives a value, and nothing is done with it", "assign it to a name")
    raise problems.unknown(
        name,
        call.function.span,
        f"`{name}` is not a statement",
        suggest(name, [*actions, "emit", "after", "stop"]) or "assign its value to a name",
    )


def _target(rule: RuleChecker, call: syntax.Call) -> Expr:
    """The agent of ``agent.become(...)``, or self."""
    if isinstance(call.function, syntax.Dot):
        target = rule.checker.check(call.function.target, rule.scope)
    else:
        target = rule.me(call.function)
    if not isinstance(target.type, Agent):
        name = called(call)
        raise rule.problems.reject(
            call.function.span, f"there is no agent that could `{name}`", f"name one, as in `victim.{name}(...)`"
        )
    return target


def _become(rule: RuleChecker, call: syntax.Call) -> Statement:
    target = _target(rule, call)
    assert isinstance(target.type, Agent)
    population = target.type.population
    states = rule.scope.names.populations[population].states
    if not states:
        raise rule.problems.reject(call.span, f"{population} has no states", "declare `states:` in its population")
    match call.arguments:
        case [syntax.Argument(name=None, value=syntax.Name(name=state) as word)]:
            if state not in states:
                raise rule.problems.unknown(
                    state, word.span, f"{population} has no state `{state}`", suggest(state, states, "states")
                )
            return Become(target, population, states.index(state), span=call.span)
    raise rule.problems.reject(call.span, "`become` takes the name of one state", f"as in `become({states[0]})`")


def _cancel(rule: RuleChecker, call: syntax.Call) -> Statement:
    target = _target(rule, call) if isinstance(call.function, syntax.Dot) else rule.me(call)
    match call.arguments:
        case [syntax.Argument(name=None, value=syntax.Name(name=behavior) as word)]:
            behaviors = rule.scope.names.behaviors
            if behavior not in behaviors:
                raise rule.problems.unknown(
                    behavior, word.span, f"unknown behavior `{behavior}`", suggest(behavior, behaviors, "behaviors")
                )
            if behaviors[behavior].is_broken:
                raise rule.problems.follow_up(behavior, word.span)
            who = behaviors[behavior].who
            if who is None:
                return Cancel(Const(None, type=NOTHING), behavior)
            if target.type != Agent(who):
                raise rule.problems.reject(
                    word.span,
                    f"`{behavior}` is a behavior of {who}",
                    f"say which {who}: `x.cancel({behavior})`, where `x` holds one",
                )
            return Cancel(target, behavior)
    raise rule.problems.reject(call.span, "`cancel` takes the name of one behavior", "as in `cancel(reissue)`")


def _retire(rule: RuleChecker, call: syntax.Call) -> Statement:
    if call.arguments:
        raise rule.problems.reject(
            call.span, "`retire()` takes no arguments", "write `agent.retire()` for another agent"
        )
    return Retire(_target(rule, call))


def check_spawn(rule: RuleChecker, call: syntax.Call, name: str | None) -> Statement:
    """``spawn(population, attribute=value, ...)``, whose agent is kept under ``name`` if that is given."""
    usage = "as in `spawn(card, owner=self)`"
    names, problems = rule.scope.names, rule.problems
    if not call.arguments or call.arguments[0].name is not None:
        raise problems.reject(call.span, "`spawn` starts with a population", usage)
    first = call.arguments[0].value
    population = first.name if isinstance(first, syntax.Name) else ""
    known = names.populations.get(population)
    if known is None:
        raise problems.unknown(
            population,
            first.span,
            f"unknown population `{population}`" if population else "`spawn` starts with a population",
            suggest(population, names.populations) or usage,
        )
    values: dict[str, Expr] = {}
    for argument in call.arguments[1:]:
        attribute = argument.name
        if attribute is None:
            raise problems.reject(argument.span, "attributes are given by name", usage)
        if attribute not in known.attributes and attribute not in known.links:
            if known.is_open:
                raise problems.follow_up(attribute, argument.span)
            raise problems.unknown(
                attribute,
                argument.name_span,
                f"{population} has no attribute `{attribute}`",
                suggest(attribute, [*known.attributes, *known.links]),
            )
        if attribute in values:
            raise problems.reject(argument.name_span, f"`{attribute}` is given twice")
        type_ = attribute_type(population, attribute, rule.scope)
        if type_ is None:
            raise problems.follow_up(attribute, argument.span)
        scope = rule.labelled(f"spawn {population}.{attribute}")
        values[attribute] = rule.checker.value(argument.value, scope, type_, f"`{attribute}`")
    if known.one_per and known.one_per not in values:
        raise problems.reject(
            call.span,
            f"a new {population} needs its {known.one_per}",
            f"as in `spawn({population}, {known.one_per}=self)`",
        )
    slot = None if name is None else _slot_for(rule, call, name, Agent(population))
    purpose = rule.labelled(f"spawn {population}").purposes.next("spawn")
    return Spawn(population, tuple(values.items()), slot, purpose)


def _slot_for(rule: RuleChecker, call: syntax.Call, name: str, type_: Agent) -> int:
    local = rule.scope.locals.get(name)
    if local is not None and local.type is not None and local.type != type_:
        raise rule.problems.reject(call.span, f"`{name}` already holds {a_type(local.type)}", "use another name")
    slot = local.slot if local else rule.slot()
    rule.scope.locals[name] = LocalName(slot, type_)
    return slot
