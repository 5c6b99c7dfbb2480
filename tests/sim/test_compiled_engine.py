"""The compiled engine as a thing to be used: its calls, its errors, and what it compiles."""

from __future__ import annotations

import os
import random
import secrets
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bustle import kept_code
from bustle.agents.build import build_world
from bustle.scenarios.diagnostics import RunError
from bustle.scenarios.scenario import Scenario
from bustle.sim.compiled import engine as compiled_engine
from bustle.sim.compiled.building import not_kept
from bustle.sim.compiled.engine import CompiledEngine
from bustle.sim.compiled.preparing import Prepared, prepare
from bustle.sim.engines import make_engine
from bustle.sim.plan import room
from bustle.sim.reference import ReferenceEngine
from tests.sim.conftest import HEAD, Memory
from tests.sim.test_no_other_randomness import TOWN as DRAWING
from tests.sim.test_no_other_randomness import Trap, set_traps

DAY = 86_400_000_000

TOWN = """
parameters: {fee: {value: 3}}
world: {heat: 1}
populations:
  owner: {size: 20, attributes: {pace: "gamma(mean=3, shape=2) per day", rich: bernoulli(p=0.5)}}
  card:
    one_per: owner as owner
    attributes: {odd: 0, case: {value: none, type: episode}}
    states: {on: [off], off: [on]}
events:
  use: {card: card, owner: owner, amount: money, rich: bool, case: label episode, how: "category(chip, swipe)"}
  off: {card: card}
behaviors:
  use:
    who: card
    rate: owner.pace
    unless: off
    do: |
      odd += 1
      emit use(card=self, owner=owner, amount=fee * pareto(alpha=2), rich=owner.rich, case=case, how=chip)
  lose:
    who: card
    every: 4 days
    do: |
      case = episode()
      become(off)
      emit off(card=self)
      after 1 day: found()
  found: {who: card, do: become(on)}
  burn: {who: world, every: 1 day, do: heat += 1}
"""

COUPLED = TOWN.replace("odd += 1", "odd += 1\n      heat += 1")
"""The same where no agent is an island."""


def model_of(text: str, seed: int = 1, **values: Any) -> Any:
    length = values.pop("length", None)
    scale = values.pop("scale", None)
    return Scenario.from_text(HEAD + text).with_values(values, length=length, scale=scale, seed=seed).model


def compiled(text: str, seed: int = 1, workers: int = 1, schedule: str | None = None, **values: Any) -> CompiledEngine:
    model = model_of(text, seed, **values)
    engine = make_engine(model, build_world(model, seed), seed, engine="compiled", workers=workers, schedule=schedule)
    assert isinstance(engine, CompiledEngine)
    return engine


def reference(text: str, seed: int = 1, **values: Any) -> ReferenceEngine:
    model = model_of(text, seed, **values)
    return ReferenceEngine(model, build_world(model, seed), seed)


def prepared(text: str, seed: int = 1, **values: Any) -> Prepared:
    model = model_of(text, seed, **values)
    return prepare(model, build_world(model, seed), seed)


# --- running


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("text", [TOWN, COUPLED])
def test_events_are_given_one_by_one_as_the_reference_gives_them(text: str, workers: int) -> None:
    records = list(compiled(text, workers=workers).events())
    assert len(records) > 200
    assert records == list(reference(text).events())


def test_events_are_those_that_a_run_writes() -> None:
    memory = Memory()
    engine = compiled(TOWN)
    counts = engine.run(memory)
    names = list(engine.model.behaviors)
    for event in ("use", "off"):
        mine = [record for record in compiled(TOWN).events() if record.event == event]
        assert len(mine) == counts.events[event] > 20
        for record, row in zip(mine, memory.rows(event), strict=True):
            assert record.behavior == names[row.pop("behavior")]
            assert {name: getattr(record, name) for name in ("time", "agent", "occurrence", "index")} == {
                name: row.pop(name) for name in ("time", "agent", "occurrence", "index")
            }
            assert dict(record.fields) == row


def test_events_come_while_the_run_goes_on() -> None:
    endless = "events: {tick: {}}\nbehaviors: {go: {who: world, every: 1 second, do: emit tick()}}\n"
    stream = compiled(endless, length="30000 days").events()
    assert [next(stream).time for _ in range(3)] == [1_000_000, 2_000_000, 3_000_000]
    stream.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [TOWN, COUPLED])
def test_progress_is_told_and_ends_at_the_end(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_engine, "_SECONDS_BETWEEN_REPORTS", 0.0)
    monkeypatch.setattr(compiled_engine, "BUDGET", 50)
    told: list[tuple[int, int, int]] = []
    counts = compiled(text).run(Memory(), progress=lambda *numbers: told.append(numbers))
    assert told[-1] == (10 * DAY, counts.firings, counts.rows)
    assert told == sorted(told) and len(told) > 3


@pytest.mark.parametrize("text", [TOWN, COUPLED])
def test_a_run_that_is_told_to_stop_hands_on_what_there_is(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_engine, "_SECONDS_BETWEEN_REPORTS", 0.0)
    monkeypatch.setattr(compiled_engine, "BUDGET", 50)
    asked: list[bool] = []

    def should_stop() -> bool:
        asked.append(True)
        return len(asked) == 3

    memory = Memory()
    counts = compiled(text).run(memory, should_stop=should_stop)
    assert not counts.complete and 0 < counts.ended_at < 10 * DAY
    rows = memory.rows("use")
    assert len(rows) == counts.events["use"] > 0
    assert rows[-1]["time"] <= counts.ended_at
    whole = [record for record in reference(text).events() if record.event == "use"]
    assert [row["time"] for row in rows] == [record.time for record in whole[: len(rows)]]
    assert set(memory.agents) == {"owner", "card"}


