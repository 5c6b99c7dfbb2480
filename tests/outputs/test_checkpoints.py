"""A checkpoint is there whole, or the one before is; whatever else happened to it is told in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bustle.outputs.checkpoints import Checkpoints
from bustle.outputs.errors import OutputError
from bustle.outputs.folder import FolderOccupied, files_in, is_run, prepare
from bustle.outputs.spool import Spool
from bustle.outputs.verify import verify
from tests.outputs.full_disk import small_disk
from tests.outputs.scenes import fill, record, shops

ARRAYS: dict[str, npt.NDArray[Any]] = {
    "a": np.arange(5),
    "none": np.empty(0, np.int32),
    "flags": np.array([True, False]),
}
VALUES = {"now": 7, "parameters": {"speed": 0.1, "far": 1e300}, "name": "\u00e9"}


def begun(folder: Path, **options: Any) -> tuple[Checkpoints, Spool]:
    checkpoints = Checkpoints(folder)
    return checkpoints, checkpoints.begin(shops(), "scenario: shops\n", {"seed": 1, **options})


@pytest.fixture
def saved(tmp_path: Path) -> Checkpoints:
    """A checkpoint with a state."""
    checkpoints, spool = begun(tmp_path)
    fill(spool)
    checkpoints.save(spool, ARRAYS, VALUES)
    spool.close()
    return checkpoints


def test_what_was_saved_is_loaded(saved: Checkpoints) -> None:
    found = saved.load()
    assert found is not None
    assert found.values == VALUES and found.finished is False
    assert found.spooled == saved.spool_path.stat().st_size > 0
    assert list(found.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype and found.arrays[name].tolist() == array.tolist()
    assert saved.options() == {"seed": 1}
    assert saved.scenario.read_text() == "scenario: shops\n"


def test_before_the_first_save_there_is_no_state(tmp_path: Path) -> None:
    checkpoints, spool = begun(tmp_path)
    assert checkpoints.exists and checkpoints.load() is None
    spool.close()


def test_a_save_replaces_the_one_before(saved: Checkpoints) -> None:
    before = saved.load()
    spool = Spool(saved.spool_path, saved.spool_path.stat().st_size)
    spool.write_sample("course", 1, (2,))
    saved.save(spool, {}, {"ended_at": None}, finished=True)
    spool.close()
    after = saved.load()
    assert before is not None and after is not None
    assert after.finished and after.arrays == {} and after.spooled > before.spooled
    assert sorted(files_in(saved.folder)) == ["log.spool", "options.json", "scenario.yaml", "state"]


def test_a_folder_without_checkpoint_says_so(tmp_path: Path) -> None:
    assert not Checkpoints(tmp_path).exists
    with pytest.raises(OutputError, match="holds no checkpoint to go on from"):
        Checkpoints(tmp_path).options()


# --- damage


def test_any_turned_bit_of_the_state_is_noticed(saved: Checkpoints) -> None:
    state = saved.folder / "state"
    good = state.read_bytes()
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1 << place % 8
        state.write_bytes(bad)
        with pytest.raises(OutputError, match="state is damaged"):
            saved.load()


def test_a_state_that_was_cut_is_noticed(saved: Checkpoints) -> None:
    state = saved.folder / "state"
    good = state.read_bytes()
    for length in range(len(good)):
        state.write_bytes(good[:length])
        with pytest.raises(OutputError, match="state is damaged"):
            saved.load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ("{", "damaged"),
        ("\udcff", "damaged"),
        ("{}", "damaged"),
        ('{"format": "bustle checkpoint 99"}', "of another version of bustle"),
        ('{"format": 3}', "of another version of bustle"),
    ],
)
def test_options_that_cannot_be_used_are_told_in_one_line(saved: Checkpoints, text: str, said: str) -> None:
    (saved.folder / "options.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(OutputError, match=rf"options\.json is {said}") as caught:
        saved.options()
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read anything")
def test_a_state_that_may_not_be_read_is_told_in_one_line(saved: Checkpoints) -> None:
    (saved.folder / "state").chmod(0)
    with pytest.raises(OutputError, match=r"cannot read .*state: Permission denied"):
        saved.load()


# --- a full disk


def test_a_disk_that_is_full_leaves_the_state_before(tmp_path: Path) -> None:
    with small_disk(tmp_path, 200) as disk:
        checkpoints, spool = begun(disk)
        spool.write_sample("course", 1, (2,))
        checkpoints.save(spool, ARRAYS, VALUES)
        before = (checkpoints.folder / "state").read_bytes()
        with pytest.raises(OutputError, match=r"^cannot write .*state: No space left on device$"):
            checkpoints.save(spool, {"large": np.arange(100_000)}, {})
        assert (checkpoints.folder / "state").read_bytes() == before
        assert not list(checkpoints.folder.glob("*.partial"))
        with pytest.raises(OutputError, match=r"^cannot write .*log\.spool: No space left on device$"):
            for _ in range(100):
                spool.write("tick", {"time": np.arange(10_000)})
            checkpoints.save(spool, {}, {})
        spool.close()
        found = checkpoints.load()
        assert found is not None and found.values == VALUES
        again = Spool(checkpoints.spool_path, found.spooled)
        again.write_sample("course", 2, (3,))
        checkpoints.save(again, ARRAYS, VALUES)
        again.close()


def test_a_disk_that_is_full_at_the_very_beginning_makes_no_checkpoint(tmp_path: Path) -> None:
    with small_disk(tmp_path, 8) as disk:
        (disk / "filler").write_bytes(bytes(8_000))
        with pytest.raises(OutputError, match="No space left on device"):
            begun(disk)
        assert not Checkpoints(disk).exists


# --- the folder of a run


def test_a_folder_with_a_checkpoint_is_a_run_that_force_replaces(saved: Checkpoints) -> None:
    folder = saved.folder.parent
    (saved.folder / "state.partial").write_text("half")
    (saved.folder / "inputs" / "deep").mkdir(parents=True)
    (saved.folder / "inputs" / "deep" / "shops.csv").write_text("a,b")
    assert is_run(folder)
    with pytest.raises(FolderOccupied):
        prepare(folder)
    prepare(folder, force=True)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("left", [[], ["scenario.yaml.partial"], ["scenario.yaml", "log.spool"]])
def test_what_a_run_has_made_of_its_checkpoint_when_it_was_killed_can_be_replaced(
    tmp_path: Path, left: list[str]
) -> None:
    (tmp_path / "checkpoint").mkdir()
    for name in left:
        (tmp_path / "checkpoint" / name).write_text("")
    assert is_run(tmp_path) and not Checkpoints(tmp_path).exists
    assert "incomplete" in {problem.kind for problem in verify(tmp_path)}
    prepare(tmp_path, force=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["weights.pt", "inputs/weights.pt", "state/part"])
def test_a_folder_called_checkpoint_that_holds_something_else_is_no_run(tmp_path: Path, name: str) -> None:
    path = tmp_path / "checkpoint" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert not is_run(tmp_path)
    with pytest.raises(OutputError, match="holds files but no run"):
        prepare(tmp_path, force=True)
    assert path.read_text() == "mine"


def test_what_somebody_put_into_a_checkpoint_stays(saved: Checkpoints) -> None:
    (saved.folder / "mine.txt").write_text("mine")
    saved.remove()
    assert list(files_in(saved.folder)) == ["mine.txt"]


def test_links_out_of_a_checkpoint_are_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "state").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint").symlink_to(other)
    assert not is_run(tmp_path / "run")
    Checkpoints(tmp_path / "run").remove()
    assert (other / "state").read_text() == "mine"


def test_verify_calls_a_run_with_a_checkpoint_incomplete_and_names_the_way_on(saved: Checkpoints) -> None:
    problems = {(problem.kind, problem.path): str(problem) for problem in verify(saved.folder.parent)}
    assert set(problems) == {("incomplete", "manifest.json"), ("incomplete", "checkpoint")}
    assert f"`bustle resume {saved.folder.parent}` goes on with it" in problems["incomplete", "checkpoint"]


def test_verify_does_not_call_a_whole_folder_with_a_checkpoint_complete(tmp_path: Path) -> None:
    record(tmp_path, shops())
    assert verify(tmp_path) == []
    begun(tmp_path)[1].close()
    assert [(problem.kind, problem.path) for problem in verify(tmp_path)] == [("incomplete", "checkpoint")]


def test_a_checkpoint_without_a_spool_is_noticed(saved: Checkpoints, tmp_path: Path) -> None:
    saved.spool_path.unlink()
    found = saved.load()
    assert found is not None
    with pytest.raises(OutputError, match=r"cannot read .*log\.spool: No such file"):
        Spool(saved.spool_path, found.spooled)


def test_options_are_plain_json(saved: Checkpoints) -> None:
    assert json.loads((saved.folder / "options.json").read_text()) == {"format": "bustle checkpoint 1", "seed": 1}
