"""Every engine, schedule and number of workers gives the same folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import bustle
from bustle.sim.engines import ChoiceError
from tests.face.conftest import CommandLine

COUPLED = """
scenario: coupled
clock: {start: 2026-01-01, length: 5 days}
world: {warmth: 1}
populations: {person: {size: 20}}
events: {step: {person: person, heat: number}}
behaviors:
  walk:
    who: person
    rate: 3 per day
    do: |
      warmth += 1
      emit step(person=self, heat=warmth)
record: {steps: {each: step, columns: [time, person, heat]}}
"""
"""A scenario without islands."""

IN_PYTHON = """
scenario: python
clock: {start: 2026-01-01, length: 1 day}
populations: {person: {size: 2, class: "person.py:Person"}}
"""


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def coupled(tmp_path: Path) -> Path:
    path = tmp_path / "coupled.yaml"
    path.write_text(COUPLED)
    return path


WAYS = (
    ["--engine", "reference"],
    ["--engine", "compiled"],
    ["--engine", "auto"],
    ["--workers", "2", "--engine", "compiled"],
    ["--workers", "3", "--engine", "compiled"],
    ["--schedule", "windows"],
    ["--schedule", "global"],
    ["--schedule", "windows", "--workers", "3"],
    ["--checkpoint-every", "10 minutes"],
    ["--checkpoint-every", "0.000001 s", "--workers", "2"],
)


@pytest.mark.parametrize("name", ["shop", "card_fraud", "handbook_fraud"])
def test_every_way_to_run_gives_the_same_folder(
    bustle_command: CommandLine, shop: Path, tmp_path: Path, name: str
) -> None:
    scenario = shop if name == "shop" else name
    small = [] if name == "shop" else ["--scale", "0.02", "--length", "12 days"]
    expected: dict[str, bytes] = {}
    for number, way in enumerate(WAYS):
        out = tmp_path / str(number)
        bustle_command("run", scenario, "--out", out, "--seed", "5", "--format", "parquet,csv", "-q", *small, *way)
        found = files_of(out)
        expected = expected or found
        assert found.keys() == expected.keys(), way
        assert [file for file in found if found[file] != expected[file]] == [], way


def test_a_scenario_without_islands_gives_the_same_folder(
    bustle_command: CommandLine, coupled: Path, tmp_path: Path
) -> None:
    ways = (["--engine", "reference"], ["--engine", "compiled"], ["--workers", "3"], ["--schedule", "global"])
    for number, way in enumerate(ways):
        bustle_command("run", coupled, "--out", tmp_path / str(number), "-q", *way)
        assert files_of(tmp_path / str(number)) == files_of(tmp_path / "0")


@pytest.mark.parametrize(
    ("words", "engine", "why"),
    [
        (["--engine", "reference"], "reference engine", "as asked for"),
        (["--engine", "compiled"], "compiled engine, schedule global", "as asked for"),
        (["--schedule", "global"], "compiled engine, schedule global", "as asked for"),
        (["--engine", "auto"], "engine", "in the reference engine"),
    ],
)
def test_the_summary_names_the_engine_and_why(
    bustle_command: CommandLine, coupled: Path, tmp_path: Path, words: list[str], engine: str, why: str
) -> None:
    told = json.loads(bustle_command("run", coupled, "--out", tmp_path / "a", "--json", *words).stdout)
    assert engine in told["engine"] and why in told["why_engine"]
    said = bustle_command("run", coupled, "--out", tmp_path / "b", *words).stdout
    assert f"{told['engine']}: " in said and why in said


@pytest.mark.parametrize(
    ("scenario", "words", "workers"),
    [
        ("SHOP", ["--engine", "compiled", "--workers", "3"], 3),
        ("SHOP", ["--schedule", "windows", "--workers", "2", "--checkpoint-every", "1 hour"], 2),
        ("SHOP", ["--schedule", "global", "--workers", "3"], 1),
        ("SHOP", ["--engine", "reference"], 1),
        ("COUPLED", ["--engine", "compiled", "--workers", "3"], 1),
    ],
)
def test_the_summary_says_how_many_workers_had_something_to_do(
    bustle_command: CommandLine,
    shop: Path,
    coupled: Path,
    tmp_path: Path,
    scenario: str,
    words: list[str],
    workers: int,
) -> None:
    path = {"SHOP": shop, "COUPLED": coupled}[scenario]
    told = json.loads(bustle_command("run", path, "--out", tmp_path / "a", "--json", *words).stdout)
    assert told["workers"] == workers
    said = bustle_command("run", path, "--out", tmp_path / "b", *words).stdout
    assert (f", {workers} workers: " in said) == (workers > 1)


def test_the_engine_leaves_no_trace_in_the_folder(bustle_command: CommandLine, coupled: Path, tmp_path: Path) -> None:
    bustle_command("run", coupled, "--out", tmp_path / "out", "-q", "--engine", "compiled")
    texts = [path.read_text() for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert not any("compiled" in text or "schedule" in text for text in texts)


def test_agents_written_in_python_run_in_the_reference_engine(bustle_command: CommandLine, tmp_path: Path) -> None:
    words = ("--allow-code", "--length", "1 hour", "--json")
    told = json.loads(bustle_command("run", "mesa_market", "--out", tmp_path / "out", *words).stdout)
    assert (told["engine"], told["why_engine"]) == ("reference engine", "agents written in Python: stall")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["SHOP", "--engine", "fast"], "--engine fast: no such engine"),
        (["SHOP", "--engine", "compild"], "did you mean `compiled`?"),
        (["SHOP", "--workers", "0"], "--workers"),
        (["SHOP", "--workers", "1000"], "--workers"),
        (["SHOP", "--workers", "many"], "--workers"),
        (["SHOP", "--engine", "reference", "--workers", "2"], "only the compiled engine has 2 workers"),
        (["SHOP", "--schedule", "window"], "did you mean `windows`?"),
        (["SHOP", "--schedule", "global", "--engine", "reference"], "only the compiled engine has schedules"),
        (["COUPLED", "--schedule", "windows"], "the schedule `windows` is not possible here; possible: global"),
        (["SHOP", "--checkpoint-every", "soon"], "--checkpoint-every soon: not a time"),
        (["SHOP", "--checkpoint-every", "0"], "not a time"),
        (["SHOP", "--checkpoint-every", "-3 minutes"], "not a time"),
        (["SHOP", "--checkpoint-every", "nan"], "not a time"),
        (["SHOP", "--checkpoint-every", "3 fortnights"], "not a time"),
        (["SHOP", "--checkpoint-every", "1 minute", "--engine", "reference"], "only the compiled engine keeps"),
        (["PYTHON", "--allow-code", "--engine", "compiled"], "agents written in Python (person) need the reference"),
        (["PYTHON", "--allow-code", "--checkpoint-every", "1 minute"], "which keeps no checkpoints"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_ends_with_2_and_one_clear_message_and_leaves_nothing(
    bustle_command: CommandLine,
    shop: Path,
    coupled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python.yaml").write_text(IN_PYTHON)
    (tmp_path / "person.py").write_text("from bustle import PythonAgent\nclass Person(PythonAgent): pass\n")
    places = {"SHOP": str(shop), "COUPLED": str(coupled), "PYTHON": "python.yaml"}
    before = files_of(tmp_path)
    result = bustle_command("run", *(places.get(word, word) for word in words), code=2)
    assert said in result.stderr and result.stdout == ""
    assert result.stderr.count("error") <= 1
    assert files_of(tmp_path) == before and not (tmp_path / "runs").exists()


def test_what_cannot_be_leaves_the_run_that_force_would_replace(
    bustle_command: CommandLine, coupled: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    bustle_command("run", coupled, "--out", out, "-q")
    before = files_of(out)
    bustle_command("run", coupled, "--out", out, "--force", "--schedule", "windows", code=2)
    assert files_of(out) == before


def test_python_has_the_same_options_and_the_same_errors(shop: Path, tmp_path: Path) -> None:
    with bustle.run(shop, seed=2, engine="reference") as one, bustle.run(shop, seed=2, workers=2) as two:
        assert files_of(one.folder) == files_of(two.folder)
        assert one.summary.engine == "reference engine" and one.summary.why_engine == "as asked for"
    wrong = (
        {"engine": "fast"},
        {"workers": 0},
        {"engine": "reference", "workers": 2},
        {"engine": "reference", "checkpoint_every": 1.0},
    )
    for options in wrong:
        with pytest.raises(ChoiceError):
            bustle.run(shop, out=tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_events_may_come_from_either_engine(shop: Path) -> None:
    scenario = bustle.Scenario.load(shop)
    first, second = (list(scenario.events(seed=3, engine=engine)) for engine in ("reference", "compiled"))
    assert first == second and len(first) > 20


def test_compiling_is_told_once(
    bustle_command: CommandLine, coupled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bustle import kept_code

    monkeypatch.setattr(kept_code, "keep", lambda *_: None)
    coupled.write_text(COUPLED.replace("warmth += 1", "warmth += 987654321"))  # a rule that no other test has
    first = bustle_command("run", coupled, "--out", tmp_path / "a", "--engine", "compiled").stderr
    second = bustle_command("run", coupled, "--out", tmp_path / "b", "--engine", "compiled").stderr
    assert "compiling rules (once): " in first
    assert second == ""


# --- explain


def test_explain_tells_the_plan(bustle_command: CommandLine) -> None:
    said = bustle_command("explain", "handbook_fraud", "--workers", "2").stdout
    for line in (
        r"engine +compiled: about .* in the reference engine",
        r"schedule +windows: customer: agents that advance on their own \(possible too: global\)",
        r"islands +customer \(5,000\)",
        r"couplers +compromise, leak: fire in one order",
        r"barriers +compromise: all islands come to their instant first",
        r"lookahead +1 microsecond: customer",
        r"constant +customer: x, y, mean_amount, sd_amount, pace",
        r"workers +2, for as many shards of the islands",
        r"memory +about .* MB in the compiled engine",
        r"disk +at most .* MB",
        r"│ forget +│ +549 │ own leaks +│ own leaks +│ +│",
    ):
        assert re.search(line, said), line
    assert max(map(len, said.splitlines())) <= 100


def test_explain_tells_what_couples(bustle_command: CommandLine, coupled: Path) -> None:
    said = bustle_command("explain", coupled, "--workers", "4").stdout
    assert "person: `walk` changes the global `warmth`" in said
    assert "1 shard: more workers do not help" in said
    assert "global warmth" in said


def test_explain_of_agents_in_python_tells_the_reference_engine(bustle_command: CommandLine) -> None:
    said = bustle_command("explain", "mesa_market").stdout
    assert "reference: agents written in Python: stall" in said
    assert "schedule" not in said and "in the reference engine" in said


def test_explain_as_json_holds_the_plan_beside_the_estimate(bustle_command: CommandLine, coupled: Path) -> None:
    told = json.loads(bustle_command("explain", coupled, "--json", "--workers", "3").stdout)
    assert told["populations"] == {"person": 20}
    assert told["plan"]["schedule"] == "global" and told["plan"]["shards"] == 1 and told["plan"]["workers"] == 3
    assert told["plan"]["touches"]["walk"]["writes"] == ["world.warmth"]


def test_explain_notes_what_does_not_fit_with_numbers_and_refuses_nothing(
    bustle_command: CommandLine, coupled: Path
) -> None:
    assert json.loads(bustle_command("explain", coupled, "--json").stdout)["notes"] == []
    coupled.write_text(COUPLED.replace("size: 20", "size: 20_000"))
    notes = json.loads(bustle_command("explain", coupled, "--scale", "1e6", "--json").stdout)["notes"]
    assert any("of memory and this machine has" in note and "it will be refused" in note for note in notes)
    assert any("the run writes" in note and "are free here" in note for note in notes)
    assert any("agents, more than the 2,147,483,647 that are possible" in note for note in notes)


def test_what_explain_says_run_does(bustle_command: CommandLine, coupled: Path, tmp_path: Path) -> None:
    bustle_command("run", coupled, "--out", tmp_path / "first", "--engine", "compiled", "-q")
    plan = json.loads(bustle_command("explain", coupled, "--json").stdout)["plan"]
    told = json.loads(bustle_command("run", coupled, "--out", tmp_path / "out", "--json").stdout)
    assert told["engine"].startswith(plan["engine"]) and told["why_engine"] == plan["why_engine"]


def test_a_run_that_does_not_fit_is_refused_with_numbers(
    bustle_command: CommandLine, coupled: Path, tmp_path: Path
) -> None:
    coupled.write_text(COUPLED.replace("size: 20", "size: 20_000"))
    said = bustle_command("run", coupled, "--scale", "1e6", "--out", tmp_path / "out", code=1).stderr
    assert "GiB" in said and "--scale" in said
    assert not (tmp_path / "out").exists()
