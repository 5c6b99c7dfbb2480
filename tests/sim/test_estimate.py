from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bustle.agents.build import build_world
from bustle.scenarios.model import Model
from bustle.scenarios.scenario import Scenario
from bustle.sim.plan import estimate as estimating
from bustle.sim.plan.amounts import NOTHING, UNKNOWN, Amount, either, total
from bustle.sim.plan.estimate import Estimate, estimate
from bustle.sim.plan.footprint import FEATURE_TRAIL_BYTES
from bustle.sim.reference.engine import ReferenceEngine

HEAD = "scenario: test\nclock: {start: 2026-01-05, length: 20 days}\n"


def model_of(sections: str, **values: Any) -> Model:
    return Scenario.from_text(HEAD + sections).with_values(**values).model


class Nowhere:
    """A sink that keeps nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def counts(model: Model, seed: int) -> dict[str, int]:
    return dict(ReferenceEngine(model, build_world(model, seed), seed).run(Nowhere()).events)


# --- amounts


def test_an_amount_says_in_which_direction_it_may_be_wrong() -> None:
    assert Amount(5).kind == "expected"
    assert Amount(5).at_most().kind == "at most"
    assert Amount(5).at_least().kind == "at least"
    assert (Amount(5).at_most() + UNKNOWN).kind == "about"
    assert (UNKNOWN * 3).kind == "unknown"
    assert UNKNOWN.to_dict() == {"number": None, "kind": "unknown"}
    assert total([Amount(2), Amount(3).at_most()]) == Amount(5, less=True)
    assert either(Amount(1), Amount(1)) == Amount(1)
    assert either(Amount(1), NOTHING) == Amount(1, less=True)
    assert UNKNOWN * NOTHING == NOTHING
    assert (Amount(123_456).rounded(), Amount(12.4).rounded(), UNKNOWN.rounded()) == (123_000, 12, None)


# --- what the run then does


CLOCKS = """
rhythms:
  daily: {hours: [1,1,1,1,1,1,1,1,3,3,3,3,3,3,3,3,3,3,1,1,1,1,1,1]}
populations:
  person:
    size: 300
    attributes: {pace: "gamma(mean=1.2, shape=2) per day", patience: "uniform(low=1, high=4)"}
events:
  walk: {who: person}
  meal: {who: person}
  bill: {who: person}
  echo: {who: person}
  bell: {}
  note: {who: person}
behaviors:
  walk: {who: person, rate: pace, rhythm: daily, do: emit walk(who=self)}
  eat:
    who: person
    every: exponential(mean=patience * 1 day)
    do: |
      emit meal(who=self)
      after 1 hour: pay()
  pay: {who: person, do: emit bill(who=self)}
  follow: {who: person, on: walk as who, do: "emit echo(who=self)"}
  ring: {who: world, every: 6 hours, do: emit bell()}
  write: {who: person, at: [2026-01-06 12:00, 25 days, 3 days, 3 days], do: emit note(who=self)}
"""


@pytest.fixture(scope="module")
def clocks() -> tuple[Model, Estimate, dict[str, list[int]]]:
    model = model_of(CLOCKS)
    runs = [counts(model, seed) for seed in range(3)]
    return model, estimate(model), {name: [run[name] for run in runs] for name in runs[0]}


@pytest.mark.parametrize("event", ["walk", "meal", "bill", "echo", "bell", "note"])
def test_expected_events_are_what_runs_give(clocks: tuple[Model, Estimate, dict[str, list[int]]], event: str) -> None:
    _, expected, happened = clocks
    amount = expected.events[event]
    assert amount.kind == "expected"
    spread = 3 * np.sqrt(amount.number / 3) + 0.02 * amount.number
    assert abs(np.mean(happened[event]) - amount.number) <= spread


def test_clocks_without_chance_are_exact(clocks: tuple[Model, Estimate, dict[str, list[int]]]) -> None:
    _, expected, happened = clocks
    assert happened["bell"] == [round(expected.events["bell"].number)] * 3 == [79] * 3
    assert happened["note"] == [round(expected.events["note"].number)] * 3 == [600] * 3


def test_firings_follow_from_what_starts_them(clocks: tuple[Model, Estimate, dict[str, list[int]]]) -> None:
    _, expected, _ = clocks
    assert expected.firings["pay"] == expected.firings["eat"]
    assert expected.firings["follow"] == expected.events["walk"]
    assert expected.all_events.number == pytest.approx(sum(a.number for a in expected.events.values()))


# --- what only the run shows


STATES = """
populations:
  person:
    size: 100
    states: {well: [ill], ill: [well]}
