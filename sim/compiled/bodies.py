"""Units that run a behavior's rule, and units that take the samples of a table."""

from __future__ import annotations

from bustle.outputs.missing import NO_VALUE
from bustle.scenarios.model import Aggregate, AssignLocal, Behavior, For, SampleTable, Spawn
from bustle.sim.compiled.aggregates import aggregate
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.emission import EMITTED
from bustle.sim.compiled.expressions import read_word, store_word, write
from bustle.sim.compiled.program import WORLD, Program
from bustle.sim.compiled.statements import write_body
from bustle.sim.compiled.unit import ZERO, Kind, Unit, Value, kind_of
from bustle.sim.reads import statements


def body_unit(behavior: str) -> str:
    """The name of the unit that runs a behavior's rule."""
    return f"body of {behavior}"


def write_body_unit(program: Program, behavior: Behavior) -> Unit:
    """The unit that checks ``if`` and runs the rule of a behavior."""
    unit = Unit(body_unit(behavior.name))
    coder = Coder(program, unit, behavior.who or WORLD)
    unit.line(f"identity = {coder.identity_of_acting()}")
    unit.line(f"{EMITTED} = 0")
    for slot, kind in sorted(_locals(behavior).items()):
        unit.line(f"x{slot} = {ZERO[kind]}")
        coder.locals[slot] = Value(f"x{slot}", kind)
    for slot, (_, type_) in enumerate(behavior.arguments):
        unit.line(f"x{slot} = {read_word('payload', slot, type_, coder).text}")
    coder.count_repeated(behavior.body, () if behavior.condition is None else (behavior.condition,))
    if behavior.condition is not None:
        holds = write(behavior.condition, coder)
        with unit.block(f"if not {holds.text}:"):
            unit.line("return 0")
    write_body(behavior.body, coder)
    return unit


def _locals(behavior: Behavior) -> dict[int, Kind]:
    """How the rule's names are held, by slot."""
    kinds: dict[int, Kind] = {slot: kind_of(type_) for slot, (_, type_) in enumerate(behavior.arguments)}
    for statement in statements(behavior.body):
        match statement:
            case AssignLocal():
                kinds.setdefault(statement.slot, kind_of(statement.value.type))
            case For():
                kinds[statement.slot] = "i"
            case Spawn() if statement.slot is not None:
                kinds[statement.slot] = "i"
    return kinds


def sample_unit(table: str) -> str:
    """The name of the unit that takes a sample of a table."""
    return f"sample {table}"


def write_sample(program: Program, table: SampleTable) -> Unit:
    """The unit that computes a row of a sample table into the words at ``payload``."""
    unit = Unit(sample_unit(table.name))
    coder = Coder(program, unit, WORLD, identity="0", occurrence="0")
    coder.count_repeated((), tuple(column.value for column in table.columns))
    for place, column in enumerate(table.columns):
        value = column.value
        written = aggregate(value, coder, NO_VALUE) if isinstance(value, Aggregate) else write(value, coder)
        store_word("payload", place, written, coder)
    return unit
