"""``min`` and ``max`` of instants over no agents: missing in a table, an error anywhere else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import bustle
from bustle import RunError

LATE = """
scenario: late
clock: {start: 2026-01-01, length: 3 days}
populations:
  card:
    size: 3
    attributes: {issued: start - id * 1 microsecond}
    states: {open: [shut], shut: []}
events: {seen: {card: card, first: instant}}
behaviors:
  close: {who: card, at: 25 hours, do: become(shut)}
  look: {who: world, at: 49 hours, do: "emit seen(card=pick(card), first=WANTED)"}
record:
  course:
    every: 1 day
    columns:
      - first_shut: min(issued for card.shut)
      - last_open: max(issued for card.open)
      - share: mean(issued > start for card.shut)
  seen: {each: seen, columns: [first]}
"""

WAYS: list[dict[str, Any]] = [
    {"engine": "reference"},
    {"engine": "compiled"},
    {"engine": "compiled", "checkpoint_every": 1e-6},
]


@pytest.mark.parametrize("way", WAYS)
def test_the_first_and_last_instant_of_nobody_are_null_in_a_table(way: dict[str, Any]) -> None:
    with bustle.run(bustle.Scenario.from_text(LATE.replace("WANTED", "min(issued for card.shut)")), **way) as run:
        course, seen = run.table("course"), run.table("seen")
    start, before = datetime(2026, 1, 1), datetime(2025, 12, 31, 23, 59, 59, 999_998)
    assert course["first_shut"].to_list() == [None, None, before]
    assert course["last_open"].to_list() == [start, start, None]
    assert course["share"].to_list() == [None, None, 0.0]
    assert seen["first"].to_list() == [before]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wanted", ["max(issued for card.open)", "start + (max(issued for card.open) - start)"])
def test_a_rule_that_asks_for_the_last_instant_of_nobody_ends_the_run(
    way: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    with pytest.raises(RunError) as caught:
        bustle.run(bustle.Scenario.from_text(LATE.replace("WANTED", wanted)), out=tmp_path / "out", **way)
    said = "at 2026-01-03 01:00:00: `max` of instants over nobody has no value; ask `count` first"
    assert caught.value.message == said
    assert caught.value.span is not None and caught.value.span.line == 12


@pytest.mark.parametrize("way", WAYS[:2])
def test_a_rule_that_asks_count_first_goes_on(way: dict[str, Any]) -> None:
    wanted = "max(issued for card.open) if count(card.open) > 0 else now"
    with bustle.run(bustle.Scenario.from_text(LATE.replace("WANTED", wanted)), **way) as run:
        assert run.table("seen")["first"].to_list() == [datetime(2026, 1, 3, 1)]
