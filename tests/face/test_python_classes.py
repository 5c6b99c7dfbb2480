"""Finding the Python classes of a scenario: only when allowed, in its folder first, with clear words otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

import bustle
from tests.face.conftest import CommandLine

SCENARIO = """
scenario: stall
clock: {start: 2026-01-01, length: 1 hour}
populations:
  stall: {size: 2, class: CLASS}
events:
  sale: {stall: stall}
record:
  sales: {each: sale, columns: [time, stall]}
"""

STALL = """
from bustle import PythonAgent

class Stall(PythonAgent):
    def process(self):
        while True:
            yield self.after(minutes=10)
            self.emit("sale", stall=self)

class Other:
    pass
"""


@pytest.fixture
def stall(tmp_path: Path) -> Path:
    """A scenario whose agents are Python, in a file beside it."""
    (tmp_path / "stall_agents.py").write_text(STALL)
    path = tmp_path / "stall.yaml"
    path.write_text(SCENARIO.replace("CLASS", "stall_agents.py:Stall"))
    return path


def test_code_beside_the_scenario_runs_when_allowed(stall: Path) -> None:
    with bustle.run(stall, allow_code=True) as run:
        assert run.table("sales")["stall"].to_list() == [0, 1] * 5
    assert [e.fields["stall"] for e in bustle.Scenario.load(stall).events(allow_code=True)] == [0, 1] * 5


def test_code_is_not_imported_unless_allowed(bustle_command: CommandLine, stall: Path, tmp_path: Path) -> None:
    (tmp_path / "stall_agents.py").write_text("raise SystemExit('imported')")
    said = bustle_command("run", stall, "--out", tmp_path / "out", code=2).stderr
    assert "--allow-code" in said
    assert not (tmp_path / "out").exists()
    for command in ("check", "show", "explain"):
        bustle_command(command, stall)
    with pytest.raises(bustle.CodeError, match="Stall for stall"):
        bustle.Scenario.load(stall).events()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("stall_agents.py:Shop", "has no class Shop"),
        ("stall_agents.py:Other", "does not inherit from bustle.PythonAgent"),
        ("stall.yaml:Stall", "must be a .py file"),
        ("no_such_file.py:Stall", "no_such_file.py"),
        ("../stall_agents.py:Stall", "folder"),
        ("stall_agents.Stall", "file.py:ClassName"),
    ],
)
def test_a_class_that_cannot_be_used_is_told(stall: Path, path: str, said: str) -> None:
    stall.write_text(SCENARIO.replace("CLASS", path))
    with pytest.raises(bustle.CodeError, match=said):
        bustle.run(stall, allow_code=True)


def test_the_shipped_market_runs_when_allowed(bustle_command: CommandLine, tmp_path: Path) -> None:
    words = ("run", "mesa_market", "--length", "1 day", "--out", tmp_path / "out", "--quiet")
    bustle_command(*words, code=2)
    bustle_command(*words, "--allow-code")
    bustle_command("verify", tmp_path / "out")
