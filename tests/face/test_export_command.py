"""`bustle export` writes files of a published dataset, and says in a line what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.face.conftest import CommandLine


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "run"
    CommandLine()("run", "money_laundering", "--scale", "0.01", "--length", "2 days", "--out", out, "--quiet")
    return out


@pytest.fixture
def bustle_command() -> CommandLine:
    return CommandLine()


def test_it_writes_the_files_and_tells_what_is_in_them(
    folder: Path, bustle_command: CommandLine, tmp_path: Path
) -> None:
    shown = bustle_command("export", folder, "--as", "amlworld", "--out", tmp_path / "a", "--name", "T").stdout
    assert [line.split(": ")[0] for line in shown.splitlines()] == [
        str(tmp_path / "a" / f"T_{part}") for part in ("Trans.csv", "accounts.csv", "Patterns.txt")
    ]
    assert "80 accounts" in shown
    told = json.loads(bustle_command("export", folder, "--as", "amlworld", "--out", tmp_path / "b", "--json").stdout)
    assert told["accounts"] == 80 and len(told["files"]) == 3
    assert all(Path(file).is_file() for file in told["files"])


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--as", "paysim"], 2, "error: --as paysim: no such dataset\nhint: known: amlworld"),
        (["--as", "amlworld", "--name", "a/b"], 2, "the files cannot be called 'a/b'"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    folder: Path, bustle_command: CommandLine, tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    result = bustle_command("export", folder, *options, "--out", tmp_path / "out", code=code)
    assert words in result.stderr and "Traceback" not in result.stderr


def test_a_file_in_the_way_of_the_folder_is_told(folder: Path, bustle_command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("here")
    result = bustle_command("export", folder, "--as", "amlworld", "--out", tmp_path / "out", code=2)
    assert f"{tmp_path / 'out'} is a file, not a folder" in result.stderr
