"""The generated code of a scenario, before it is compiled."""

from __future__ import annotations

from dataclasses import dataclass

from bustle.agents.build import World
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.model import Model
from bustle.sim.compiled.building import not_kept
from bustle.sim.compiled.generating import write_units
from bustle.sim.compiled.program import Program
from bustle.sim.compiled.unit import Unit
from bustle.sim.facts import Facts
from bustle.sim.plan.coupling import Coupling, coupling_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the compiled engine runs.

    Attributes:
        program: what the scenario's units share.
        units: the generated code, one unit a function.
    """

    program: Program
    units: list[Unit]

    @property
    def rules_to_compile(self) -> int:
        """How many units no earlier run has compiled."""
        return not_kept(self.units)


def prepare(model: Model, world: World, seed: int, coupling: Coupling | None = None) -> Prepared:
    """Write the code of a scenario.

    Raises:
        RunError: a population is written in Python.
    """
    facts = Facts(model)
    if facts.python_populations:
        names = ", ".join(facts.python_populations)
        raise RunError(f"agents written in Python ({names}) need the reference engine")
    program = Program(model, world, seed, facts, coupling_of(model, facts) if coupling is None else coupling)
    return Prepared(program, write_units(program))
