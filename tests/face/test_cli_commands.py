"""The commands beside ``run``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from bustle.scenarios import load, shipped
from tests.face.conftest import CommandLine

BROKEN = """\
scenario: broken
clock: {start: 2026-01-01, length: 10 days}
populations:
  person: {size: 3}
behaviors:
  walk: {who: persn, every: 3 fortnights, do: stop}
"""


@pytest.fixture
def done(bustle_command: CommandLine, shop: Path, tmp_path: Path) -> Path:
    """The folder of a finished run."""
    bustle_command("run", shop, "--out", tmp_path / "done", "--quiet")
    return tmp_path / "done"


# --- check -----------------------------------------------------------------------


def test_check_finds_nothing_wrong_with_any_shipped_scenario(bustle_command: CommandLine) -> None:
    for name in shipped():
        assert "no problems" in bustle_command("check", name).stderr


def test_check_tells_every_problem_with_its_place_and_a_caret(bustle_command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    said = bustle_command("check", path, code=2).stderr
    assert "broken.yaml:6:" in said
    assert "did you mean `person`?" in said
    assert re.search(r"^ +\^+$", said, re.MULTILINE)


def test_check_writes_json_for_editors(bustle_command: CommandLine, shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    result = bustle_command("check", path, "--format", "json", code=2)
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert {"file", "line", "column", "length", "message", "hint"} == set(told["problems"][0])
    assert json.loads(bustle_command("check", shop, "--format", "json").stdout) == {"ok": True, "problems": []}


# --- list, show, new -------------------------------------------------------------


def test_list_gives_every_shipped_scenario_a_line(bustle_command: CommandLine) -> None:
    lines = bustle_command("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped())
    assert all(len(line.split()) > 2 for line in lines)
    titles = json.loads(bustle_command("list", "--json").stdout)
    assert titles == {name: load(name).model.title for name in shipped()}


def test_show_tells_what_can_be_set_and_what_comes_out(bustle_command: CommandLine) -> None:
    said = bustle_command("show", "card_fraud").stdout
    for word in ("block_delay", "4 hours", "merchant", "purchase", "fraud (label)", "transactions", "Handbook"):
        assert word in said
    told = json.loads(bustle_command("show", "card_fraud", "--json").stdout)
    assert told["parameters"]["block_delay"]["value"] == "4 hours"
    assert set(told["tables"]) == set(load("card_fraud").model.tables)


def test_the_starter_checks_and_runs_under_any_name(bustle_command: CommandLine, tmp_path: Path) -> None:
    for name in ("town", "town.yaml", "2nd town!.yaml"):
        bustle_command("new", tmp_path / name, "--force")
    assert {path.name for path in tmp_path.iterdir()} == {"town.yaml", "2nd town!.yaml"}
    bustle_command("check", tmp_path / "2nd town!.yaml")
    bustle_command("run", tmp_path / "town.yaml", "--out", tmp_path / "out", "--scale", "0.1", "--quiet")


def test_new_overwrites_nothing_without_force(bustle_command: CommandLine, shop: Path) -> None:
    before = shop.read_text()
    assert "--force" in bustle_command("new", shop, code=2).stderr
    assert shop.read_text() == before


def test_new_in_a_folder_that_is_not_there_says_so(bustle_command: CommandLine, tmp_path: Path) -> None:
    assert "No such file" in bustle_command("new", tmp_path / "nowhere" / "town.yaml", code=2).stderr


# --- record, verify, plot --------------------------------------------------------


def test_record_makes_the_same_tables_again(bustle_command: CommandLine, done: Path) -> None:
    table = done / "tables" / "returns.parquet"
    before, manifest = table.read_bytes(), (done / "manifest.json").read_bytes()
    table.unlink()
    bustle_command("verify", done, code=1)
    bustle_command("record", done)
    assert table.read_bytes() == before
    assert (done / "manifest.json").read_bytes() == manifest
    bustle_command("verify", done)


def test_record_adds_features_and_the_run_says_so_from_then_on(
    bustle_command: CommandLine, done: Path, tmp_path: Path
) -> None:
    (tmp_path / "wanted.yaml").write_text("purchases: {customer: {windows: 2 days, count: true}}\n")
    bustle_command("record", done, "--features", tmp_path / "wanted.yaml")
    assert "customer_count_2d" in pl.read_parquet(done / "tables" / "purchases.parquet").columns
    bustle_command("verify", done)
    bustle_command("record", done)
    assert "customer_count_2d" in pl.read_parquet(done / "tables" / "purchases.parquet").columns


def test_features_that_cannot_be_had_leave_the_run_as_it_was(
    bustle_command: CommandLine, done: Path, tmp_path: Path
) -> None:
    (tmp_path / "wanted.yaml").write_text("purchases: {custmer: {windows: 2 days, count: true}}\n")
    told = bustle_command("record", done, "--features", tmp_path / "wanted.yaml", code=2)
    assert "the table has no column `custmer`" in told.stderr
    bustle_command("verify", done)


def test_record_writes_other_formats(bustle_command: CommandLine, done: Path) -> None:
    told = json.loads(bustle_command("record", done, "--format", "csv", "--json").stdout)
    assert pl.read_csv(done / "tables" / "returns.csv").height == told["tables"]["returns"]["rows"]
    bustle_command("verify", done)


def test_verify_names_what_is_missing_changed_and_extra(bustle_command: CommandLine, done: Path) -> None:
    assert "as it was written" in bustle_command("verify", done).stderr
    (done / "tables" / "returns.parquet").unlink()
    (done / "scenario.yaml").write_text("scenario: other")
    (done / "notes.txt").write_text("mine")
    said = bustle_command("verify", done, code=1).stderr
    for kind, path in (("missing", "returns.parquet"), ("changed", "scenario.yaml"), ("extra", "notes.txt")):
        assert re.search(f"^{kind}: .*{path}", said, re.MULTILINE)
    told = json.loads(bustle_command("verify", done, "--json", code=1).stdout)
    assert {problem["kind"] for problem in told["problems"]} == {"missing", "changed", "extra"}


def test_plot_draws_pictures_and_the_folder_still_verifies(bustle_command: CommandLine, done: Path) -> None:
    drawn = [Path(line) for line in bustle_command("plot", done).stdout.splitlines()]
    assert done / "plots" / "overview.png" in drawn
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    bustle_command("verify", done)


@pytest.mark.parametrize("command", ["record", "verify", "plot"])
def test_a_folder_that_holds_no_run_ends_with_2(bustle_command: CommandLine, tmp_path: Path, command: str) -> None:
    bustle_command(command, tmp_path / "nothing", code=2)


# --- explain ---------------------------------------------------------------------


def test_explain_tells_what_a_run_takes_and_gives(bustle_command: CommandLine) -> None:
    said = bustle_command("explain", "card_fraud", "--scale", "0.1").stdout
    for word in ("cardholder", "purchase", "transactions", "memory"):
        assert word in said
    small = json.loads(bustle_command("explain", "card_fraud", "--set", "cardholders=700", "--json").stdout)
    assert small["populations"]["cardholder"] == 700
