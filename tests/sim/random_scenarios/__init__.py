"""Random scenarios that together cover the language, for comparing engines.

`random_scenario` writes one from a number. It needs no files and no Python classes, its populations are small, and a
run takes the reference engine a fraction of a second. A few end with an error of the run, as they are meant to.
"""

from __future__ import annotations

from bustle.scenarios.written import dump
from tests.sim.random_scenarios import behaviors, people, tables, times
from tests.sim.random_scenarios.cast import Cast
from tests.sim.random_scenarios.dice import Dice
from tests.sim.random_scenarios.expressions import Expressions
from tests.sim.random_scenarios.flows import is_bounded

__all__ = ["random_scenario"]


def random_scenario(number: int) -> str:
    """The text of the scenario that belongs to a number; a third of them have agents that keep to themselves."""
    attempt = 0
    while (text := _scenario(number, attempt)) is None:
        attempt += 1
    return text


def _scenario(number: int, attempt: int) -> str | None:
    """One attempt; None if what was written may go on without end."""
    dice = Dice(number + 1_000_003 * attempt)
    clock, length, dates = times.clock(dice)
    cast = Cast(length, str(clock["start"]), dates=dates, is_closed=dice.chance(0.6), is_punctual=dice.chance(0.3))
    e = Expressions(dice, cast)
    independent, is_dangerous = dice.chance(0.4), dice.chance(0.1)
    sections: dict[str, object] = {"scenario": f"random_{number}", "clock": clock}
    sections["parameters"] = people.parameters(e)
    sections["world"] = people.world(e)
    sections["populations"] = people.populations(e, independent)
    sections["networks"] = people.networks(e)
    e.rhythms = times.rhythms(e)
    sections["rhythms"] = e.rhythms
    sections["events"] = behaviors.events(e)
    sections["interventions"] = times.interventions(e)
    sections["behaviors"] = behaviors.behaviors(e, is_dangerous)
    sections["record"] = tables.tables(e)
    return dump({key: section for key, section in sections.items() if section}) if is_bounded(cast) else None
