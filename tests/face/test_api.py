"""The Python API."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

import bustle
from bustle.outputs.verify import verify
from bustle.pipeline import record_again

SECTIONS = {
    "scenario": "bus",
    "clock": {"start": "2026-01-01", "length": "6 hours"},
    "parameters": {"gap": "10 minutes"},
    "populations": {"bus": {"size": 5}},
    "events": {"halt": {"bus": "bus", "late": "label bool"}},
    "behaviors": {
        "drive": {"who": "bus", "every": "exponential(mean=gap)", "do": "emit halt(bus=self, late=bernoulli(p=0.2))"}
    },
    "record": {"halts": {"each": "halt", "columns": ["time", "bus"], "labels": ["late"]}},
}


@pytest.fixture
def bus() -> bustle.Scenario:
    return bustle.Scenario.from_dict(SECTIONS)


def test_a_run_gives_its_tables_log_and_manifest(bus: bustle.Scenario) -> None:
    with bustle.run(bus, seed=3) as run:
        halts = run.table("halts")
        assert run.tables == ("halts",)
        assert halts.columns == ["time", "bus", "late"]
        assert halts.equals(run.scan("halts").collect())
        assert run.events("halt").collect().height == halts.height
        assert run.agents("bus").collect().height == 5
        assert run.manifest["seed"] == 3
        assert run.summary.tables[0].label_shares["late"] == pytest.approx(halts["late"].cast(pl.Float64).mean())
        assert repr(run) == f"<Run of bus, seed 3: halts: {halts.height:,} rows>"


def test_a_table_that_is_not_there_is_named_with_those_that_are(bus: bustle.Scenario) -> None:
    with bustle.run(bus) as run, pytest.raises(KeyError, match="no table 'halt'; there are: halts"):
        run.table("halt")


def test_columns_are_told_by_their_roles(bus: bustle.Scenario) -> None:
    with bustle.run(bus) as run:
        assert run.columns("halts") == ["time", "bus", "late"]
        assert run.columns("halts", "input") == ["time", "bus"]
        assert run.columns("halts", "label", "known", "feature") == ["late"]
        with pytest.raises(KeyError, match="no table 'halt'; there are: halts"):
            run.columns("halt")


def test_an_event_that_is_not_there_is_named_with_those_that_are(bus: bustle.Scenario) -> None:
    with bustle.run(bus) as run, pytest.raises(bustle.OutputError, match="there are: halt"):
        run.events("halts")


def test_a_run_without_a_folder_takes_its_files_with_it(bus: bustle.Scenario) -> None:
    with bustle.run(bus) as run:
        folder = run.folder
        assert folder.is_dir()
    assert not folder.exists()
    unclosed = bustle.run(bus)
    folder = unclosed.folder
    del unclosed
    assert not folder.exists()


def test_a_run_into_a_folder_stays(bus: bustle.Scenario, tmp_path: Path) -> None:
    with bustle.run(bus, out=tmp_path / "out") as run:
        assert run.folder == tmp_path / "out"
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_an_occupied_folder_needs_force(bus: bustle.Scenario, tmp_path: Path) -> None:
    bustle.run(bus, out=tmp_path)
    with pytest.raises(FileExistsError, match="not empty"):
        bustle.run(bus, out=tmp_path)
    bustle.run(bus, out=tmp_path, force=True)


def test_formats_without_types_are_not_read_back(bus: bustle.Scenario) -> None:
    with bustle.run(bus, formats=["csv"]) as run:
        assert (run.folder / "tables" / "halts.csv").is_file()
        with pytest.raises(ValueError, match="add 'parquet' to formats"):
            run.table("halts")


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "jsonl", "duckdb"])
def test_label_shares_are_told_whatever_the_format(bus: bustle.Scenario, form: str) -> None:
    with bustle.run(bus, formats=[form]) as run:
        halts = run.events("halt").collect()
        (told,) = run.summary.tables
        assert told.label_shares == {"late": pytest.approx(halts["late"].cast(pl.Float64).mean())}


def test_the_same_seed_gives_the_same_table_and_another_seed_another(bus: bustle.Scenario) -> None:
    first, second, other = (bustle.run(bus, seed=seed) for seed in (1, 1, 2))
    with first, second, other:
        assert first.table("halts").equals(second.table("halts"))
        assert not first.table("halts").equals(other.table("halts"))


def test_values_length_and_scale_can_be_given(bus: bustle.Scenario) -> None:
    with bustle.run(bus, set={"gap": "1 minute"}, length="1 hour", scale=2) as run:
        assert run.agents("bus").collect().height == 10
        assert 400 < run.table("halts").height < 800  # 600 expected, 8 standard deviations either way


def test_events_come_as_they_happen_and_as_they_are_logged(bus: bustle.Scenario) -> None:
    with bustle.run(bus, seed=5) as run:
        logged = run.events("halt").select("agent", "occurrence", "late").collect().rows()
    told = [(e.agent, e.occurrence, e.fields["late"]) for e in bus.events(seed=5)]
    assert told == logged
    iterator = bus.events(seed=5)
    assert next(iterator).event == "halt"
    assert iterator is iter(iterator)


def test_a_scenario_is_the_same_from_text_file_and_dictionary(tmp_path: Path) -> None:
    text = "scenario: empty\nclock: {start: 2026-01-01, length: 1 day}\n"
    (tmp_path / "empty.yaml").write_text(text)
    loaded = bustle.Scenario.load(tmp_path / "empty.yaml")
    assert loaded.name == bustle.Scenario.from_text(text).name == "empty"
    clock = {"start": "2026-01-01", "length": "1 day"}
    assert bustle.Scenario.from_dict({"scenario": "empty", "clock": clock}).model.clock == loaded.model.clock


def test_parameters_are_what_a_file_would_say(bus: bustle.Scenario) -> None:
    assert bus.parameters == {"gap": "10 minutes"}
    assert bus.with_values({"gap": "90 seconds"}).parameters == {"gap": "90 seconds"}


def test_problems_are_told_with_hints(bus: bustle.Scenario) -> None:
    with pytest.raises(bustle.ScenarioError, match="gap") as raised:
        bustle.run(bus, set={"gab": "1 minute"})
    assert len(raised.value.diagnostics) == 1


def test_progress_is_told_in_order_up_to_the_end(bus: bustle.Scenario) -> None:
    told: list[tuple[int, int, int]] = []
    with bustle.run(bus, progress=lambda *step: told.append(step)) as run:
        assert told[-1][0] == bus.model.clock.length
        assert told[-1][2] == run.summary.events
    assert told == sorted(told)


def test_a_scenario_that_ran_runs_again_from_its_folder(bus: bustle.Scenario, tmp_path: Path) -> None:
    with bustle.run(bus, seed=9, set={"gap": "20 minutes"}, scale=2, length="3 hours", out=tmp_path / "a") as first:
        with bustle.run(tmp_path / "a" / "scenario.yaml", out=tmp_path / "b") as again:
            assert first.table("halts").equals(again.table("halts"))
        ours, theirs = first.manifest["files"], again.manifest["files"]
        del ours["README.md"], theirs["README.md"]  # it tells which values differ from the scenario's own
        assert ours == theirs


def test_a_run_keeps_the_files_that_it_read_and_so_makes_itself_again(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "people.csv").write_text("age\n31\n52\n47\n")
    (tmp_path / "town" / "waits.csv").write_text("minutes\n5\n12\n9\n")
    scenario = tmp_path / "greetings.yaml"
    scenario.write_text(
        """
scenario: greetings
clock: {start: 2026-01-01, length: 3 hours}
populations:
  person: {from_file: town/people.csv}
events:
  hello: {person: person}
behaviors:
  greet:
    who: person
    every: 10 minutes
    do: |
      after empirical(file="town/waits.csv", column="minutes") * 1 minute: answer()
  answer: {who: person, do: emit hello(person=self)}
record:
  hellos: {each: hello, columns: [time, age: person.age]}
"""
    )
    with bustle.run(scenario, out=tmp_path / "out") as run:
        first = run.table("hellos")
        assert {"inputs/town/people.csv", "inputs/town/waits.csv"} < set(run.manifest["files"])
    shutil.rmtree(tmp_path / "town")
    record_again(tmp_path / "out")
    with bustle.run(tmp_path / "out" / "scenario.yaml") as again:
        assert again.table("hellos").equals(first)
        assert verify(again.folder) == verify(tmp_path / "out") == []