events: {fall: {who: person}, cough: {who: person}, nap: {who: person}, visit: {who: person}}
behaviors:
  fall:
    who: person
    while: well
    rate: 1 per day
    do: |
      become(ill)
      emit fall(who=self)
  cough: {who: person, while: ill, rate: 1 per day, do: emit cough(who=self)}
  nap: {who: person, if: bernoulli(p=0.5), rate: 1 per day, do: emit nap(who=self)}
  visit:
    who: person
    rate: 1 per day
    do: |
      for other in pick(person, count=2):
          emit visit(who=other)
  heal: {who: person, enters: ill, do: become(well)}
"""


def test_states_and_conditions_give_bounds_and_notes() -> None:
    found = estimate(model_of(STATES))
    assert found.events["fall"].kind == "at most"
    assert found.events["fall"].number == pytest.approx(2000)
    assert found.events["cough"].kind == "unknown"
    assert found.events["nap"].kind == "at most"
    assert found.events["nap"].number == pytest.approx(2000)
    assert found.events["visit"].number == pytest.approx(4000)
    assert found.events["visit"].kind == "expected"
    assert found.firings["heal"].kind == "unknown"
    assert any("`fall` is counted as if agents stayed" in note for note in found.notes)
    assert any("`cough` starts with a state nobody is in" in note for note in found.notes)
    assert any("`heal` waits for a condition or a state" in note for note in found.notes)


CONDITIONAL = """
populations: {person: {size: 10, attributes: {n: 0}}}
events: {a: {who: person}, b: {who: person}, c: {who: person}}
behaviors:
  act:
    who: person
    rate: 1 per day
    do: |
      if n > 3:
          emit a(who=self)
      else:
          emit a(who=self)
          emit b(who=self)
      if n > 5:
          stop
      emit c(who=self)
"""


def test_branches_count_the_larger_one_and_a_stop_makes_the_rest_uncertain() -> None:
    found = estimate(model_of(CONDITIONAL))
    assert found.events["a"] == Amount(pytest.approx(200))  # type: ignore[arg-type]
    assert found.events["b"].kind == found.events["c"].kind == "at most"


CHANGING = """
parameters: {pace: 2 per day}
populations: {person: {size: 10, attributes: {drive: 1.0}}}
events: {a: {who: person}, b: {who: person}}
behaviors:
  first: {who: person, rate: pace, do: emit a(who=self)}
  tire: {who: person, rate: drive * 1 per day, do: drive = 0.5 * drive}
  third: {who: person, do: "after 1 day: third()"}
interventions: {slower: {at: 5 days, set: {pace: 1 per day}}}
"""


def test_clocks_that_read_what_changes_are_about_right() -> None:
    found = estimate(model_of(CHANGING))
    assert found.events["a"].kind == "about"
    assert found.events["a"].number == pytest.approx(400)
    assert found.firings["tire"].kind == "about"
    assert any("`first` reads values that change" in note for note in found.notes)
    assert any("`third` starts itself in a circle" in note for note in found.notes)


# --- tables, memory, disk


TABLES = (
    CLOCKS
    + """
