from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars
import pytest

from bustle.scenarios import files
from bustle.scenarios.files import column_levels, column_types, read_columns


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "scenario"
    inside.mkdir()
    (inside / "people.csv").write_text(
        "name,age,income,member,born,gap\nAda,36,1.5,true,1990-01-02,1\nBob,41,2,false,1985-05-06,\n"
    )
    frame = {
        "n": [1, 2],
        "x": [0.5, None],
        "day": [datetime.date(2020, 1, 2)] * 2,
        "kind": ["b", "a"],
        "list": [[1], [2]],
    }
    polars.DataFrame(frame, strict=False).write_parquet(inside / "data.parquet")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    return inside


def test_a_csv_file_tells_what_its_columns_hold(folder: Path) -> None:
    assert column_types(folder, "people.csv") == {
        "name": "text",
        "age": "whole",
        "income": "number",
        "member": "bool",
        "born": "text",
        "gap": "number",
    }


def test_columns_are_read_as_arrays(folder: Path) -> None:
    columns = read_columns(folder, "people.csv")
    assert columns["name"].tolist() == ["Ada", "Bob"] and columns["name"].dtype == object
    assert columns["age"].tolist() == [36, 41] and columns["age"].dtype == np.int64
    assert columns["income"].tolist() == [1.5, 2.0]
    assert columns["member"].tolist() == [True, False] and columns["member"].dtype == np.bool_
    assert columns["gap"][0] == 1 and np.isnan(columns["gap"][1])


def test_parquet_columns_are_read_alone_though_others_cannot_be_used(folder: Path) -> None:
    columns = read_columns(folder, "data.parquet", ["n", "x", "day"])
    assert list(columns) == ["n", "x", "day"]
    assert columns["day"].tolist() == ["2020-01-02", "2020-01-02"]
    with pytest.raises(ValueError, match=r"column `list` of data.parquet holds List\(Int64\)"):
        read_columns(folder, "data.parquet")


def test_the_levels_of_a_text_column_are_sorted(folder: Path) -> None:
    assert column_levels(folder, "data.parquet", "kind") == ("a", "b")
    with pytest.raises(ValueError, match=r"column `n` of data.parquet does not hold text"):
        column_levels(folder, "data.parquet", "n")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "must not be empty"),
        ("/etc/passwd", "not an absolute one"),
        ("C:\\data.csv", "not an absolute one"),
        ("../secret.csv", "`..` is not allowed"),
        ("a\\..\\..\\secret.csv", "`..` is not allowed"),
        ("missing.csv", "there is no file missing.csv in the scenario's folder"),
        (".", "there is no file"),
        ("notes.txt", "must be a .csv or .parquet file"),
        ("link.csv", "leads out of the scenario's folder through a link"),
        ("broken.parquet", "broken.parquet cannot be read"),
        ("empty.csv", "empty.csv cannot be read"),
    ],
)
def test_a_path_that_cannot_be_used_is_refused(folder: Path, path: str, message: str) -> None:
    (folder / "notes.txt").write_text("x")
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    (folder / "broken.parquet").write_bytes(b"PAR1 not really")
    (folder / "empty.csv").write_text("")
    with pytest.raises(ValueError, match=message.replace(".", r"\.").replace("(", r"\(")):
        column_types(folder, path)


def test_a_link_inside_of_the_folder_is_followed(folder: Path) -> None:
    (folder / "alias.csv").symlink_to(folder / "people.csv")
    assert "age" in column_types(folder, "alias.csv")


def test_a_file_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SIZE_LIMIT", 10)
    with pytest.raises(ValueError, match=r"people.csv is too large: .* at most 10 are read"):
        read_columns(folder, "people.csv")


def test_a_missing_column_is_named_with_those_that_are_there(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"people.csv has no column `agee`; it has name, age, income"):
        read_columns(folder, "people.csv", ["agee"])


def test_a_missing_text_is_named_with_its_row(folder: Path) -> None:
    (folder / "holes.csv").write_text("name,ok\nAda,true\n,false\n")
    with pytest.raises(ValueError, match=r"column `name` of holes.csv has no value in row 2"):
        read_columns(folder, "holes.csv")
