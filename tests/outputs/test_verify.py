from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bustle.outputs.errors import OutputError
from bustle.outputs.folder import files_in
from bustle.outputs.log import LogWriter
from bustle.outputs.verify import verify
from tests.outputs.scenes import fill, record, shops


@pytest.fixture
def run(tmp_path: Path) -> Path:
    record(tmp_path, shops(), ("parquet", "csv", "duckdb"))
    return tmp_path


def test_a_whole_run_has_no_problems(run: Path) -> None:
    assert verify(run) == []


def test_one_changed_byte_in_any_file_is_found(run: Path) -> None:
    for name in list(files_in(run)):
        if name.endswith(("manifest.json", ".duckdb")):
            continue
        path = run / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        (problem,) = verify(run)
        assert (problem.kind, problem.path) == ("changed", name)
        assert str(problem) == f"{name} has changed since it was written"
        path.write_bytes(whole)


def test_a_changed_size_is_told(run: Path) -> None:
    with (run / "README.md").open("a") as card:
        card.write("more")
    (problem,) = verify(run)
    assert "README.md has" in problem.text
    assert "it was written with" in problem.text


def test_changed_rows_of_a_database_are_found(run: Path) -> None:
    with duckdb.connect(str(run / "tables/dataset.duckdb")) as connection:
        connection.execute("DELETE FROM daily WHERE n = 1")
    (problem,) = verify(run)
    assert problem.text == "tables/dataset.duckdb: the rows of daily have changed since they were written"


def test_a_damaged_database_is_found(run: Path) -> None:
    (run / "tables/dataset.duckdb").write_bytes(b"no database")
    (problem,) = verify(run)
    assert (problem.kind, problem.path) == ("changed", "tables/dataset.duckdb")


def test_missing_and_extra_files_are_found(run: Path) -> None:
    (run / "log/agents/card.parquet").rename(run / "log/agents/carb.parquet")
    missing, extra = verify(run)
    assert (missing.kind, missing.text) == ("missing", "log/agents/card.parquet is missing")
    assert (extra.kind, extra.text) == ("extra", "log/agents/carb.parquet was not written by the run")


def test_pictures_drawn_later_are_no_problem(run: Path) -> None:
    (run / "plots").mkdir()
    (run / "plots/overview.png").write_bytes(b"a picture")
    assert verify(run) == []


def test_a_run_without_a_manifest_is_incomplete(run: Path) -> None:
    (run / "manifest.json").unlink()
    (problem,) = verify(run)
    assert problem.kind == "incomplete"
    assert "has no manifest.json: it holds no complete run" in problem.text


def test_half_written_files_are_incomplete(run: Path) -> None:
    (run / "tables/transactions.parquet.partial").write_bytes(b"PAR1")
    (problem,) = verify(run)
    assert problem.kind == "incomplete"
    assert "tables/transactions.parquet.partial is half written" in problem.text


_KILLED = """
import os, signal, sys
from pathlib import Path
from bustle.outputs.log import LogWriter
from tests.outputs.scenes import fill, shops
log = LogWriter(Path(sys.argv[1]), shops(), row_group=4)
fill(log)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_leaves_nothing_under_a_final_name(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    names = list(files_in(tmp_path))
    assert names
    assert all(name.endswith(".partial") for name in names)
    assert {problem.kind for problem in verify(tmp_path)} == {"incomplete"}


@pytest.mark.parametrize("content", ["", "{}", '{"format": "bustle run 99", "files": {}}', "[1]"])
def test_a_damaged_manifest_is_reported(run: Path, content: str) -> None:
    (run / "manifest.json").write_text(content)
    problem = verify(run)[0]
    assert (problem.kind, problem.path) == ("changed", "manifest.json")


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "log/../../secret"])
def test_a_manifest_cannot_point_out_of_the_folder(run: Path, path: str) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"][path] = {"bytes": 1, "sha256": ""}
    (run / "manifest.json").write_text(json.dumps(manifest))
    (problem,) = verify(run)
    assert problem.path == "manifest.json"
    assert "damaged" in problem.text


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is no folder"):
        verify(tmp_path / "nothing")


def test_an_unfinished_log_is_incomplete_until_it_is_aborted(tmp_path: Path) -> None:
    log = LogWriter(tmp_path, shops())
    fill(log)
    assert any(p.path.startswith("log/events/") for p in verify(tmp_path))
    log.abort()
    assert [p.path for p in verify(tmp_path)] == ["manifest.json"]