networks: {near: {among: person, degree: 5}}
record:
  walks: {each: walk, columns: [time, who]}
  some: {each: walk, where: who.patience > 2, columns: [time, who]}
  per_day: {each: walk, window: 1 day, columns: [walks: count()]}
  per_person: {each: walk, window: 1 day, by: [who], columns: [walks: count()]}
  people: {of: person, columns: [id, pace]}
  patient: {of: person, where: patience > 2, columns: [id]}
  then: {of: person, at: [1 day, 2 days, 90 days], columns: [id]}
  daily: {every: 1 day, columns: [n: count(person)]}
  edges: {edges: near}
"""
)


def test_rows_of_tables_follow_from_events_agents_and_edges() -> None:
    found = estimate(model_of(TABLES))
    assert found.tables["walks"] == found.events["walk"]
    assert found.tables["some"] == found.events["walk"].at_most()
    assert found.tables["per_day"] == Amount(20, less=True)
    assert found.tables["per_person"].number == pytest.approx(6000)
    assert found.tables["people"] == Amount(300)
    assert found.tables["patient"] == Amount(300, less=True)
    assert found.tables["then"] == Amount(600)
    assert found.tables["daily"] == Amount(20)
    assert found.tables["edges"] == found.networks["near"] == Amount(1500)


def test_a_scaled_sketch_estimates_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(TABLES)
    whole = estimate(model)
    monkeypatch.setattr(estimating, "SKETCH_AGENTS", 100)
    part = estimate(model)
    assert part.populations == whole.populations == {"person": 300}
    assert part.events["walk"].number == pytest.approx(whole.events["walk"].number, rel=0.15)
    assert part.networks["near"].number == pytest.approx(1500)
    assert part.memory == pytest.approx(whole.memory, rel=0.01)


def test_disk_is_what_a_run_writes(tmp_path: Path) -> None:
    from bustle.pipeline import execute

    scenario = Scenario.load("card_fraud").with_values(scale=0.2, length="30 days")
    found = estimate(scenario.model)
    execute(scenario, tmp_path / "run")
    written = sum(file.stat().st_size for file in (tmp_path / "run").rglob("*.parquet"))
    assert written == pytest.approx(found.disk.number, rel=0.3)


def test_features_take_disk_in_the_table_and_while_they_are_computed(tmp_path: Path) -> None:
    from bustle.pipeline import execute

    asked = tmp_path / "asked.yaml"
    asked.write_text(
        "transactions: {card: {windows: [1 day, 7 days], count: true, sum: amount, mean: amount, distinct: merchant}}"
    )
    plain = Scenario.load("card_fraud")
    scenarios = [s.with_values(scale=0.2, length="30 days") for s in (plain, plain.with_features(asked))]
    found = [estimate(scenario.model) for scenario in scenarios]
    written = []
    for number, scenario in enumerate(scenarios):
        execute(scenario, tmp_path / str(number))
        written.append((tmp_path / str(number) / "tables" / "transactions.parquet").stat().st_size)
    waiting = found[1].tables["transactions"].number * FEATURE_TRAIL_BYTES
    assert found[1].disk.number - found[0].disk.number - waiting == pytest.approx(written[1] - written[0], rel=0.3)


def test_an_estimate_becomes_json() -> None:
    found = json.loads(json.dumps(estimate(model_of(CONDITIONAL)).to_dict()))
    assert found["populations"] == {"person": 10}
    assert found["events"]["b"] == {"number": pytest.approx(200), "kind": "at most"}
    lists = {"populations", "networks", "firings", "events", "tables"}
    assert set(found) == {*lists, "memory", "compiled_memory", "disk", "notes"}


@pytest.mark.parametrize("name", ["bank_run", "card_fraud", "epidemic", "handbook_fraud", "word_of_mouth"])
def test_shipped_scenarios_are_estimated(name: str) -> None:
    found = estimate(Scenario.load(name).with_values(scale=0.1).model)
    assert found.memory > 0 and found.disk.number > 0
    assert all(amount.number >= 0 for amount in found.firings.values())
