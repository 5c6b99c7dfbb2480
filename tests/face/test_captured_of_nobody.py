"""What a table reads of an agent at the time of an event, where there is no agent."""

from __future__ import annotations

from pathlib import Path

import pytest

import bustle

SCENARIO = """
scenario: nobody
clock: {start: 2026-01-01, length: 5 days}
populations: {a: {size: 1, attributes: {n: 0, x: 0.5, cash: money(1), gap: 1 day, seen: start}}}
events: {tick: {a: a}}
behaviors:
  go:
    who: a
    every: 1 day
    do: |
      n += 1
      x += 1
      cash += money(2)
      gap += 1 day
      seen = now
      emit tick(a=self if n < 2 else none)
record:
  ticks: {each: tick, columns: [n: a.n, x: a.x, cash: a.cash, gap: a.gap, seen: a.seen]}
"""


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_it_is_missing_whatever_its_type_and_no_number_that_looks_like_one(tmp_path: Path, engine: str) -> None:
    (tmp_path / "nobody.yaml").write_text(SCENARIO, encoding="utf-8")
    run = bustle.run(tmp_path / "nobody.yaml", engine=engine)
    ticks = run.table("ticks")
    assert ticks.row(0)[:4] == (1, 1.5, 3.0, 172_800.0) and ticks["seen"][0].day == 2
    assert ticks.height == 4 and ticks.slice(1).null_count().row(0) == (3, 3, 3, 3, 3)
