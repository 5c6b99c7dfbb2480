"""The plan of a run: how agents depend on each other, the schedule, the engine, and what the run takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bustle.scenarios.model import After, Const
from bustle.sim.facts import Facts
from bustle.sim.plan.coupling import WORLD, Coupling, coupling_of
from bustle.sim.plan.estimate import Estimate, estimate
from bustle.sim.plan.schedule import Schedule, best_schedule, legal_schedules
from bustle.sim.plan.timing import Seconds, seconds_of
from bustle.sim.reads import statements

if TYPE_CHECKING:
    from bustle.agents.build import World
    from bustle.scenarios.model import Model


@dataclass(frozen=True, slots=True)
class Plan:
    """How a scenario will be run.

    Attributes:
        coupling: how agents depend on each other.
        constant: attributes that no rule changes, by population.
        schedules: the schedules that are legal.
        schedule: the one to use.
        why_schedule: why.
        lookahead: microseconds that a population may run ahead of what others do to it, by population; the run's
            length where nobody does anything to it.
        engine: the engine that finishes first, ``reference`` or ``compiled``.
        why_engine: why.
        seconds: how long each engine would take.
        estimate: what the run takes and gives.
    """

    coupling: Coupling
    constant: dict[str, tuple[str, ...]]
    schedules: tuple[Schedule, ...]
    schedule: Schedule
    why_schedule: str
    lookahead: dict[str, int]
    engine: str
    why_engine: str
    seconds: Seconds
    estimate: Estimate

    def shards(self, workers: int) -> int:
        """Into how many shards ``workers`` threads divide the independent agents."""
        return workers if self.schedule == "windows" else 1

    def to_dict(self, workers: int = 1) -> dict[str, object]:
        """The plan as JSON-ready values; durations in seconds.

        Args:
            workers: threads, for the number of shards.
        """
        return {
            "engine": self.engine,
            "why_engine": self.why_engine,
            "schedule": self.schedule,
            "why_schedule": self.why_schedule,
            "schedules": list(self.schedules),
            "workers": workers,
            "shards": self.shards(workers) if self.engine == "compiled" else 1,
            "islands": sorted(self.coupling.islands),
            "barriers": sorted(self.coupling.barriers),
            "coupled": dict(self.coupling.reasons),
            "lookahead_seconds": {name: time / 1e6 for name, time in self.lookahead.items()},
            "constant": {name: list(attributes) for name, attributes in self.constant.items()},
            "touches": {
                name: {
                    "reads": _places(touches.reads_own, "own ") + _places(touches.reads_others),
                    "writes": _places(touches.writes_own, "own ") + _places(touches.writes_others),
                    "adds": _places(touches.adds_others),
                    "sets_off": sorted(who or "world" for who in touches.affects),
                }
                for name, touches in self.coupling.touches.items()
            },
            "seconds": {
                "reference": self.seconds.reference,
                "compiled": None if self.seconds.compiled == float("inf") else self.seconds.compiled,
            },
        }


def _places(places: frozenset[tuple[str, str]], prefix: str = "") -> list[str]:
    return [f"{prefix}{population or 'world'}.{name}" for population, name in sorted(places)]


def plan_of(model: Model, world: World | None = None, *, rules: int = 0) -> Plan:
    """How ``model`` will be run.

    Args:
        model: the checked scenario, with the values, length and scale of the run.
        world: its world; a smaller one is made for the estimate if not given.
        rules: functions that must be compiled before the compiled engine can run.

    Raises:
        RunError: the scenario's agents or networks cannot be made.
    """
    facts = Facts(model)
    coupling = coupling_of(model, facts)
    found = estimate(model, world)
    islands = sum(found.populations[name] for name in coupling.islands)
    acting = sum(
        found.firings[name].number for name, behavior in model.behaviors.items() if behavior.who in coupling.islands
    )
    barriers = sum(found.firings[name].number for name in coupling.barriers)
    schedule, why = best_schedule(coupling, islands=islands, firings=acting, barriers=barriers)
    firings = sum(amount.number for amount in found.firings.values())
    agents = sum(found.populations.values())
    seconds = seconds_of(
        firings, agents, rules, in_windows=schedule == "windows", compilable=not facts.python_populations
    )
    engine, why_engine = _engine(facts, seconds)
    constant = {
        name: tuple(a.name for a in population.attributes if not facts.writes_attribute(name, a.name))
        for name, population in model.populations.items()
        if not facts.python_populations
    }
    lookahead = _lookahead(model, coupling)
    return Plan(
        coupling, constant, legal_schedules(coupling), schedule, why, lookahead, engine, why_engine, seconds, found
    )


def _engine(facts: Facts, seconds: Seconds) -> tuple[str, str]:
    """The engine that finishes first, and why."""
    if facts.python_populations:
        return "reference", f"agents written in Python: {', '.join(facts.python_populations)}"
    both = f"about {_time(seconds.compiled)} compiled, {_time(seconds.reference)} in the reference engine"
    return ("compiled", both) if seconds.compiled <= seconds.reference else ("reference", both)


def _time(seconds: float) -> str:
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 3 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:,.1f} s"


def _lookahead(model: Model, coupling: Coupling) -> dict[str, int]:
    """How long the agents of each acting population may run before anybody else can influence them.

    The whole run where nobody does; the shortest delay where others only call them with constant delays; else a
    microsecond, since what one agent causes elsewhere comes at least that much later.
    """
    acting = dict.fromkeys(b.who for b in model.behaviors.values() if b.who is not None)
    if any(population.python_class is not None for population in model.populations.values()):
        return dict.fromkeys(acting, 1)
    return {population: _shortest_influence(population, model, coupling) for population in acting}


def _shortest_influence(population: str, model: Model, coupling: Coupling) -> int:
    seen = frozenset().union(
        *(coupling.touches[name].reads_others for name, b in model.behaviors.items() if b.who == population)
    )
    shortest = model.clock.length
    for name, behavior in model.behaviors.items():
        touches = coupling.touches[name]
        written = touches.writes_others if behavior.who == population else touches.writes
        if touches.writes & seen or any(place[0] == population for place in written):
            return 1
        if population in touches.affects:
            calls = [
                s.delay
                for s in statements(behavior.body)
                if isinstance(s, After) and (model.behaviors[s.behavior].who or WORLD) == population
            ]
            delays = [d.value for d in calls if isinstance(d, Const) and isinstance(d.value, int | float)]
            if not calls or len(delays) < len(calls):
                return 1
            shortest = min(shortest, max(1, round(min(delays))))
    return shortest