@pytest.mark.parametrize("schedule", ["windows", "global"])
def test_until_ends_before_its_instant_as_in_the_reference(schedule: str) -> None:
    mine, other = Memory(), Memory()
    until = 3 * DAY + 5
    counts = compiled(TOWN, schedule=schedule).run(mine, until=until)
    assert counts == reference(TOWN).run(other, until=until)
    assert (counts.ended_at, counts.complete) == (until, False)
    assert mine.rows("use") == other.rows("use") and mine.rows("off") == other.rows("off")
    for name, columns in other.agents.items():
        assert {key: column.tolist() for key, column in mine.agents[name].items()} == {
            key: column.tolist() for key, column in columns.items()
        }


def test_an_engine_runs_once() -> None:
    engine = compiled(TOWN, length="1 day")
    list(engine.events())
    with pytest.raises(RuntimeError, match="runs once"):
        engine.run(Memory())


def test_any_number_of_workers_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list(reference(TOWN).events())
    for workers in (1, 2, 3, 7, 64):
        assert list(compiled(TOWN, workers=workers).events()) == expected


def test_windows_without_islands_are_refused() -> None:
    assert compiled(COUPLED)  # it chooses what is possible
    with pytest.raises(RunError, match="windows are not possible"):
        compiled(COUPLED, schedule="windows")


def test_agents_written_in_python_are_refused() -> None:
    with pytest.raises(RunError, match=r"agents written in Python \(p\) need the reference engine"):
        prepared("populations: {p: {size: 2, class: some.py:Thing}}")


# --- errors

FAILING = """
populations: {a: {size: 9, attributes: {left: 3}}}
events: {tick: {x: number}}
behaviors:
  go:
    who: a
    every: (id + 1) * 1 day
    do: |
      emit tick(x=1 / left)
      left -= 1
"""


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("schedule", ["windows", "global"])
def test_an_error_carries_its_instant_and_its_place(schedule: str, workers: int) -> None:
    with pytest.raises(RunError) as mine:
        compiled(FAILING, schedule=schedule, workers=workers).run(Memory())
    with pytest.raises(RunError) as other:
        reference(FAILING).run(Memory())
    assert str(mine.value) == str(other.value)
    assert mine.value.message == "at 2026-01-05 00:00:00: division of 1 by zero"
    assert mine.value.span is not None and mine.value.span == other.value.span


def test_a_run_that_does_not_fit_into_memory_is_refused_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from bustle.pipeline import Options, execute

    monkeypatch.setattr(room, "memory_of_machine", lambda: 500_000_000)
    scenario = Scenario.from_text(HEAD + TOWN)
    monkeypatch.setattr("bustle.pipeline.build_world", lambda *_: pytest.fail("a world was made"))
    with pytest.raises(RunError, match=r"GiB of memory for its agents; this machine has 0\.5 GiB"):
        execute(scenario.with_values(scale=1e6), tmp_path / "out", Options(engine="compiled"))
    assert not (tmp_path / "out").exists()


# --- compiling


@pytest.fixture
def a_word(monkeypatch: pytest.MonkeyPatch) -> str:
    """A number that no scenario has had before, so that rules with it were never compiled; they are not kept."""
    monkeypatch.setattr(kept_code, "keep", lambda *_: None)
    return str(int.from_bytes(os.urandom(5), "big") + 10)


def town(word: str) -> str:
    return TOWN.replace("heat += 1", f"heat += {word}")


def test_what_was_compiled_once_is_not_compiled_again(a_word: str) -> None:
    first = prepared(town(a_word))
    told: list[int] = []
    CompiledEngine(first, compiling=told.append)
    assert not_kept(first.units) == 0 and not_kept(prepared(town(a_word)).units) == 0
    CompiledEngine(prepared(town(a_word)), compiling=told.append)
    assert len(told) == 1 and told[0] >= 1


def test_an_edited_rule_alone_is_compiled(a_word: str) -> None:
    CompiledEngine(prepared(TOWN))
    assert not_kept(prepared(TOWN).units) == 0
    assert not_kept(prepared(town(a_word)).units) == 1
    assert not_kept(prepared(TOWN.replace("pareto(alpha=2)", f"pareto(alpha={a_word})")).units) == 1
    both = prepared(town(a_word).replace("pareto(alpha=2)", f"pareto(alpha={a_word})"))
    assert not_kept(both.units) == 2
    assert both.rules_to_compile == 2


@pytest.mark.parametrize(
    "changed", [{"fee": 77}, {"seed": 99}, {"scale": 3.0}, {"length": "3 days"}, {"seed": 5, "fee": 1, "scale": 0.5}]
)
def test_another_parameter_seed_scale_or_length_compiles_nothing(changed: dict[str, Any]) -> None:
    CompiledEngine(prepared(TOWN))
    assert not_kept(prepared(TOWN, **changed).units) == 0


def test_names_of_other_parts_do_not_matter() -> None:
    """A rule's code does not name what it reads: the table of words does."""
    CompiledEngine(prepared(TOWN))
    renamed = TOWN.replace("card", "token").replace("heat", "warmth").replace("burn", "glow")
    assert not_kept(prepared(renamed).units) == 0


# --- randomness


@pytest.mark.parametrize("workers", [1, 2])
def test_compiled_rules_use_no_other_randomness(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(compiled(DRAWING, length="5 days", workers=workers).events())
    set_traps(monkeypatch)
    assert list(compiled(DRAWING, length="5 days", workers=workers).events()) == before
    assert len(before) > 200
    for draw in (random.random, np.random.default_rng, secrets.token_bytes):
        with pytest.raises(Trap):
            draw()
