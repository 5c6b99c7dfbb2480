"""How ``emit`` writes a row into the context's buffer, and sets off the behaviors that wait for the event.

A row is a record of words: time, behavior, agent, occurrence, index and the event's fields, each in a word of its own.
"""

from __future__ import annotations

from bustle.outputs.missing import NO_VALUE, is_whole
from bustle.scenarios.model import Behavior, Emit, EventField, OnTrigger, Self
from bustle.scenarios.types import Bool, Quantity, Type
from bustle.sim.compiled import records as r
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import held, store_word, write
from bustle.sim.compiled.program import WORLD
from bustle.sim.compiled.unit import Value, constant, kind_of
from bustle.sim.problems import too_many_rows

KEYS = ("time", "behavior", "agent", "occurrence", "index")
"""The words every row begins with."""

EMITTED = "emitted"
"""The name that counts a firing's emissions."""


def emit(statement: Emit, coder: Coder) -> None:
    """Write an ``emit``: the row, then calls of those who wait for it."""
    unit, model = coder.unit, coder.program.model
    fields = model.events[statement.event].fields
    behavior = unit.name.removeprefix("body of ")
    index = unit.let(EMITTED, "i").text
    unit.line(f"{EMITTED} += 1")
    declared = [field for field in fields if field.captured is None]
    values = [
        Value(held(write(value, coder), kind_of(field.type)), kind_of(field.type))
        for field, value in zip(declared, statement.values, strict=True)
    ]
    code = unit.word("behavior code", behavior)
    acting = "-1" if coder.who == WORLD else "agent"
    row: dict[str, Value] = {
        "time": Value("now", "i"),
        "behavior": Value(unit.word("behavior text", behavior), "i"),
        **{field.name: value for field, value in zip(declared, values, strict=True)},
    }
    values += [_captured(field, row, coder) for field in fields if field.captured is not None]
    buffer, count = unit.word("rows", statement.event), unit.word("row count", statement.event)
    width = len(KEYS) + len(fields)
    place = unit.let(f"get_i64({count}, 0)", "i").text
    unit.fail_if(f"{place} >= {unit.word('row room')}", constant(too_many_rows(statement.event)))
    record = unit.let(f"{buffer} + {8 * width} * {place}", "i").text
    for word, text in enumerate(("now", code, acting, "occurrence", index)):
        unit.line(f"put_i64({record}, {word}, {text})")
    for word, value in enumerate(values, len(KEYS)):
        store_word(record, word, value, coder)
    unit.line(f"put_i64({count}, 0, {place} + 1)")
    names = [field.name for field in fields]
    for listener in coder.program.listeners[statement.event]:
        _call(listener, statement, dict(zip(names, values, strict=True)) | _keys(row, names), coder)


def _keys(row: dict[str, Value], names: list[str]) -> dict[str, Value]:
    return {key: row[key] for key in ("time", "behavior") if key not in names}


def _captured(field: EventField, row: dict[str, Value], coder: Coder) -> Value:
    """A captured field: what it finds of the new row, or what stands for nothing where it meets none on the way."""
    assert field.captured is not None
    unit, kind = coder.unit, kind_of(field.type)
    result = unit.let(_missing(field.type), kind)
    outer = coder.row, coder.soft
    coder.row, coder.soft = row, True
    with unit.block("while True:"):
        unit.line(f"{result.text} = {held(write(field.captured, coder), kind)}")
        unit.line("break")
    coder.row, coder.soft = outer
    return result


def _missing(type_: Type) -> str:
    match type_:
        case Quantity() if not type_.held_whole:
            return "math.nan"
        case Bool():
            return "False"
        case _:
            return str(NO_VALUE if is_whole(type_) else -1)


def _call(listener: Behavior, statement: Emit, row: dict[str, Value], coder: Coder) -> None:
    """Let a behavior fire one microsecond after the event."""
    assert isinstance(listener.trigger, OnTrigger)
    unit = coder.unit
    fields = coder.program.fields_read(listener)
    who = listener.who or WORLD

    def call(agent: str, *, own: bool) -> None:
        if not own:
            coder.reach(who, agent)
        number = unit.word("behavior", listener.name)
        room = unit.let(
            f"schedule({unit.context}, {number}, {agent}, now + 1, {r.TRIGGERED}, {max(1, len(fields))})", "i"
        ).text
        if fields:
            with unit.block(f"if {room} != 0:"):
                for place, name in enumerate(fields):
                    store_word(room, place, row[name], coder)

    role = listener.trigger.role
    if role is not None:
        event = coder.program.model.events[statement.event]
        place = [field.name for field in event.fields].index(role)
        with unit.block(f"if {row[role].text} >= 0:"):
            call(row[role].text, own=isinstance(statement.values[place], Self))
    elif who == WORLD:
        call("0", own=False)
    else:
        one = unit.let("0", "i").text
        everybody = unit.let(coder.size(who), "i").text
        with unit.block(f"while {one} < {everybody}:"):
            call(one, own=False)
            unit.line(f"{one} += 1")
