"""Telling those who depend on a value that it has changed: clocks whose rate reads it, conditions that are watched."""

from __future__ import annotations

from bustle.scenarios.model import Behavior, RateTrigger, WhenTrigger
from bustle.sim.compiled import records as r
from bustle.sim.compiled.coder import Coder
from bustle.sim.compiled.expressions import write
from bustle.sim.compiled.program import WORLD, Program
from bustle.sim.compiled.unit import Unit
from bustle.sim.dependents import Dependent
from bustle.sim.problems import no_rate
from bustle.sim.reads import LinkHop


def changed_unit(*what: str) -> str:
    """The name of the unit that tells who depends on a value."""
    return f"changed {' '.join(what)}"


def told_unit(behavior: str) -> str:
    """The name of the unit by which an agent's clock or condition is told."""
    return f"told {behavior}"


def write_changed(program: Program, what: tuple[str, ...]) -> Unit:
    """The unit that tells everybody who depends on a value; its agent is the one whose value has changed."""
    unit = Unit(changed_unit(*what))
    for dependent in program.dependents[what]:
        _tell(dependent, Coder(program, unit, WORLD))
    return unit


def _tell(dependent: Dependent, coder: Coder) -> None:
    unit, behavior, path = coder.unit, dependent.behavior, dependent.path
    told = unit.word("unit", told_unit(behavior.name))
    who = behavior.who or WORLD

    def tell(agent: str) -> None:
        unit.check(f"invoke({unit.context}, {told}, {agent}, 0, now, 0)")

    def back(agent: str, hops: tuple[LinkHop, ...]) -> None:
        """Walk the links backwards, from the agent whose value has changed to those who look at it."""
        if not hops:
            tell(agent)
            return
        hop = hops[-1]
        first, following = (unit.word("chain", hop.population, hop.link, part) for part in ("first", "next"))
        member = unit.let(f"get_i64({first}, {agent})", "i").text
        with unit.block(f"while {member} > 0:"):
            back(unit.let(f"{member} - 1", "i").text, hops[:-1])
            unit.line(f"{member} = get_i64({following}, {member} - 1)")

    hops = None if path is None else tuple(hop for hop in path if isinstance(hop, LinkHop))
    if hops is not None and path is not None and len(hops) == len(path) and unit.name.startswith("changed attribute"):
        back("agent", hops)
        return
    one = unit.let("0", "i").text
    with unit.block(f"while {one} < {coder.size(who)}:"):
        tell(one)
        unit.line(f"{one} += 1")


def write_told(program: Program, behavior: Behavior) -> Unit:
    """The unit that looks again at an agent's rate or condition, after something that it reads was written."""
    unit = Unit(told_unit(behavior.name))
    coder = Coder(program, unit, behavior.who or WORLD)
    match behavior.trigger:
        case RateTrigger():
            _rate_told(behavior, behavior.trigger, coder)
        case WhenTrigger():
            _condition_told(behavior, behavior.trigger, coder)
        case _:
            raise TypeError(f"{behavior.name} depends on nothing")
    return unit


def _rate_told(behavior: Behavior, trigger: RateTrigger, coder: Coder) -> None:
    """The hazard that is left passes at the new rate; nothing is drawn."""
    unit = coder.unit
    who = coder.population(coder.who)
    clock = unit.let(f"agenda_of({who}, agent) + 8 * {unit.word('clock', behavior.name)}", "i").text
    with unit.block(f"if get_i64({clock}, {r.DUE}) == {r.NONE}:"):
        unit.line("return 0")
    rate = write(trigger.rate, coder).as_float()
    former = unit.let(f"get_f64({clock}, {r.RATE})", "f").text
    with unit.block(f"if {rate} == {former}:"):
        unit.line("return 0")
    refuse_rate(behavior, rate, trigger, coder)
    time = time_word(trigger.rhythms, coder)
    hazard = unit.let(
        f"hazard_left(get_f64({clock}, {r.HAZARD}), get_i64({clock}, {r.SINCE}), now, {former}, {time})", "f"
    ).text
    unit.line(f"put_i64({clock}, {r.DUE}, time_of_hazard(now, {hazard}, {rate}, {time}))")
    keep_hazard(clock, hazard, rate, coder)
    unit.line(f"refresh({unit.context}, {who}, agent)")


def keep_hazard(clock: str, hazard: str, rate: str, coder: Coder) -> None:
    """Note in an agenda what a clock needs when its rate changes."""
    coder.unit.line(f"put_f64({clock}, {r.HAZARD}, {hazard})")
    coder.unit.line(f"put_i64({clock}, {r.SINCE}, now)")
    coder.unit.line(f"put_f64({clock}, {r.RATE}, {rate})")


def refuse_rate(behavior: Behavior, rate: str, trigger: RateTrigger, coder: Coder) -> None:
    """End the run where a rate is not a finite number."""
    name, span = behavior.name, trigger.rate.span
    coder.unit.fail_if(
        f"not (-math.inf < {rate} and {rate} < math.inf)", lambda reals, _: no_rate(name, reals[0], span), (rate,)
    )


def time_word(rhythms: tuple[str, ...], coder: Coder) -> str:
    """The address of the operational time of some rhythms (see `bustle.sim.compiled.timing`)."""
    return coder.unit.word("time", rhythms)


def _condition_told(behavior: Behavior, trigger: WhenTrigger, coder: Coder) -> None:
    unit = coder.unit
    if coder.program.facts.may_retire(coder.who):
        with unit.block(f"if get_i64({unit.word('retired', coder.who)}, agent) != {r.ALIVE}:"):
            unit.line("return 0")
    known = unit.word("known", behavior.name)
    with unit.block(f"if get_i8({known}, agent) == 2:"):
        unit.line("return 0")
    holds = unit.let(f"int({write(trigger.condition, coder).text})", "i").text
    with unit.block(f"if {holds} != get_i8({known}, agent):"):
        unit.line(f"put_i8({known}, agent, {holds})")
        with unit.block(f"if {holds} == 1:"):
            number = unit.word("behavior", behavior.name)
            unit.line(f"schedule({unit.context}, {number}, agent, now + 1, {r.TRIGGERED}, 0)")


def write_known(program: Program, behavior: Behavior) -> Unit:
    """The unit that notes what is true of an agent when it is first looked at: it is known, so it does not fire."""
    assert isinstance(behavior.trigger, WhenTrigger)
    unit = Unit(begin_unit(behavior.name))
    coder = Coder(program, unit, behavior.who or WORLD)
    holds = write(behavior.trigger.condition, coder).text
    unit.line(f"put_i8({unit.word('known', behavior.name)}, agent, int({holds}))")
    return unit


def begin_unit(behavior: str) -> str:
    """The name of the unit that begins an agent's instants or condition."""
    return f"begin {behavior}"
