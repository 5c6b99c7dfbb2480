from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bustle.outputs.errors import OutputError
from bustle.outputs.folder import FolderOccupied, files_in, is_run, prepare
from bustle.outputs.log import LogWriter
from tests.outputs.scenes import fill, record, shops


def test_a_new_folder_is_made(tmp_path: Path) -> None:
    assert prepare(tmp_path / "a" / "b").is_dir()
    assert prepare(tmp_path / "a" / "b").is_dir(), "an empty folder will do"


def test_a_folder_that_holds_something_is_refused_without_force(tmp_path: Path) -> None:
    record(tmp_path, shops())
    with pytest.raises(FolderOccupied, match="exists and is not empty; force replaces a run in it"):
        prepare(tmp_path)


def test_force_replaces_a_run_and_keeps_what_others_put_there(tmp_path: Path) -> None:
    record(tmp_path, shops(), ("parquet", "csv", "duckdb"))
    for foreign in ("notes.txt", "tables/mine.csv", "log/events/deeper/x.parquet", "plots/mine.txt"):
        (tmp_path / foreign).parent.mkdir(exist_ok=True)
        (tmp_path / foreign).write_text("mine")
    (tmp_path / "plots/overview.png").write_text("a picture")
    prepare(tmp_path, force=True)
    assert list(files_in(tmp_path)) == ["log/events/deeper/x.parquet", "notes.txt", "plots/mine.txt", "tables/mine.csv"]


def test_force_leaves_an_empty_folder_where_only_a_run_was(tmp_path: Path) -> None:
    record(tmp_path, shops())
    prepare(tmp_path, force=True)
    assert not list(tmp_path.iterdir())


def test_force_replaces_a_run_that_died(tmp_path: Path) -> None:
    record(tmp_path, shops())
    (tmp_path / "manifest.json").unlink()
    log = LogWriter(tmp_path, shops())
    fill(log)
    (tmp_path / "tables/mine.parquet").write_text("not of this run")
    (tmp_path / "tables/dataset.duckdb.partial.wal").write_text("half")
    prepare(tmp_path, force=True)
    log.abort()
    # cardholders and the others are tables of the test's model that its scenario.yaml does not list
    assert "tables/transactions.parquet" not in files_in(tmp_path)
    assert "tables/mine.parquet" in files_in(tmp_path)
    assert not list(tmp_path.rglob("*.partial*"))


def test_force_does_not_touch_a_folder_without_a_run(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("scenario: mine")
    (tmp_path / "manifest.json").write_text('{"files": {"scenario.yaml": {}}, "format": "something else"}')
    with pytest.raises(OutputError, match="holds files but no run, so nothing in it is replaced"):
        prepare(tmp_path, force=True)
    assert (tmp_path / "scenario.yaml").exists()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 3, "files": []}', '{"format": "bustle run 1"}'])
def test_a_damaged_manifest_makes_no_run(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    assert not is_run(tmp_path)


def test_a_manifest_that_lists_files_elsewhere_removes_nothing_there(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    record(folder, shops())
    (tmp_path / "precious.txt").write_text("mine")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] |= {"../precious.txt": {}, str(tmp_path / "precious.txt"): {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    prepare(folder, force=True)
    assert (tmp_path / "precious.txt").exists()


def test_links_to_other_folders_are_not_followed(tmp_path: Path) -> None:
    folder, other = tmp_path / "run", tmp_path / "other"
    record(folder, shops())
    other.mkdir()
    (other / "precious.parquet").write_text("mine")
    (folder / "plots").symlink_to(other)
    prepare(folder, force=True)
    assert (other / "precious.parquet").exists()


def test_a_file_in_the_way_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="out is a file, not a folder"):
        prepare(tmp_path / "out")
    with pytest.raises(OutputError, match=r"cannot write to .*Not a directory"):
        prepare(tmp_path / "out" / "deeper")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_permission_is_reported_in_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match=r"cannot write to .*Permission denied"):
        prepare(tmp_path / "out")
