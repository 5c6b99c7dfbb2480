"""Units that begin things: winding clocks, and an agent's own instants."""

from __future__ import annotations

from bustle.scenarios.model import AtTrigger, Behavior, EveryTrigger, RateTrigger
from bustle.sim.compiled import records as r
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write
from bustle.sim.compiled.program import WORLD, Program
from bustle.sim.compiled.telling import begin_unit, keep_hazard, refuse_rate, time_word
from bustle.sim.compiled.unit import Unit, constant
from bustle.sim.dependents import changing_reads
from bustle.sim.problems import no_gap


def wind_unit(behavior: str) -> str:
    """The name of the unit that winds a clock."""
    return f"wind {behavior}"


def write_wind(program: Program, behavior: Behavior) -> Unit:
    """The unit that draws the gap of an agent's clock from ``now`` on, for the firing with a given number."""
    unit = Unit(wind_unit(behavior.name))
    coder = Coder(program, unit, behavior.who or WORLD)
    unit.line(f"identity = {coder.identity_of_acting()}")
    who = coder.population(coder.who)
    clock = unit.let(f"agenda_of({who}, agent) + 8 * {unit.word('clock', behavior.name)}", "i").text
    match behavior.trigger:
        case EveryTrigger():
            _gap(behavior, behavior.trigger, clock, coder)
        case RateTrigger():
            _hazard(behavior, behavior.trigger, clock, coder)
        case _:
            raise TypeError(f"{behavior.name} has no clock")
    return unit


def _gap(behavior: Behavior, trigger: EveryTrigger, clock: str, coder: Coder) -> None:
    unit = coder.unit
    coder.count_repeated((), (trigger.gap,))
    gap = unit.value(write(trigger.gap, coder).as_float(), "f").text
    unit.fail_if(f"{gap} != {gap}", constant(no_gap(behavior.name, trigger.gap.span)))
    time = unit.let(str(r.NEVER), "i").text
    with unit.block(f"if {gap} < {float(r.NEVER)!r}:"):
        if trigger.rhythms:
            unit.line(f"{time} = advance_time(now, {gap}, {time_word(trigger.rhythms, coder)})")
        else:
            unit.line(f"{time} = now + max(1, whole(rint(max({gap}, -1.0))))")
    unit.line(f"put_i64({clock}, {r.DUE}, {time})")


def _hazard(behavior: Behavior, trigger: RateTrigger, clock: str, coder: Coder) -> None:
    unit = coder.unit
    rate = unit.value(write(trigger.rate, coder).as_float(), "f").text
    refuse_rate(behavior, rate, trigger, coder)
    hazard = unit.let(f"new_hazard({coder.key(f'{behavior.name}.clock')}, identity, occurrence)", "f").text
    time = f"time_of_hazard(now, {hazard}, {rate}, {time_word(trigger.rhythms, coder)})"
    unit.line(f"put_i64({clock}, {r.DUE}, {time})")
    if changing_reads(behavior, coder.program.facts):
        keep_hazard(clock, hazard, rate, coder)


def write_begin(program: Program, behavior: Behavior) -> Unit:
    """The unit that plans an agent's instants, those from ``payload`` on."""
    assert isinstance(behavior.trigger, AtTrigger)
    unit = Unit(begin_unit(behavior.name))
    coder = Coder(program, unit, behavior.who or WORLD, occurrence="0")
    unit.line(f"identity = {coder.identity_of_acting()}")
    instants = behavior.trigger.instants
    coder.count_repeated((), instants)
    room = unit.let(f"reserve({unit.context}, {len(instants)})", "i").text if instants else "0"
    for place, instant in enumerate(instants):
        unit.line(f"put_i64({room}, {place}, {write(instant, coder).as_whole()})")
    number = unit.word("behavior", behavior.name)
    unit.line(f"begin_instants({unit.context}, {number}, agent, {room}, {len(instants)}, payload)")
    return unit
