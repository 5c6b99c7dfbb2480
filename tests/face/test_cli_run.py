"""``bustle run``: what it writes, what it says, and how it ends."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import polars as pl
import pytest

from tests.face.conftest import CommandLine

DIVIDES = """
scenario: divides
clock: {start: 2026-01-01, length: 10 days}
populations:
  person: {size: 3, attributes: {left: 2}}
events:
  shared: {person: person, share: number}
behaviors:
  share:
    who: person
    every: 1 day
    do: |
      emit shared(person=self, share=1 / left)
      left -= 1
record:
  shares: {each: shared, columns: [time, person, share]}
"""


def test_a_run_writes_a_whole_folder_and_says_what_came_out(
    bustle_command: CommandLine, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = bustle_command("run", shop, "--out", out).stdout
    assert {path.name for path in out.iterdir()} == {"README.md", "log", "manifest.json", "scenario.yaml", "tables"}
    abuse = pl.read_parquet(out / "tables" / "returns.parquet")["abuse"]
    assert f"{len(abuse)}" in said
    assert f"abuse {100 * abuse.sum() / len(abuse):.3g} %" in said
    assert bustle_command("verify", out).exit_code == 0


def test_json_on_stdout_is_one_document_and_nothing_else(
    bustle_command: CommandLine, shop: Path, tmp_path: Path
) -> None:
    told = json.loads(bustle_command("run", shop, "--out", tmp_path / "out", "--json").stdout)
    assert told["complete"] is True
    assert told["tables"]["returns"]["rows"] == pl.read_parquet(tmp_path / "out" / "tables" / "returns.parquet").height
    assert 0 < told["tables"]["returns"]["labels"]["abuse"] < 1


def test_quiet_says_nothing(bustle_command: CommandLine, shop: Path, tmp_path: Path) -> None:
    result = bustle_command("run", shop, "--out", tmp_path / "out", "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_options_reach_the_run(bustle_command: CommandLine, shop: Path, tmp_path: Path) -> None:
    options = ("--seed", "7", "--set", "customers=60", "--length", "2 days", "--scale", "0.5", "--format", "csv,arrow")
    bustle_command("run", shop, "--out", tmp_path / "out", *options)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["seed"], manifest["scale"], manifest["end"]) == (7, 0.5, "2026-01-03T00:00:00")
    assert manifest["agents"]["customer"]["rows"] == 30
    assert {path.suffix for path in (tmp_path / "out" / "tables").iterdir()} == {".csv", ".arrow"}


def test_pictures_are_drawn_when_asked_for_and_belong_to_the_run(
    bustle_command: CommandLine, shop: Path, tmp_path: Path
) -> None:
    bustle_command("run", shop, "--out", tmp_path / "out", "--plot", "--quiet")
    assert "plots/overview.png" in json.loads((tmp_path / "out" / "manifest.json").read_text())["files"]


def test_the_default_folder_is_named_after_the_scenario(
    bustle_command: CommandLine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bustle_command("run", shop, "--quiet")
    assert (tmp_path / "runs" / "shop" / "manifest.json").is_file()


def test_an_existing_run_is_replaced_only_with_force(bustle_command: CommandLine, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bustle_command("run", shop, "--out", out, "--quiet")
    (out / "mine.txt").write_text("keep me")
    before = (out / "manifest.json").read_bytes()
    said = bustle_command("run", shop, "--out", out, "--seed", "2", code=2).stderr
    assert "exists and is not empty" in said and "--force" in said
    assert (out / "manifest.json").read_bytes() == before
    bustle_command("run", shop, "--out", out, "--seed", "2", "--force", "--quiet")
    assert (out / "manifest.json").read_bytes() != before
    assert (out / "mine.txt").read_text() == "keep me"


def test_force_does_not_touch_a_folder_that_holds_no_run(
    bustle_command: CommandLine, shop: Path, tmp_path: Path
) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.tex").write_text("years of work")
    bustle_command("run", shop, "--out", tmp_path / "papers", "--force", code=2)
    assert [path.name for path in (tmp_path / "papers").iterdir()] == ["thesis.tex"]


def test_a_run_that_fails_ends_with_1_a_line_that_says_where_and_no_folder(
    bustle_command: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "divides.yaml"
    path.write_text(DIVIDES)
    said = bustle_command("run", path, "--out", tmp_path / "out", code=1).stderr
    assert "divides.yaml:13:38:" in said
    assert "2026-01-04" in said
    assert not (tmp_path / "out").exists()


def test_a_full_disk_ends_with_1_and_leaves_nothing(
    bustle_command: CommandLine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    def full(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    said = bustle_command("run", shop, "--out", tmp_path / "out", code=1).stderr
    assert "No space left on device" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no_such.yaml"], "no_such.yaml"),
        (["card_froud"], "card_fraud"),
        (["SHOP", "--set", "custumers=3"], "customers"),
        (["SHOP", "--set", "customers"], "NAME=VALUE"),
        (["SHOP", "--set", "customers=3", "--set", "customers=4"], "given twice"),
        (["SHOP", "--set", "customers=many"], "many"),
        (["SHOP", "--set", "customers=0"], "minimum"),
        (["SHOP", "--set", "returns_in=3"], "returns_in"),
        (["SHOP", "--length", "soon"], "soon"),
        (["SHOP", "--length", "-3 days"], "length"),
        (["SHOP", "--scale", "0"], "scale"),
        (["SHOP", "--scale", "nan"], "scale"),
        (["SHOP", "--scale", "lots"], "--scale"),
        (["SHOP", "--seed", "-1"], "--seed"),
        (["SHOP", "--seed", "99999999999999999999"], "seed"),
        (["SHOP", "--format", "parket"], "parquet"),
        (["SHOP", "--format", ","], "no format"),
        (["SHOP", "--out", "SHOP"], "not a folder"),
        (["SHOP", "--out", "SHOP/under"], "SHOP"),
        (["SHOP", "--fast"], "--fast"),
        (["SHOP", "--lenght", "3 days"], "did you mean `--length`"),
        (["SHOP", "3 days"], "unknown argument: 3 days"),
        ([], "SCENARIO"),
        (["."], "folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_arguments_end_with_2_and_a_hint(
    bustle_command: CommandLine,
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    result = bustle_command("run", *(word.replace("SHOP", str(shop)) for word in words), code=2)
    assert said.replace("SHOP", str(shop)) in result.stderr
    assert result.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_folder_that_cannot_be_written_ends_with_2(
    bustle_command: CommandLine, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: object, **_named: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    assert "Permission denied" in bustle_command("run", shop, "--out", tmp_path / "out", code=2).stderr


def test_unknown_commands_end_with_2(bustle_command: CommandLine) -> None:
    bustle_command("simulate", code=2)
