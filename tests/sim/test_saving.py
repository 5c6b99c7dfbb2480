"""A run that is taken up again at any pause goes on exactly as it would have."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from bustle.agents.build import build_world
from bustle.scenarios.model import Model
from bustle.scenarios.scenario import Scenario
from bustle.sim.compiled import engine as compiled_engine
from bustle.sim.compiled.engine import CompiledEngine
from bustle.sim.engines import make_engine
from tests.sim.engine_logs import Log, Recording, first_difference, log_of
from tests.sim.engines_agree import reference_log
from tests.sim.random_scenarios import random_scenario

HEAD = "scenario: test\nclock: {start: 2026-01-01, length: 6 days}\n"

SCENARIOS = {
    "islands": """
populations:
  a: {size: 40, attributes: {pace: "gamma(mean=2, shape=2) per day", x: 0.5}, states: {up: [down], down: [up]}}
events: {tick: {a: a, x: number}, fall: {a: a}}
behaviors:
  go:
    who: a
    rate: pace
    while: up
    do: |
      x = x + normal(mean=0, sd=1)
      emit tick(a=self, x=x)
      if x > 1:
          become(down)
  fall:
    who: a
    enters: down
    do: |
      emit fall(a=self)
      after 10 hours: rise()
  rise: {who: a, do: become(up)}
record:
  daily: {every: 1 day, columns: [x: mean(x for a), up: mean(state == up for a), n: count(a)]}
  then: {of: a, at: [0 days, 2 days, 6 days], columns: [id, x, state]}
""",
    "spawn and retire": """
populations:
  a: {size: 15, attributes: {age: 0, luck: "uniform(low=0, high=1)"}, states: {one: [two], two: []}}
events: {born: {who: a, parent: a, luck: number}, gone: {who: a}}
behaviors:
  breed:
    who: a
    rate: 0.3 per day
    do: |
      child = spawn(a)
      emit born(who=child, parent=self, luck=child.luck)
  grow: {who: a, every: 1 day, do: age += 1}
  turn: {who: a, when: age >= 2, do: become(two)}
  leave:
    who: a
    while: two
    every: exponential(mean=1 day)
    do: |
      emit gone(who=self)
      retire()
record:
  people: {of: a, at: [3 days], columns: [id, age, state]}
""",
    "interventions": """
parameters: {speed: {value: 2.0}, fee: {value: 1}}
world: {heat: 1.0}
populations: {a: {size: 20, attributes: {paid: 0.0}}}
events: {tick: {a: a, fee: number}}
behaviors:
  go:
    who: a
    rate: speed * heat * 1 per day
    do: |
      paid += fee
      emit tick(a=self, fee=fee)
  warm: {who: world, every: 9 hours, do: heat = heat * 1.05}
interventions:
  haste: {at: 1 days, until: 4 days, set: {speed: 5}}
  dear: {at: 0 days, until: 3 days, set: {fee: "fee + 3"}}
record:
  often: {every: 6 hours, columns: [paid: sum(paid for a), heat]}
""",
    "cancel": """
populations:
  a: {size: 25, attributes: {calls: 0}, links: {friend: pick(a)}}
events: {rang: {a: a, n: whole}}
behaviors:
  plan:
    who: a
    every: exponential(mean=8 hours)
    do: |
      after uniform(low=1, high=20) * 1 hour: ring(n=calls)
      after 2 hours: friend.ring(n=-1)
      if calls % 3 == 0:
          cancel(ring)
          friend.cancel(ring)
  ring:
    who: a
    arguments: {n: whole}
    do: |
      calls += 1
      emit rang(a=self, n=n)
  noon: {who: a, at: 12:00, do: calls += 1}
""",
    "texts and episodes": """
populations:
  a: {size: 12, attributes: {case: {value: none, type: episode}, place: '"north"'}}
events: {tick: {a: a, case: label episode, how: "category(chip, swipe)", at_: instant, place: text}}
behaviors:
  go:
    who: a
    rate: 3 per day
    do: |
      if case == none:
          case = episode()
          place = "south"
      else:
          case = none
          place = "north" if bernoulli(p=0.5) else "nowhere"
      emit tick(a=self, case=case, how=swipe if case == none else chip, at_=now + 1 hour, place=place)
