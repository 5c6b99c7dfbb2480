"""Runs that do not fit are refused before anything large is made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bustle.agents.build import build_world
from bustle.scenarios import RunError, Scenario
from bustle.scenarios.model import Model
from bustle.sim.plan import room
from bustle.sim.plan.estimate import estimate

TICKS = """
scenario: ticks
clock: {start: 2026-01-01, length: 10 days}
populations: {ticker: {size: SIZE, attributes: {x: "uniform(low=0, high=1)"}}}
events: {tick: {ticker: ticker}}
behaviors: {tick: {who: ticker, rate: 1 per hour, do: emit tick(ticker=self)}}
"""


def model(size: int) -> Model:
    return Scenario.from_text(TICKS.replace("SIZE", str(size))).model


def test_agents_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "memory_of_machine", lambda: 8 * 2**30)
    with pytest.raises(RunError, match="GiB of memory for its agents; this machine has 8"):
        room.require_memory(model(1_000_000_000))
    room.require_memory(model(1_000_000))


def test_a_run_that_surely_fills_the_disk_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ticks = model(1000)
    disk = estimate(ticks, build_world(ticks, 1)).disk
    room.require_disk(disk, tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=100_000))
    with pytest.raises(RunError, match="are free"):
        room.require_disk(disk, tmp_path)
