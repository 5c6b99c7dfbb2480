from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bustle.scenarios import checked, including, kept
from bustle.scenarios.diagnostics import ScenarioError
from bustle.scenarios.library import shipped
from bustle.scenarios.scenario import Scenario

TEXT = """
scenario: small
clock: {start: 2026-01-01, length: 3 days}
parameters: {wait: {value: 4 hours, min: 1 hour}}
populations: {person: {size: 5, attributes: {x: "uniform(low=0, high=1)"}}}
behaviors: {walk: {who: person, every: wait, do: x = x + 1}}
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scenarios are kept during a test."""
    monkeypatch.setenv("BUSTLE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bustle" / "scenarios"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def times_checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that have been checked."""
    found: list[str] = []
    check = checked.checked

    def counted(content: bytes, file: str, folder: str, path: Path | None) -> Scenario:
        found.append(file)
        return check(content, file, folder, path)

    monkeypatch.setattr(checked, "checked", counted)
    return found


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_is_the_same_from_disk(name: str, times_checked: list[str]) -> None:
    first, again = Scenario.load(name), Scenario.load(name)
    assert len(times_checked) == 1
    assert again.model == first.model and again.text == first.text and again.path == first.path
    changes = {"seed": 7, "scale": 0.5}
    for values in ({}, {"length": "2 days"}, changes, {"length": "2 days", **changes}):
        one, other = first.with_values(**values), again.with_values(**values)
        assert one.model == other.model and one.resolved_text() == other.resolved_text()
    assert again.parameters == first.parameters


def test_parameters_of_a_scenario_from_disk_can_be_set_and_are_checked(file: Path, times_checked: list[str]) -> None:
    Scenario.load(file)
    assert Scenario.load(file).with_values({"wait": "5 hours"}).parameters == {"wait": "5 hours"}
    with pytest.raises(ScenarioError, match="below its minimum"):
        Scenario.load(file).with_values({"wait": "5 minutes"})
    with pytest.raises(ScenarioError, match="has no parameter `weight`"):
        Scenario.load(file).with_values({"weight": "5"}, length="1 day")
    assert len(times_checked) == 1


def test_a_file_that_was_edited_is_checked_again(file: Path, times_checked: list[str]) -> None:
    Scenario.load(file)
    file.write_text(TEXT.replace("x + 1", "x + 2"))
    changed = Scenario.load(file)
    assert len(times_checked) == 2
    assert changed.model == Scenario.from_text(file.read_text(), str(file), file.parent).model


def test_the_same_file_elsewhere_is_checked_by_itself(file: Path, tmp_path: Path, times_checked: list[str]) -> None:
    other = tmp_path / "elsewhere" / file.name
    other.parent.mkdir()
    other.write_text(TEXT)
    assert [Scenario.load(path).model.folder for path in (file, other)] == [str(tmp_path), str(other.parent)]
    assert len(times_checked) == 2


def test_another_checker_checks_again(file: Path, times_checked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Scenario.load(file)
    monkeypatch.setattr(kept, "_stamp", lambda: "a line of the checker was edited")
    Scenario.load(file)
    assert len(times_checked) == 2


OTHERS = [
    ("use: [more.yaml]", "more.yaml", "parameters: {more: 1}\n"),
    ("populations: {person: {from_file: people.csv}}", "people.csv", "age\n3\n"),
    ("networks: {knows: {among: person, kind: file, file: edges.csv}}", "edges.csv", "from,to\n0,1\n"),
]


@pytest.fixture(params=OTHERS, ids=lambda other: other[1])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """A scenario file, and one that it names."""
    line, name, content = request.param
    lines = [text for text in TEXT.splitlines() if text.partition(":")[0] != line.partition(":")[0]]
    lines = [text for text in lines if "from_file" not in line or not text.startswith("behaviors")]
    scenario, named = tmp_path / "with_files.yaml", tmp_path / name
    scenario.write_text("\n".join([*lines, line, ""]))
    named.write_text(content)
    return scenario, named


def test_a_scenario_is_kept_as_long_as_the_files_it_names_stay_as_they_are(
    other: tuple[Path, Path], times_checked: list[str]
) -> None:
    scenario, named = other
    first = Scenario.load(scenario)
    assert Scenario.load(scenario).model == first.model
    assert len(times_checked) == 1
    content = named.read_text()
    named.write_text(content.replace("more: 1", "more: 2").replace("\n3", "\n3.5").replace("\n0", "\n1"))
    Scenario.load(scenario)
    assert len(times_checked) == 2
    named.unlink()
    with pytest.raises(ScenarioError):
        Scenario.load(scenario)
    inputs = named.parent / "inputs"
    inputs.mkdir()
    (inputs / named.name).write_text(content)  # another file, which the same path now means
    assert Scenario.load(scenario).model == first.model
    assert len(times_checked) == 4


def test_a_scenario_is_kept_as_long_as_the_archetypes_it_uses_stay_as_they_are(
    tmp_path: Path, times_checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    monkeypatch.setattr(including, "LIBRARY", library)
    (library / "more.yaml").write_text("parameters: {more: 1}\n")
    path = tmp_path / "with_archetype.yaml"
    path.write_text(TEXT + "use: bustle/more.yaml\n")
    models = [Scenario.load(path).model for _ in range(2)]
    assert models[0] == models[1] and len(times_checked) == 1
    (library / "more.yaml").write_text("parameters: {more: 2}\n")
    assert Scenario.load(path).parameters["more"] == "2"
    assert len(times_checked) == 2


def test_a_scenario_that_names_a_large_file_is_not_kept(
    other: tuple[Path, Path], place: Path, monkeypatch: pytest.MonkeyPatch, times_checked: list[str]
) -> None:
    monkeypatch.setattr(kept, "LARGEST", 5)
    for _ in range(2):
        Scenario.load(other[0])
    assert len(times_checked) == 2 and not list(place.iterdir())


def test_a_file_with_a_problem_is_not_kept(file: Path, place: Path) -> None:
    file.write_text(TEXT.replace("x + 1", "y + 1"))
    for _ in range(2):
        with pytest.raises(ScenarioError, match="unknown name `y`"):
            Scenario.load(file)
    assert not place.exists()


@pytest.mark.parametrize(
    "damage", [lambda entry: entry[:-1], lambda entry: entry[:40] + b"x" + entry[41:], lambda _: b""]
)
def test_what_is_damaged_is_checked_again(file: Path, place: Path, times_checked: list[str], damage: object) -> None:
    expected = Scenario.load(file).model
    (entry,) = place.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))  # type: ignore[operator]
    assert Scenario.load(file).model == expected
    assert len(times_checked) == 2
    Scenario.load(file)
    assert len(times_checked) == 2


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner here")
def test_a_folder_that_others_may_write_to_is_not_used(file: Path, place: Path, times_checked: list[str]) -> None:
    Scenario.load(file)
    assert place.stat().st_mode & 0o777 == 0o700
    for mode in (0o720, 0o702):
        place.chmod(mode)
        Scenario.load(file)
    assert len(times_checked) == 3
    place.chmod(0o700)
    Scenario.load(file)
    assert len(times_checked) == 3
    elsewhere = place.rename(place.with_name("elsewhere"))
    place.symlink_to(elsewhere)
    Scenario.load(file)
    assert len(times_checked) == 4


def test_only_so_many_are_kept(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for number in range(5):
        path = tmp_path / f"{number}.yaml"
        path.write_text(TEXT.replace("small", f"small{number}"))
        Scenario.load(path)
    assert len(list(place.iterdir())) == 3


def test_nothing_is_kept_where_there_is_no_room_for_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times_checked: list[str]
) -> None:
    monkeypatch.setenv("BUSTLE_CACHE_DIR", str(file))  # no folder
    for _ in range(2):
        Scenario.load(file)
    assert len(times_checked) == 2


def test_a_kept_scenario_needs_neither_grammar_nor_sections(file: Path) -> None:
    code = (
        "import sys\nfrom bustle.scenarios import load\nload(sys.argv[1]).with_values(seed=3, scale=2.0)\n"
        "print(*sys.modules)"
    )
    loaded = [
        subprocess.run(
            [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    heavy = {"lark", "yaml", "pydantic", "bustle.scenarios.check.checker", "bustle.scenarios.structure"}
    assert heavy <= set(loaded[0]) and not heavy & set(loaded[1])
