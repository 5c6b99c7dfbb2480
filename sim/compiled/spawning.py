"""How agents are made in compiled code: one unit a population, called by every ``spawn`` of it.

The caller evaluates what is given and hands it over in a list of words: which columns are given (bits, in the order of
the columns), then room for the new index, then one word a column.
"""

from __future__ import annotations

from bustle.scenarios.model import AtTrigger, EveryTrigger, Expr, Population, RateTrigger, Spawn, WhenTrigger
from bustle.sim.births import STATE, in_order, sources_of
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import read, read_word, store, store_word, write
from bustle.sim.compiled.program import Program
from bustle.sim.compiled.telling import begin_unit
from bustle.sim.compiled.unit import Unit, Value, constant
from bustle.sim.problems import no_room

GIVEN, INDEX, VALUES = 0, 1, 2
"""Words of the list: which columns are given, the index of the new agent, the columns."""


def spawn_unit(population: str) -> str:
    """The name of the unit that makes agents of a population."""
    return f"spawn {population}"


def spawn(statement: Spawn, coder: Coder) -> None:
    """Write a ``spawn``."""
    unit = coder.unit
    columns = list(sources_of(coder.program.model.populations[statement.population]))
    values = [(name, write(value, coder)) for name, value in statement.values]
    repetition = coder.repetition(statement.purpose, None)
    identity = unit.let(
        f"spawn_identity({coder.key(statement.purpose)}, {coder.identity}, {coder.occurrence}, {repetition})", "i"
    ).text
    room = unit.let(f"reserve({unit.context}, {VALUES + len(columns)})", "i").text
    unit.line(f"put_i64({room}, {GIVEN}, {sum(1 << columns.index(name) for name, _ in values)})")
    for name, value in values:
        store_word(room, VALUES + columns.index(name), _as_column(value, statement.population, name, coder), coder)
    number = unit.word("unit", spawn_unit(statement.population))
    unit.check(f"invoke({unit.context}, {number}, 0, {identity}, now, {room})")
    if statement.slot is not None:
        unit.line(f"{coder.locals[statement.slot].text} = get_i64({room}, {INDEX})")


def _as_column(value: Value, population: str, name: str, coder: Coder) -> Value:
    from bustle.sim.compiled.expressions import held
    from bustle.sim.compiled.unit import kind_of

    kind = kind_of(coder.program.attribute_type(population, name))
    return Value(held(value, kind), kind)


def write_spawn(program: Program, population: Population) -> Unit:
    """The unit that makes an agent of ``population``; ``occurrence`` is its identity."""
    unit = Unit(spawn_unit(population.name))
    name = population.name
    coder = Coder(program, unit, name, me="new", identity="occurrence", occurrence="0")
    unit.line(f"new = {coder.size(name)}")
    unit.fail_if(f"new >= {unit.word('room', name)}", constant(no_room(name)))
    unit.line(f"prepare({unit.context}, {coder.population(name)}, new, now)")
    unit.line(f"put_i64({unit.word('identity', name)}, new, occurrence)")
    sources = sources_of(population)
    places = {column: place for place, column in enumerate(sources)}
    given = unit.let(f"get_i64(payload, {GIVEN})", "i").text
    for column, place in places.items():
        with unit.block(f"if {given} & {1 << place} != 0:"):
            type_ = program.attribute_type(name, column)
            store(coder.column(name, column), "new", read_word("payload", VALUES + place, type_, coder), type_, coder)
    _correlate(population, coder)
    for column in in_order(sources):
        with unit.block(f"if {given} & {1 << places[column]} == 0:"):
            coder.counts = {}
            value = _sampled(population, column, sources[column], coder)
            store(coder.column(name, column), "new", value, program.attribute_type(name, column), coder)
    unit.line(f"put_i64({coder.population(name)}, 0, new + 1)")
    if name in program.tallied:
        unit.line(f"count_state({coder.population(name)}, new, get_i32({coder.column(name, STATE)}, new), 1)")
    for link in population.links:
        parts = (unit.word("chain", name, link.name, part) for part in ("first", "next", "last"))
        target = unit.let(f"get_i64({coder.column(name, link.name)}, new)", "i").text
        with unit.block(f"if {target} >= 0:"):
            unit.line(f"join_chain({', '.join(parts)}, {target}, new)")
    _begin(population, coder)
    unit.line(f"refresh({unit.context}, {coder.population(name)}, new)")
    unit.line(f"put_i64(payload, {INDEX}, new)")
    return unit


def _correlate(population: Population, coder: Coder) -> None:
    """Let the host compute the probabilities of correlated attributes."""
    if not population.correlations:
        return
    unit = coder.unit
    purposes = coder.program.correlated[population.name]
    room = unit.let(f"reserve({unit.context}, {1 + len(purposes)})", "i").text
    unit.line(f"put_i64({room}, 0, occurrence)")
    unit.line(f"call_host({unit.word('host', 'copula', population.name)}, {room}, {len(purposes)})")
    for place, purpose in enumerate(purposes):
        coder.quantiles[purpose] = unit.let(f"get_f64({room}, {place})", "f").text


def _sampled(population: Population, column: str, source: Expr | None, coder: Coder) -> Value:
    unit = coder.unit
    fed = {fed.attribute: fed.column for fed in population.file_columns}
    if column in fed:
        return _from_file(population, column, fed[column], coder)
    if source is not None:
        coder.count_repeated((), (source,))
        return write(source, coder)
    if column == STATE:
        return Value("0", "i")
    target = next(link.population for link in population.links if link.name == column)
    return unit.let(f"new if new < {coder.size(target)} else -1", "i")


def _from_file(population: Population, attribute: str, column: str, coder: Coder) -> Value:
    """A column of the population's file: all columns of an agent come from one row."""
    unit = coder.unit
    key = coder.key(f"{population.name}.from_file")
    size = unit.word("rows of file", population.name)
    place = unit.let(f"whole(uniform01({key}, occurrence, 0, 0) * {size})", "i").text
    if population.size is None:
        with unit.block(f"if new < {size}:"):
            unit.line(f"{place} = new")
    type_ = population.attribute(attribute).type
    return read(unit.word("column of file", population.name, attribute, column), place, type_, coder)


def _begin(population: Population, coder: Coder) -> None:
    """Start the new agent's clocks, instants and conditions."""
    unit = coder.unit
    for behavior in coder.program.model.behaviors.values():
        if behavior.who != population.name:
            continue
        number = unit.word("behavior", behavior.name)
        match behavior.trigger:
            case RateTrigger() | EveryTrigger():
                states = coder.program.facts.allowed_states(behavior)
                if states is None:
                    unit.check(f"start_clock({unit.context}, {number}, new, now)")
                    continue
                state = unit.let(f"get_i32({coder.column(population.name, STATE)}, new)", "i").text
                runs = " or ".join(f"{state} == {code}" for code in sorted(states)) or "False"
                with unit.block(f"if {runs}:"):
                    unit.check(f"start_clock({unit.context}, {number}, new, now)")
            case AtTrigger():
                begin = unit.word("unit", begin_unit(behavior.name))
                unit.check(f"invoke({unit.context}, {begin}, new, 0, now, now + 1)")
            case WhenTrigger():
                begin = unit.word("unit", begin_unit(behavior.name))
                unit.check(f"invoke({unit.context}, {begin}, new, 0, now, 0)")
