from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bustle.scenarios import Scenario, ScenarioError
from tests.command_line import run_command
from tests.scenarios.broken_cases import FOLDER, MAIN, Case, cases

CASES = list(cases())
ONE = next(case for case in CASES if case.name == "a length without a unit")
SEVERAL = next(case for case in CASES if case.name.startswith("five mistakes"))


def problems(case: Case) -> int:
    """How many problems a case says there are: one, unless its name says more."""
    return int(case.name.split("[")[1][:-1]) if case.name.endswith("]") else 1


def test_the_file_that_is_broken_has_no_problems() -> None:
    result = run_command("check", str(FOLDER / MAIN))
    assert result.exit_code == 0
    assert result.stderr == "shop: no problems (4 populations, 7 behaviors, 2 events, 5 tables)\n"


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80


@pytest.mark.parametrize("case", CASES, ids=[f"{case.section}: {case.name}" for case in CASES])
def test_a_mistake_is_said_once_with_its_place_and_a_hint(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    result = run_command("check", MAIN)
    count = problems(case)
    assert result.stderr == f"{case.says}\n\n{count} problem{'s' * (count != 1)} found\n"
    assert result.exit_code == 2
    assert not result.stdout
    assert case.says.count("\n\n") + 1 == count


def test_problems_as_json_are_for_editors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ONE.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    result = run_command("check", MAIN, "--format", "json")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "ok": False,
        "problems": [
            {
                "file": MAIN,
                "line": 3,
                "column": 36,
                "length": 2,
                "message": "the length must be a duration, not a whole number",
                "hint": "give it a unit, for example `3 days`",
            }
        ],
    }


def test_problems_come_in_the_files_order_and_twice_the_same(tmp_path: Path) -> None:
    SEVERAL.write(tmp_path)
    found = []
    for _ in range(2):
        with pytest.raises(ScenarioError) as error:
            Scenario.load(tmp_path / MAIN)
        found.append(error.value.diagnostics)
    assert found[0] == found[1]
    assert list(found[0]) == sorted(found[0], key=lambda problem: problem.span)


def bustle(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "40", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "bustle", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_command_line_shows_a_problem_whole_in_a_narrow_window(tmp_path: Path) -> None:
    SEVERAL.write(tmp_path)
    shown = bustle(tmp_path, "check", MAIN)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr == f"{SEVERAL.says}\n\n5 problems found\n"


@pytest.mark.parametrize("case", [ONE, CASES[-1]], ids=lambda case: case.name)
def test_a_broken_scenario_is_not_run_and_nothing_is_written(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = run_command("run", str(tmp_path / MAIN), "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "found\n" in result.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--set", "visitors=many", "--set visitors:1:1: unknown name `many`"),
        ("--set", "visitors=0", "--set visitors:1:1: `visitors` is below its minimum, 1"),
        ("--set", "patience=4", "--set patience:1:1: `patience` must be a duration, not a whole number"),
        ("--set", "visitor=4", "--set visitor:1:1: shop has no parameter `visitor`"),
        ("--set", "mood=clam", "--set mood:1:1: `mood` cannot be `clam`"),
        ("--length", "thirty days", "--length:1:8: an operator is missing before `days`"),
        ("--length", "0 days", "--length:1:1: the length must be above 0 and at most 200 years"),
        ("--seed", "9223372036854775808", "--seed:1:1: a seed is a whole number from 0 to 9223372036854775807"),
        ("--scale", "1e9", "--scale:1:1: `1000000000.0` is not a scale"),
    ],
)
def test_a_bad_value_on_the_command_line_names_the_option(tmp_path: Path, option: str, value: str, says: str) -> None:
    result = run_command("run", str(FOLDER / MAIN), option, value, "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert result.stderr.startswith(says), result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "x.yaml:1:1: the file is empty"),
        (b"# only a comment\n", "x.yaml:1:1: the file is empty"),
        (b"- a\n- b\n", "x.yaml:1:1: a scenario file is a mapping of sections, not a list"),
        (b"just text", "x.yaml:1:1: a scenario file is a mapping of sections, not a single value"),
        (b"scenario: caf\xe9\n", "x.yaml:1:14: the file is not UTF-8 text (byte 0xe9)"),
        (b"\x00\x01\x02", "x.yaml:1:1: the character U+0000 cannot stand in a scenario file"),
        (b"PK\x03\x04", "x.yaml:1:3: the character U+0003 cannot stand in a scenario file"),
        (b"a: 1\n" * 300_000, "x.yaml:1:1: the file has more than 1,000,000 bytes"),
        (b"\xff\xfes\x00", "x.yaml:1:1: the file is not UTF-8 text (byte 0xff)"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_with_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    result = run_command("check", str(tmp_path / "x.yaml"))
    assert result.exit_code == 2
    assert result.stderr.removeprefix(f"{tmp_path}{os.sep}").startswith(says), result.stderr
    assert "1 problem found" in result.stderr


@pytest.mark.parametrize("name", ["no_such_scenario", "no/such/file.yaml", ".", "x" * 5000, "a\nb", "\udcff"])
def test_a_scenario_that_is_not_there_is_no_traceback(name: str) -> None:
    result = run_command("check", name)
    assert result.exit_code == 2
    assert result.stderr