record:
  ticks: {each: tick, columns: [time, a], labels: [case, why: behavior]}
""",
    "texts of interventions": """
parameters: {spot: {value: '"north"'}}
populations: {a: {size: 12, attributes: {place: '"home"'}}}
events: {tick: {a: a, place: text}}
behaviors:
  go:
    who: a
    rate: 2 per day
    do: |
      if bernoulli(p=0.2):
          place = spot
      emit tick(a=self, place=place)
interventions:
  away: {at: 1 days, until: 2 days, set: {spot: '"south"'}}
""",
    "at one instant": """
populations: {a: {size: 300, attributes: {n: 0}}}
events: {tick: {a: a, n: whole}}
world: {all: 0}
parameters: {step: {value: 1}}
behaviors:
  noon:
    who: a
    at: [0 days, 12:00]
    do: |
      n += step
      all += 1
      emit tick(a=self, n=n)
interventions:
  first: {at: 0 days, until: 12 hours, set: {step: "step + 1"}}
  later: {at: 36 hours, set: {step: "step * 2"}}
record:
  course: {every: 12 hours, columns: [all, step]}
  people: {of: a, at: [0 days, 12 hours, 6 days], columns: [id, n]}
""",
}


class Kept:
    """Everything that a run had given and saved at a pause, as it would come back from a disk."""

    def __init__(self, engine: CompiledEngine, written: list[tuple[Any, ...]]) -> None:
        arrays, values = engine.state()
        self.arrays = {name: np.frombuffer(array.tobytes(), array.dtype) for name, array in arrays.items()}
        self.values = json.loads(json.dumps(values))
        self.written = list(written)


class Sink(Recording):
    """A recording that can be begun with what an earlier run gave."""

    def __init__(self, before: list[tuple[Any, ...]] | None = None) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []
        for name, *arguments in before or ():
            getattr(self, name)(*arguments)

    def write(self, event: str, columns: Any) -> None:
        self.calls.append(("write", event, {name: np.array(column) for name, column in columns.items()}))
        super().write(event, columns)

    def write_sample(self, table: str, time: int, values: tuple[Any, ...]) -> None:
        self.calls.append(("write_sample", table, time, values))
        super().write_sample(table, time, values)

    def write_snapshot(self, table: str, time: int, population: str, columns: Any) -> None:
        copied = {name: np.array(column) for name, column in columns.items()}
        self.calls.append(("write_snapshot", table, time, population, copied))
        super().write_snapshot(table, time, population, columns)


def engine_of(model: Model, schedule: str | None, workers: int) -> CompiledEngine:
    world = build_world(model, model.seed)
    engine = make_engine(model, world, model.seed, engine="compiled", schedule=schedule, workers=workers)
    assert isinstance(engine, CompiledEngine)
    return engine


def pauses_of(model: Model, schedule: str | None, workers: int, most: int) -> tuple[Log, list[Kept]]:
    """A whole run, and what could have been kept at its pauses, at most ``most`` of them spread over the run."""
    engine, sink = engine_of(model, schedule, workers), Sink()
    kept: list[Kept] = []
    counts = engine.run(sink, between=lambda: kept.append(Kept(engine, sink.calls)))
    step = max(1, len(kept) // most)
    return Log(sink.tables(), counts), [*kept[:3], *kept[3::step], kept[-1]]


def taken_up(model: Model, schedule: str | None, workers: int, kept: Kept) -> Log:
    engine, sink = engine_of(model, schedule, workers), Sink(kept.written)
    engine.restore(kept.arrays, kept.values)
    counts = engine.run(sink)
    return Log(sink.tables(), counts)


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pauses in a small run."""
    monkeypatch.setattr(compiled_engine, "BUDGET", 37)
    monkeypatch.setattr(compiled_engine, "MOST_ROWS", 40)


