"""What every shipped scenario keeps: words for what it is, the same bytes for the same seed, a whole folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bustle
from bustle.scenarios.library import shipped
from tests.face.conftest import CommandLine

SMALL: dict[str, dict[str, Any]] = {
    "bank_run": {"scale": 0.1, "length": "3 days", "set": {"spread": 0.2}},
    "card_fraud": {"scale": 0.02, "length": "8 days"},
    "card_payments": {"scale": 0.01, "length": "20 days", "set": {"fraud_rate": 0.02, "drift_at": "10 days"}},
    "credit_risk": {"scale": 0.004, "length": "300 days"},
    "epidemic": {"scale": 0.02, "length": "20 days"},
    "handbook_fraud": {"scale": 0.01, "length": "8 days", "set": {"radius": 20}},
    "mesa_market": {"length": "3 hours", "allow_code": True},
    "mobile_money": {"scale": 0.02, "length": "8 days", "set": {"criminals": 300}},
    "money_laundering": {"scale": 0.01, "length": "6 days", "set": {"schemes": "1/1 day"}},
    "word_of_mouth": {"scale": 0.02, "length": "30 days"},
}
"""Sizes at which a run takes a moment."""

NAMES = pytest.mark.parametrize("name", sorted(shipped()))


@pytest.fixture
def bustle_command() -> CommandLine:
    return CommandLine()


def log_of(run: bustle.Run) -> dict[str, str]:
    """The checksum of every file of the log."""
    return {path: str(entry) for path, entry in run.manifest["files"].items() if path.startswith("log/")}


def test_every_shipped_scenario_is_tested_here() -> None:
    assert sorted(shipped()) == sorted(SMALL)


@NAMES
def test_it_says_what_it_is_and_what_its_parts_mean(name: str) -> None:
    model = bustle.Scenario.load(name).model
    assert model.name == name
    assert model.title and model.about
    assert [p.name for p in model.parameters.values() if not p.about] == []
    assert [e.name for e in model.events.values() if len(e.fields) > 1 and not any(f.about for f in e.fields)] == []
    assert [t.name for t in model.tables.values() if not t.about] == []


@NAMES
def test_the_same_seed_gives_the_same_log_and_another_seed_another(name: str, tmp_path: Path) -> None:
    runs = [bustle.run(name, seed=seed, out=tmp_path / str(n), **SMALL[name]) for n, seed in enumerate((1, 1, 2))]
    one, again, other = map(log_of, runs)
    assert one and one == again
    assert one.keys() == other.keys() and one != other
    assert all(run.summary.events > 20 for run in runs)
    folder = runs[0].folder
    assert f"# {runs[0].manifest['scenario']['title']}\n" in (folder / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in folder.iterdir()} >= {"manifest.json", "README.md", "scenario.yaml", "log", "tables"}


@NAMES
def test_it_can_be_shown_explained_and_verified(name: str, bustle_command: CommandLine, tmp_path: Path) -> None:
    model = bustle.Scenario.load(name).model
    assert bustle_command("check", name).exit_code == 0
    shown, explained = bustle_command("show", name).stdout, bustle_command("explain", name, "--scale", "0.02").stdout
    assert all(parameter in shown for parameter in model.parameters)
    assert all(behavior in explained for behavior in model.behaviors)
    run = bustle.run(name, out=tmp_path / "run", **SMALL[name])
    bustle_command("verify", run.folder)
