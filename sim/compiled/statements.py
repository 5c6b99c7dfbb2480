"""Statements become lines of code; see `bustle.sim.reference.statements` for what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from bustle.scenarios.model import (
    After,
    AssignAttr,
    AssignGlobal,
    AssignLocal,
    Become,
    Cancel,
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
from bustle.scenarios.types import Agent
from bustle.sim.compiled import records as r
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.emission import emit
from bustle.sim.compiled.expressions import held, read, read_word, store, store_word, write
from bustle.sim.compiled.picking import pick_several
from bustle.sim.compiled.pools import eligible, pool_code
from bustle.sim.compiled.program import WORLD
from bustle.sim.compiled.spawning import spawn
from bustle.sim.compiled.telling import changed_unit
from bustle.sim.compiled.unit import constant, kind_of
from bustle.sim.plan.sums import is_subtraction, order_free_sum
from bustle.sim.problems import no_agent, no_delay, no_move, too_large


def write_body(body: Iterable[Statement], coder: Coder) -> None:
    """Write the statements of a rule."""
    for statement in body:
        _write(statement, coder)


def _write(statement: Statement, coder: Coder) -> None:
    unit = coder.unit
    match statement:
        case AssignLocal():
            local = coder.locals[statement.slot]
            unit.line(f"{local.text} = {held(write(statement.value, coder), local.kind)}")
        case AssignAttr():
            _assign_attribute(statement, coder)
        case AssignGlobal():
            _assign_global(statement, coder)
        case If():
            condition = write(statement.condition, coder)
            with unit.block(f"if {condition.text}:"):
                write_body(statement.yes, coder)
            if statement.no:
                with unit.block("else:"):
                    write_body(statement.no, coder)
        case For():
            _loop(statement, coder)
        case Emit():
            emit(statement, coder)
        case Become():
            _become(statement, coder)
        case After():
            _after(statement, coder)
        case Cancel():
            who = _who_runs(statement.behavior, coder)
            agent = _actor(statement.target, who, "none has nothing to cancel", coder)
            coder.reach(who, agent)
            unit.line(f"cancel({unit.context}, {unit.word('behavior', statement.behavior)}, {agent})")
        case Spawn():
            spawn(statement, coder)
        case Retire():
            agent = _agent(statement.target, "none cannot retire", coder)
            assert isinstance(statement.target.type, Agent)
            population = statement.target.type.population
            coder.reach(population, agent)
            unit.line(f"retire({unit.context}, {coder.population(population)}, {agent}, now)")
        case Stop():
            unit.line("return 0")


def _agent(target: Expr, problem: str, coder: Coder) -> str:
    """The agent that a statement acts on; the run ends where it is none."""
    agent = write(target, coder).text
    if not isinstance(target, Self):
        coder.unit.fail_if(f"{agent} < 0", constant(no_agent(problem, target)))
    return agent


def _who_runs(behavior: str, coder: Coder) -> str:
    return coder.program.model.behaviors[behavior].who or WORLD


def _actor(target: Expr, who: str, problem: str, coder: Coder) -> str:
    """Who runs a behavior that a statement names; the world is alone in its population."""
    return "0" if who == WORLD else _agent(target, problem, coder)


def _assign_attribute(statement: AssignAttr, coder: Coder) -> None:
    unit, population, name = coder.unit, statement.population, statement.name
    agent = _agent(statement.target, f"`{name}` is assigned to none", coder)
    place = (population, name)
    if coder.who in coder.program.coupling.islands and not isinstance(statement.target, Self):
        behavior = unit.name.removeprefix("body of ")
        if place in coder.program.coupling.touches[behavior].adds_others:
            _add(statement, agent, coder)
            return
    value = write(statement.value, coder)
    if not isinstance(statement.target, Self):
        coder.reach(population, agent)
    type_ = coder.program.attribute_type(population, name)
    address = coder.column(population, name)
    told = changed_unit("attribute", population, name)
    if ("attribute", population, name) not in coder.program.dependents:
        store(address, agent, value, type_, coder)
        return
    former = read(address, agent, type_, coder)
    store(address, agent, value, type_, coder)
    with unit.block(f"if {former.text} != {held(value, former.kind)}:"):
        unit.check(f"invoke({unit.context}, {unit.word('unit', told)}, {agent}, 0, now, 0)")


def _add(statement: AssignAttr, agent: str, coder: Coder) -> None:
    """An island adds to what others may add to at the same time: one step that nothing comes between."""
    unit, span = coder.unit, statement.value.span
    added = order_free_sum(statement)
    assert added is not None
    amount = unit.value(write(added, coder).as_whole(), "i").text
    change = unit.let(f"-{amount}", "i").text if is_subtraction(statement) else amount
    former = unit.let(f"add_i64({coder.column(statement.population, statement.name)}, {agent}, {change})", "i").text
    total = unit.let(f"{former} + {change}", "i").text
    unit.fail_if(
        f"({former} ^ {total}) & ({change} ^ {total}) < 0",
        lambda _, wholes: too_large(wholes[0] + wholes[1], span),
        (),
        (former, change),
    )


def _assign_global(statement: AssignGlobal, coder: Coder) -> None:
    unit = coder.unit
    type_ = coder.program.model.world[statement.name].type
    value = write(statement.value, coder)
    cell = unit.word("global", statement.name)
    if ("global", statement.name) not in coder.program.dependents:
        store_word(cell, 0, value, coder)
        return
    former = read_word(cell, 0, type_, coder)
    store_word(cell, 0, value, coder)
    told = changed_unit("global", statement.name)
    with unit.block(f"if {former.text} != {held(value, former.kind)}:"):
        unit.check(f"invoke({unit.context}, {unit.word('unit', told)}, 0, 0, now, 0)")


def _loop(statement: For, coder: Coder) -> None:
    """The set is made once, before the first round."""
    unit, local = coder.unit, coder.locals[statement.slot]
    place = unit.let("0", "i").text
    match statement.pool:
        case Pick():
            list_, size = pick_several(statement.pool, coder)
        case Members() | Neighbours() | Linked() as pool:
            found = pool_code(pool, coder)
            list_, size = unit.let(f"reserve({unit.context}, {found.size})", "i").text, unit.let("0", "i").text
            with unit.block(f"while {place} < {found.size}:"):
                candidate = unit.let(found.at(place), "i", "c").text
                unit.line(f"{place} += 1")
                fits = eligible(pool, None, candidate, coder)
                if fits is not None:
                    with unit.block(f"if not {fits}:"):
                        unit.line("continue")
                unit.line(f"put_i64({list_}, {size}, {candidate})")
                unit.line(f"{size} += 1")
            unit.line(f"{place} = 0")
        case _:
            raise TypeError(f"{statement.pool} is no set of agents")
    with unit.block(f"while {place} < {size}:"):
        unit.line(f"{local.text} = get_i64({list_}, {place})")
        unit.line(f"{place} += 1")
        write_body(statement.body, coder)


def _become(statement: Become, coder: Coder) -> None:
    unit, population, span = coder.unit, statement.population, statement.span
    agent = _agent(statement.target, "none cannot become anything", coder)
    if not isinstance(statement.target, Self):
        coder.reach(population, agent)
    record = coder.population(population)
    status = unit.let(f"become({unit.context}, {record}, {agent}, {statement.state}, now)", "i").text
    states = coder.program.model.populations[population].states
    with unit.block(f"if {status} == 2:"):
        former = f"get_i32({coder.column(population, 'state')}, {agent})"
        unit.fail(
            lambda _, wholes: no_move(population, wholes[0], states[wholes[1]], states[statement.state], span),
            (),
            (agent, former),
        )
    unit.check(status)


def _after(statement: After, coder: Coder) -> None:
    unit = coder.unit
    who = _who_runs(statement.behavior, coder)
    agent = _actor(statement.target, who, f"`{statement.behavior}` is called for none", coder)
    delay = unit.value(write(statement.delay, coder).as_float(), "f").text
    span = statement.delay.span
    unit.fail_if(f"{delay} != {delay}", constant(no_delay(span)))
    time = unit.let(f"now + {r.NEVER}", "i").text
    with unit.block(f"if {delay} < {float(r.NEVER)!r}:"):
        unit.line(f"{time} = now + max(1, whole(rint(max({delay}, 0.0))))")
    arguments = [write(argument, coder) for argument in statement.arguments]
    if not isinstance(statement.target, Self):
        coder.reach(who, agent)
    call = f"{unit.word('behavior', statement.behavior)}, {agent}, {time}, {r.CALL}, {len(arguments)}"
    room = unit.let(f"schedule({unit.context}, {call})", "i").text
    if arguments:
        kinds = [kind_of(type_) for _, type_ in coder.program.model.behaviors[statement.behavior].arguments]
        with unit.block(f"if {room} != 0:"):
            for place, (value, kind) in enumerate(zip(arguments, kinds, strict=True)):
                text = held(value, kind)
                unit.line(
                    f"put_{'f' if kind == 'f' else 'i'}64({room}, {place}, {text if kind != 'b' else f'int({text})'})"
                )
