"""``bustle audit`` at the command line: what it shows, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import bustle
from tests.face.conftest import CommandLine


@pytest.fixture(scope="module")
def run() -> Iterator[bustle.Run]:
    with bustle.run("card_fraud", seed=1, scale=0.02, length="40 days") as run:
        yield run


MAPPING = """
audit:
  payments:
    time: time
    payer: card
    skip: {burstiness: a card is used by chance, rhythm: it is one shop's}
"""


@pytest.fixture
def own(run: bustle.Run, tmp_path: Path) -> Path:
    """A CSV file of somebody's own, and its mapping beside it."""
    run.table("transactions").write_csv(tmp_path / "own.csv")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path / "own.csv"


def test_a_run_is_audited_by_what_its_manifest_says(bustle_command: CommandLine, run: bustle.Run) -> None:
    said = bustle_command("audit", run.folder, code=1).stdout
    assert said.startswith("card_fraud: transactions, ")
    line = next(line for line in said.splitlines() if line.strip().startswith("burstiness"))
    assert "0.2 to 0.6" in line and "FAIL" in line
    assert "Goh and Barabasi" in said
    assert ", 1 failed, " in said


def test_the_report_as_json_says_the_same_and_nothing_else_is_said(
    bustle_command: CommandLine, run: bustle.Run, tmp_path: Path
) -> None:
    told = json.loads(bustle_command("audit", run.folder, "--json", "-", code=1).stdout)
    assert told == bustle.audit(run).to_dict()
    assert (told["format"], told["ok"]) == ("bustle audit 1", False)
    bustle_command("audit", run.folder, "--json", tmp_path / "report.json", code=1)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == told


def test_a_report_is_the_same_every_time(run: bustle.Run) -> None:
    assert bustle.audit(run).to_dict() == bustle.audit(run.folder).to_dict()


def test_a_file_is_audited_by_a_mapping_whose_only_table_it_is(bustle_command: CommandLine, own: Path) -> None:
    said = bustle_command("audit", own, "--mapping", own.with_name("mapping.yaml")).stdout
    assert said.startswith("own.csv: own, ")
    assert "the mapping: it is one shop's" in said
    assert "0 failed" not in said and "FAIL" not in said


def test_python_takes_the_mapping_as_a_file_too(own: Path) -> None:
    report = bustle.audit(own, mapping=own.with_name("mapping.yaml"))
    assert report.ok and report["own"].failed == ()
    assert report["own"]["burstiness"].verdict == "skipped"
    with pytest.raises(KeyError, match="ledgers"):
        report["own"]["ledgers"]
    with pytest.raises(KeyError, match="payments"):
        report["payments"]


def test_of_several_tables_the_one_that_is_named_is_audited(bustle_command: CommandLine, own: Path) -> None:
    mapping = own.with_name("mapping.yaml")
    mapping.write_text(MAPPING + "  other: {time: time}\n", encoding="utf-8")
    said = bustle_command("audit", own, "--mapping", mapping, code=2).output
    assert "the mapping tells of payments, other, not of own: --table says which to use" in said
    assert "own.csv: own" in bustle_command("audit", own, "--mapping", mapping, "--table", "payments").stdout


def test_a_mapping_comes_before_what_the_manifest_says(
    bustle_command: CommandLine, run: bustle.Run, tmp_path: Path
) -> None:
    (tmp_path / "mapping.yaml").write_text("audit: {transactions: {time: time}}", encoding="utf-8")
    said = json.loads(bustle_command("audit", run.folder, "--mapping", tmp_path / "mapping.yaml", "--json", "-").stdout)
    skipped = {check["check"] for check in said["tables"][0]["checks"] if check["verdict"] == "skipped"}
    assert "burstiness" in skipped and "weekday ratio" not in skipped


def test_a_misspelt_column_is_shown_in_the_mapping(bustle_command: CommandLine, own: Path) -> None:
    mapping = own.with_name("mapping.yaml")
    mapping.write_text(MAPPING.replace("payer: card", "payer: crad"), encoding="utf-8")
    said = bustle_command("audit", own, "--mapping", mapping, code=2).output
    assert "mapping.yaml:5:12: unknown column `crad`" in said
    assert "did you mean `card` or `fraud`?" in said


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "the file is empty"),
        ("- time", "a mapping is expected, not a list"),
        ("audits: {payments: {time: time}}", "unknown key `audits` of a mapping"),
        ("payments: {time: time}", "the scenario has no `audit`"),
        ("audit: {payments: {tiem: time}}", "unknown key `tiem` of an audit"),
        ("audit: {payments: {time: time, balances: [payer]}}", "`balances`"),
        ("audit: [", "mapping.yaml:1"),
    ],
)
def test_a_mapping_that_is_none_is_told(bustle_command: CommandLine, own: Path, text: str, message: str) -> None:
    mapping = own.with_name("mapping.yaml")
    mapping.write_text(text, encoding="utf-8")
    assert message in bustle_command("audit", own, "--mapping", mapping, code=2).output


def test_what_cannot_be_audited_is_told_in_a_line(bustle_command: CommandLine, own: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "notes.txt").write_text("nothing")
    for words, message in (
        ((tmp_path / "nowhere",), "there is no file or folder"),
        ((empty,), "holds no table"),
        ((tmp_path / "notes.txt",), "none of the extensions that can be read"),
        ((own,), "own.csv is no run of bustle: --mapping FILE.yaml says what its columns are"),
        ((own, "--mapping", tmp_path / "none.yaml"), "No such file"),
        (
            (own, "--mapping", own.with_name("mapping.yaml"), "--table", "x"),
            "the mapping does not tell of x (known tables: payments)",
        ),
    ):
        said = bustle_command("audit", *words, code=2).output
        assert message in said and said.count("error:") == 1


def test_a_run_of_a_scenario_without_the_section_needs_a_mapping(bustle_command: CommandLine, tmp_path: Path) -> None:
    with bustle.run("epidemic", scale=0.02, length="5 days") as other:
        said = bustle_command("audit", other.folder, code=2).output
    assert "has no section `audit:`; add one, or give --mapping FILE.yaml" in said


def test_a_damaged_manifest_is_told(bustle_command: CommandLine, tmp_path: Path) -> None:
    with bustle.run("card_fraud", seed=1, scale=0.005, length="3 days", out=tmp_path / "run") as other:
        manifest = json.loads((other.folder / "manifest.json").read_text(encoding="utf-8"))
        manifest["audit"]["transactions"]["time"] = 3
        (other.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        assert "is damaged" in bustle_command("audit", other.folder, code=2).output


def test_a_table_in_another_format_only_is_told(bustle_command: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    bustle.run("card_fraud", seed=1, scale=0.005, length="3 days", formats=["duckdb"], out=folder)
    assert "`bustle record` writes it again" in bustle_command("audit", folder, code=2).output
    bustle_command("record", folder)
    assert "transactions, " in bustle_command("audit", folder, "--table", "transactions").stdout
