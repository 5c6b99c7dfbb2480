"""All units of a scenario: what must be compiled before it can run."""

from __future__ import annotations

from bustle.scenarios.model import AtTrigger, EveryTrigger, RateTrigger, SampleTable, WhenTrigger
from bustle.sim.compiled.bodies import write_body_unit, write_sample
from bustle.sim.compiled.clocks import write_begin, write_wind
from bustle.sim.compiled.fetching import write_fetch
from bustle.sim.compiled.program import Program
from bustle.sim.compiled.spawning import write_spawn
from bustle.sim.compiled.telling import write_changed, write_known, write_told
from bustle.sim.compiled.unit import Unit
from bustle.sim.dependents import changing_reads


def write_units(program: Program) -> list[Unit]:
    """The generated code of a scenario, one unit a function."""
    model = program.model
    units = [write_body_unit(program, behavior) for behavior in model.behaviors.values()]
    for behavior in model.behaviors.values():
        match behavior.trigger:
            case RateTrigger() | EveryTrigger():
                units.append(write_wind(program, behavior))
            case AtTrigger():
                units.append(write_begin(program, behavior))
            case WhenTrigger():
                units.append(write_known(program, behavior))
        if isinstance(behavior.trigger, RateTrigger | WhenTrigger) and changing_reads(behavior, program.facts):
            units.append(write_told(program, behavior))
    units += [write_changed(program, what) for what in program.dependents]
    units += [
        write_spawn(program, model.populations[name]) for name in model.populations if name in program.facts.growing
    ]
    units += filter(None, (write_fetch(program, name) for name in sorted(program.coupling.islands)))
    units += [write_sample(program, table) for table in model.tables.values() if isinstance(table, SampleTable)]
    return units