def compare(model: Model, schedule: str | None, workers: int, most: int = 12) -> int:
    """Compare a run taken up at each of its pauses with the run; gives how many there were."""
    whole, kept = pauses_of(model, schedule, workers, most)
    assert first_difference(reference_log(model, model.seed), whole) == ""
    for one in kept:
        difference = first_difference(whole, taken_up(model, schedule, workers, one))
        assert difference == "", f"taken up at {one.values['now']}: {difference}"
    return len(kept)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", list(SCENARIOS))
def test_a_run_goes_on_the_same_from_every_pause(name: str, workers: int) -> None:
    model = Scenario.from_text(HEAD + SCENARIOS[name]).with_values(seed=4).model
    assert compare(model, None, workers) > 3


@pytest.mark.parametrize("name", ["islands", "interventions", "texts and episodes"])
def test_a_run_in_one_order_goes_on_the_same_from_every_pause(name: str) -> None:
    model = Scenario.from_text(HEAD + SCENARIOS[name]).with_values(seed=4).model
    assert compare(model, "global", 1) > 3


@pytest.mark.parametrize("number", range(12))
def test_random_scenarios_go_on_the_same(number: int) -> None:
    model = Scenario.from_text(random_scenario(number)).with_values(seed=number).model
    if not reference_log(model, number).error:
        compare(model, None, 1 + number % 3, most=4)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(12, 212, 20))
def test_many_random_scenarios_go_on_the_same(first: int) -> None:
    for number in range(first, first + 20):
        model = Scenario.from_text(random_scenario(number)).with_values(seed=number).model
        if not reference_log(model, number).error:
            compare(model, None, 1 + number % 3, most=4)


def test_a_run_that_fails_fails_in_the_same_way_when_it_is_taken_up() -> None:
    text = """
populations: {a: {size: 9, attributes: {left: 3}}}
events: {tick: {x: number}}
behaviors:
  go:
    who: a
    every: 1 day
    do: |
      emit tick(x=1 / left)
      left -= 1
"""
    model = Scenario.from_text(HEAD + text).model
    kept: list[Kept] = []
    engine, sink = engine_of(model, None, 1), Sink()
    with pytest.raises(Exception, match="division of 1 by zero") as first:
        engine.run(sink, between=lambda: kept.append(Kept(engine, sink.calls)))
    for one in kept[:: max(1, len(kept) // 5)]:
        again = engine_of(model, None, 1)
        again.restore(one.arrays, one.values)
        with pytest.raises(type(first.value)) as second:
            again.run(Sink())
        assert str(second.value) == str(first.value)


def test_what_is_missing_from_a_state_is_noticed() -> None:
    model = Scenario.from_text(HEAD + SCENARIOS["interventions"]).model
    _, kept = pauses_of(model, None, 1, 2)
    for name in kept[1].arrays:
        broken = {key: array for key, array in kept[1].arrays.items() if key != name}
        with pytest.raises(KeyError):
            engine_of(model, None, 1).restore(broken, kept[1].values)
    for name in kept[1].values:
        if name != "workers":
            with pytest.raises(KeyError):
                values = {key: value for key, value in kept[1].values.items() if key != name}
                engine_of(model, None, 1).restore(kept[1].arrays, values)


def test_a_lost_array_would_change_the_rest() -> None:
    """The comparison notices a state that is not whole: an attribute that was not put back."""
    model = Scenario.from_text(HEAD + SCENARIOS["islands"]).with_values(seed=4).model
    whole, kept = pauses_of(model, None, 1, 5)
    middle = kept[len(kept) // 2]
    middle.arrays = {
        name: np.zeros_like(array) if name == "column a x" else array for name, array in middle.arrays.items()
    }
    assert first_difference(whole, taken_up(model, None, 1, middle)) != ""


def test_log_of_is_what_taking_up_is_compared_with() -> None:
    model = Scenario.from_text(HEAD + SCENARIOS["islands"]).with_values(seed=4).model
    whole, _ = pauses_of(model, None, 1, 1)
    made = log_of(lambda model, world, seed: make_engine(model, world, seed, engine="compiled"), model, 4)
    assert first_difference(made, whole) == ""
