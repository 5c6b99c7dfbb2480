from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bustle.agents.build import build_world
from bustle.scenarios.scenario import Scenario
from bustle.sim.reference import EventRecord, ReferenceEngine
from bustle.sim.reference.emission import BATCH

Make = Callable[..., ReferenceEngine]
Simulate = Callable[..., Any]

DAY = 86_400_000_000

TOWN = """
populations:
  owner: {size: 20, attributes: {pace: "gamma(mean=3, shape=2) per day", rich: bernoulli(p=0.5)}}
  card:
    one_per: owner as owner
    attributes: {odd: 0, case: {value: none, type: episode}}
    states: {on: [off], off: [on]}
events:
  use:
    card: card
    owner: owner
    amount: money
    rich: bool
    case: label episode
    when: instant
    how: category(chip, swipe)
  off: {card: card}
behaviors:
  use:
    who: card
    rate: owner.pace
    unless: off
    do: |
      odd += 1
      paid = pareto(alpha=2)
      emit use(card=self, owner=owner, amount=paid, rich=owner.rich, case=case, when=now, how=chip)
  lose:
    who: card
    every: 4 days
    do: |
      case = episode()
      become(off)
      emit off(card=self)
      after 1 day: found()
  found: {who: card, do: become(on)}
"""


def test_events_are_given_one_by_one_as_a_run_writes_them(make: Make, simulate: Simulate) -> None:
    records = list(make(TOWN).events())
    run = simulate(TOWN)
    assert all(isinstance(record, EventRecord) for record in records)
    for event in ("use", "off"):
        mine = [record for record in records if record.event == event]
        rows = run.rows(event)
        assert len(mine) == len(rows) > 20
        for record, row in zip(mine, rows, strict=True):
            keys = {name: row.pop(name) for name in ("time", "behavior", "agent", "occurrence", "index")}
            assert keys == {name: getattr(record, name) for name in keys}
            assert dict(record.fields) == row
    times = [record.time for record in records]
    assert times == sorted(times)


def test_events_come_while_the_run_goes_on(make: Make) -> None:
    endless = make(
        "events: {tick: {}}\nbehaviors: {go: {who: world, every: 1 second, do: emit tick()}}\n", length="3000 days"
    )
    stream = endless.events()
    assert [next(stream).time for _ in range(3)] == [1_000_000, 2_000_000, 3_000_000]


def test_columns_come_in_held_form(simulate: Simulate) -> None:
    run = simulate(TOWN)
    (batch,) = run.memory.batches["use"]
    dtypes = {name: column.dtype for name, column in batch.items()}
    assert dtypes == {
        **{
            name: np.int64
            for name in ("time", "agent", "occurrence", "index", "card", "owner", "amount", "case", "when")
        },
        "behavior": np.int32,
        "rich": np.bool_,
        "how": np.int32,
    }
    agents = run.memory.agents["card"]
    assert {name: column.dtype for name, column in agents.items()} == {
        **{name: np.int64 for name in ("owner", "odd", "case", "born", "retired", "identity")},
        "state": np.int32,
    }
    assert agents["odd"].sum() == run.counts.events["use"]
    assert set(run.engine.agent_columns("owner")) == {"pace", "rich", "born", "retired", "identity"}


def test_counts_tell_what_was_done(simulate: Simulate) -> None:
    run = simulate(TOWN)
    assert run.counts.complete
    assert run.counts.ended_at == 10 * DAY
    assert run.counts.events == {"use": len(run.rows("use")), "off": len(run.rows("off"))}
    assert run.counts.rows == sum(run.counts.events.values())
    assert run.counts.firings == len(run.rows("use")) + 2 * len(run.rows("off"))


def test_rows_are_handed_on_in_batches_and_none_is_lost(simulate: Simulate) -> None:
    run = simulate(
        """
populations: {a: {size: 700}}
events: {tick: {n: whole}}
behaviors: {go: {who: a, every: 1 hour, do: emit tick(n=id)}}
""",
        length="97 hours",
    )
    sizes = [len(batch["time"]) for batch in run.memory.batches["tick"]]
    assert sizes == [BATCH, 700 * 96 - BATCH]
    assert run.column("tick", "n") == list(range(700)) * 96


def test_a_run_that_is_told_to_stop_hands_on_what_there_is(make: Make, memory: Any) -> None:
    text = """
populations: {a: {size: 50}}
events: {tick: {}}
behaviors: {go: {who: a, rate: 100 per day, do: emit tick()}}
"""
    engine = make(text, length="2000 days")
    asked: list[bool] = []

    def should_stop() -> bool:
        asked.append(True)
        return len(asked) == 2

    counts = engine.run(memory, should_stop=should_stop)
    assert not counts.complete
    assert 0 < counts.ended_at < 2000 * DAY
    assert len(memory.rows("tick")) == counts.events["tick"] > 0
    assert memory.rows("tick")[-1]["time"] <= counts.ended_at
    assert set(memory.agents) == {"a"}


def test_until_ends_before_its_instant(simulate: Simulate) -> None:
    run = simulate("events: {tick: {}}\nbehaviors: {go: {who: world, every: 1 day, do: emit tick()}}\n", until=3 * DAY)
    assert run.column("tick", "time") == [DAY, 2 * DAY]
    assert (run.counts.ended_at, run.counts.complete) == (3 * DAY, False)


def test_progress_is_told_and_ends_at_the_end(make: Make, memory: Any) -> None:
    told: list[tuple[int, int, int]] = []
    counts = make(TOWN).run(memory, progress=lambda time, firings, rows: told.append((time, firings, rows)))
    assert told[-1] == (10 * DAY, counts.firings, counts.rows)
    assert told == sorted(told)


def test_an_engine_runs_once(make: Make) -> None:
    engine = make(TOWN, length="1 day")
    list(engine.events())
    with pytest.raises(RuntimeError, match="runs once"):
        list(engine.events())


def test_a_changed_rate_read_by_many_does_not_fill_the_queue(make: Make) -> None:
    """Firings that were moved leave the queue again: it does not grow with the number of changes."""
    engine = make(
        """
world: {heat: 1.0}
populations: {a: {size: 200}}
events: {tick: {}}
behaviors:
  go: {who: a, rate: heat * 1 per day, do: emit tick()}
  stir: {who: world, every: 10 minutes, do: heat = 2 - heat + 0.001}
""",
        length="1 day",
    )
    longest = 0
    for _ in engine.events():
        longest = max(longest, len(engine._runtime.scheduler._queue))
    assert longest < 200 + 2 * 4096 + 10


def test_empty_populations_and_scenarios_run() -> None:
    model = Scenario.from_text(
        "scenario: empty\nclock: {start: 2026-01-01, length: 1 day}\npopulations: {a: {size: 0}}\n"
        "events: {tick: {one: a}}\nbehaviors:\n  go: {who: world, every: 6 hours, do: emit tick(one=pick(a))}\n"
        "  all: {who: a, every: 6 hours, do: emit tick(one=self)}\n"
    ).model
    records = list(ReferenceEngine(model, build_world(model, 1), 1).events())
    assert [record.fields["one"] for record in records] == [-1, -1, -1]
