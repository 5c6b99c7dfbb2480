"""A run with checkpoints that is killed, at any moment, comes to the same end as one that is not."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import bustle
from bustle.outputs.checkpoints import Checkpoints
from bustle.outputs.errors import OutputError
from bustle.outputs.verify import verify
from bustle.sim.compiled import engine as compiled_engine
from tests.face.conftest import CommandLine
from tests.face.test_engines import files_of
from tests.outputs.full_disk import small_disk

TOWN = """
scenario: town
title: A town that grows
clock: {start: 2026-01-01, length: 60 days, timezone: Europe/Berlin}
use: fees.yaml
parameters: {pace: {value: 20, min: 0}}
populations:
  person:
    size: 300
    attributes: {spent: money(0), home: 'empirical("places.csv", column="place")', luck: "uniform(low=0, high=1)"}
    states: {well: [ill], ill: [well]}
events:
  buy: {person: person, amount: money, home: text, odd: label bool}
  ail: {person: person}
behaviors:
  buy:
    who: person
    rate: pace * 1 per day
    unless: ill
    do: |
      amount = money(lognormal(median=20, sigma=1))
      spent += amount
      emit buy(person=self, amount=amount + fee, home=home, odd=amount > money(100))
  ail:
    who: person
    every: exponential(mean=9 days)
    do: |
      become(ill)
      emit ail(person=self)
      after 2 days: mend()
  mend: {who: person, do: become(well)}
  come: {who: world, every: 7 hours, do: "spawn(person)"}
interventions:
  sale: {at: 20 days, until: 40 days, set: {pace: "pace * 2"}}
record:
  buys: {each: buy, columns: [time, person, amount, home], labels: [odd]}
  course: {every: 1 day, columns: [spent: sum(spent for person), ill: sum((1 if state == ill else 0) for person)]}
  people: {of: person, at: [30 days, 60 days], columns: [id, spent, state]}
"""

FAILS = TOWN.replace("spawn(person)", "spawn(person, luck=1 / (pace - 40))").replace("pace * 2", "40")
"""The same with a rule that fails on the twentieth day."""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A scenario with a file of data and another scenario file."""
    return write_town(tmp_path / "scenarios")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run of it with seed 3 that nobody disturbs, without checkpoints."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return files_of(bustle.run(write_town(folder / "scenarios"), seed=3, out=folder / "out").folder)


def write_town(folder: Path) -> Path:
    folder.mkdir()
    (folder / "town.yaml").write_text(TOWN)
    (folder / "fees.yaml").write_text(
        "scenario: fees\nclock: {start: 2026-01-01, length: 1 day}\nparameters: {fee: {value: money(1)}}\n"
    )
    (folder / "places.csv").write_text("place\nnorth\nsouth\n")
    return folder / "town.yaml"


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "bustle", *map(str, words)]


RUN = ("--set", "pace=30", "--seed", "3", "--scale", "0.5", "--format", "parquet,csv", "--plot", "-q")


def whole_run(town: Path, tmp_path: Path) -> dict[str, bytes]:
    """The files of a run that nobody disturbs, without checkpoints."""
    subprocess.run(command("run", town, "--out", tmp_path / "whole", *RUN), check=True)
    return files_of(tmp_path / "whole")


def end_of(words: list[str], wait: float) -> bool:
    """Start a process and kill it after ``wait`` seconds; True if it had come to its end before."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return False
    _, said = process.communicate()
    assert process.returncode == 0, said
    return True


def killed_until_it_ends(town: Path, out: Path, waits: random.Random, longest: float) -> tuple[int, int]:
    """Run, be killed, and go on until the run has ended; gives how often it was killed, and how often then resumed."""
    kills = resumes = 0
    start = command("run", town, "--out", out, "--checkpoint-every", "0.05 s", "--force", *RUN)
    while True:
        exists = Checkpoints(out).exists
        words = command("resume", out, "-q") if exists else start
        resumes += exists
        if end_of(words, waits.uniform(0.0, longest)):
            return kills, resumes
        kills += 1
        if not Checkpoints(out).exists and (out / "manifest.json").exists():
            return kills, resumes  # it was done: only the process had not ended
        assert not out.exists() or not any(out.iterdir()) or verify(out)


def same_as(folder: Path, expected: dict[str, bytes]) -> None:
    found = files_of(folder)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert verify(folder) == []


def test_a_run_that_is_killed_again_and_again_gives_the_same_folder(town: Path, tmp_path: Path) -> None:
    expected = whole_run(town, tmp_path)
    started = time.monotonic()
    subprocess.run(command("run", town, "--out", tmp_path / "timed", "--checkpoint-every", "9 s", *RUN), check=True)
    longest = 1.5 * (time.monotonic() - started)
    same_as(tmp_path / "timed", expected)
    kills = 0
    for number in range(2):
        kills += killed_until_it_ends(town, tmp_path / str(number), random.Random(number), longest)[0]
        same_as(tmp_path / str(number), expected)
    assert kills >= 1


@pytest.mark.slow
def test_200_kills_give_the_same_folder(town: Path, tmp_path: Path) -> None:
    expected = whole_run(town, tmp_path)
    started = time.monotonic()
    subprocess.run(command("run", town, "--out", tmp_path / "timed", "--checkpoint-every", "9 s", *RUN), check=True)
    longest = 1.3 * (time.monotonic() - started)
    kills = resumes = number = 0
    while kills < 200:
        out = tmp_path / str(number)
        more, again = killed_until_it_ends(town, out, random.Random(number), longest)
        same_as(out, expected)
        kills, resumes, number = kills + more, resumes + again, number + 1
    assert resumes > 50


CHILD = """
import os, sys
import bustle, bustle.pipeline
from bustle.outputs.checkpoints import Checkpoints
from bustle.sim.compiled import engine

town, out, every = sys.argv[1:]
engine.MOST_ROWS = 3_000
calls = 0

def die(*_, **__):
    os._exit(77)

def die_after(owner, name, times=1):
    method = getattr(owner, name)
    def counted(*arguments, **named):
        global calls
        result = method(*arguments, **named)
        calls += 1
        if calls == times:
            die()
        return result
    setattr(owner, name, counted)

{patch}
bustle.run(town, out=out, seed=3, workers=1, checkpoint_every=float(every))
"""
"""A run that ends suddenly, at a place that is named, as if it had been killed there."""


def dies(town: Path, out: Path, patch: str, every: float = 1e-9) -> None:
    """Run ``town`` in a process that dies where ``patch`` says."""
    words = [sys.executable, "-c", CHILD.replace("{patch}", patch), str(town), str(out), str(every)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 77, done.stderr


def begun(town: Path, out: Path, saves: int = 3) -> None:
    """A run that ends suddenly after some of its checkpoints."""
    dies(town, out, f"die_after(Checkpoints, 'save', {saves})")
    assert Checkpoints(out).exists


# --- what resume says of other folders


def test_a_folder_without_checkpoint_is_told_from_one_with_a_run(
    bustle_command: CommandLine, shop: Path, tmp_path: Path
) -> None:
    said = bustle_command("resume", tmp_path / "nothing", code=2).stderr
    assert said == f"error: {tmp_path / 'nothing'} holds no checkpoint to go on from\n"
    bustle_command("run", shop, "--out", tmp_path / "done", "--checkpoint-every", "1 s", "-q")
    before = files_of(tmp_path / "done")
    said = bustle_command("resume", tmp_path / "done", code=2).stderr
    assert said == f"error: the run in {tmp_path / 'done'} has come to its end: there is nothing to go on with\n"
    assert files_of(tmp_path / "done") == before


def test_a_run_that_was_killed_without_checkpoints_says_so(
    bustle_command: CommandLine, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / "log" / "events").mkdir(parents=True)
    (out / "log" / "events" / "order.parquet.partial").write_text("half")
    assert "holds no checkpoint to go on from" in bustle_command("resume", out, code=2).stderr
    bustle_command("run", shop, "--out", out, "--force", "-q")
    assert verify(out) == []


@pytest.mark.parametrize("left", [[], ["scenario.yaml"], ["scenario.yaml", "log.spool"]])
def test_a_run_that_was_killed_before_its_checkpoint_was_there_says_so_and_can_be_replaced(
    bustle_command: CommandLine, shop: Path, tmp_path: Path, left: list[str]
) -> None:
    out = tmp_path / "out"
    (out / "checkpoint").mkdir(parents=True)
    for name in left:
        (out / "checkpoint" / name).write_text("")
    assert "holds no checkpoint to go on from" in bustle_command("resume", out, code=2).stderr
    assert "incomplete" in bustle_command("verify", out, code=1).stderr
    bustle_command("run", shop, "--out", out, "-q", code=2)
    bustle_command("run", shop, "--out", out, "--force", "-q")
    assert verify(out) == []


def test_force_replaces_a_run_with_a_checkpoint_and_without_force_resume_is_named(
    bustle_command: CommandLine, town: Path, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    begun(town, out)
    said = bustle_command("run", shop, "--out", out, "-q", code=2).stderr
    assert "--force replaces it" in said and f"`bustle resume {out}` goes on with the run" in said
    assert f"`bustle resume {out}` goes on with it" in bustle_command("verify", out, code=1).stderr
    bustle_command("run", shop, "--out", out, "--force", "-q")
    assert verify(out) == [] and not (out / "checkpoint").exists()


@pytest.mark.parametrize("saves", [1, 2, 7])
def test_resume_from_python_gives_the_dataset(
    town: Path, tmp_path: Path, undisturbed: dict[str, bytes], saves: int
) -> None:
    begun(town, tmp_path / "out", saves)
    with bustle.resume(tmp_path / "out") as run:
        same_as(run.folder, undisturbed)
        assert run.summary.complete and len(run.table("buys")) > 1000


def test_a_kill_before_the_first_save_starts_anew(town: Path, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    dies(town, tmp_path / "out", "die_after(Checkpoints, 'begin')")
    same_as(bustle.resume(tmp_path / "out").folder, undisturbed)


@pytest.mark.parametrize("gone", ["inputs/places.csv", "scenario.yaml", "state", "log.spool"])
def test_a_kill_while_the_checkpoint_is_taken_away_ends_cleanly(
    bustle_command: CommandLine, town: Path, tmp_path: Path, undisturbed: dict[str, bytes], gone: str
) -> None:
    out = tmp_path / "out"
    dies(town, out, f"Checkpoints.remove = lambda self: ((self.folder / '{gone}').unlink(), die())", 100)
    bustle_command("resume", out, "-q")
    same_as(out, undisturbed)


def test_a_kill_while_force_takes_a_run_away_leaves_nothing_to_go_on_from(
    bustle_command: CommandLine, town: Path, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    begun(town, out)
    with monkeypatch.context() as patch:
        patch.setattr("bustle.outputs.folder.drop", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        bustle_command("run", shop, "--out", out, "--force", code=130)
    assert "holds no checkpoint to go on from" in bustle_command("resume", out, code=2).stderr
    bustle_command("run", shop, "--out", out, "--force", "-q")
    assert verify(out) == []


def test_a_kill_when_all_is_done_but_the_checkpoint_is_there_ends_cleanly(
    town: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    dies(town, out, "Checkpoints.remove = die", 100)
    assert [problem.path for problem in verify(out)] == ["checkpoint"]
    assert bustle.resume(out).summary.complete
    same_as(out, undisturbed)


def test_what_happens_to_the_scenario_file_afterwards_does_not_matter(
    town: Path, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    begun(town, tmp_path / "out")
    for path in town.parent.iterdir():
        path.unlink()
    bustle.resume(tmp_path / "out")
    same_as(tmp_path / "out", undisturbed)


# --- runs that fail


def test_a_rule_that_fails_leaves_nothing(bustle_command: CommandLine, town: Path, tmp_path: Path) -> None:
    town.write_text(FAILS)
    said = bustle_command("run", town, "--out", tmp_path / "out", "--checkpoint-every", "1 s", code=1).stderr
    assert "division of 1 by zero" in said and "2026-01-2" in said and "hint" not in said
    assert not (tmp_path / "out").exists()
    begun(town, tmp_path / "out", 2)
    again = bustle_command("resume", tmp_path / "out", code=1).stderr
    assert "division of 1 by zero" in again
    assert files_of(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("state", lambda good: good[:-3], "state is damaged"),
        ("state", lambda good: b"", "state is damaged"),
        ("log.spool", lambda good: good[: len(good) // 3], "log.spool is shorter than its checkpoint says"),
        ("log.spool", lambda good: bytes([good[0] ^ 1]) + good[1:], "log.spool is damaged"),
        ("options.json", lambda good: good[:-1], "options.json is damaged"),
        ("options.json", lambda good: b'{"format": "bustle checkpoint 1"}', "checkpoint is damaged"),
        ("options.json", lambda good: good.replace(b"checkpoint 1", b"checkpoint 7"), "another version of bustle"),
        ("scenario.yaml", lambda good: b"scenario: [", "scenario.yaml"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_told_in_one_line_and_stays(
    bustle_command: CommandLine,
    town: Path,
    tmp_path: Path,
    name: str,
    change: object,
    said: str,
) -> None:
    out = tmp_path / "out"
    begun(town, out)
    path = out / "checkpoint" / name
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    before = files_of(out)
    told = bustle_command("resume", out, code=2).stderr
    assert said in told
    assert name == "scenario.yaml" or told.count("\n") == 1
    assert files_of(out) == before
    with pytest.raises((OutputError, bustle.ScenarioError), match=re.escape(said)):
        bustle.resume(out)


def test_a_state_of_another_version_of_the_engine_is_refused(
    bustle_command: CommandLine, town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    begun(town, out)

    def unknown(*_: object) -> None:
        raise KeyError("a name that is not there")

    monkeypatch.setattr(compiled_engine, "restore_arrays", unknown)
    assert "does not fit this version of bustle" in bustle_command("resume", out, code=2).stderr


def test_a_full_disk_keeps_the_checkpoint_and_the_run_goes_on_when_there_is_room(
    bustle_command: CommandLine,
    town: Path,
    tmp_path: Path,
    undisturbed: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled_engine, "MOST_ROWS", 3_000)
    monkeypatch.setattr("bustle.pipeline.require_disk", lambda *_: None)  # the plan would have refused it
    with small_disk(tmp_path, 200_000) as disk:
        out, filler = disk / "out", disk / "filler"
        filler.write_bytes(bytes(195_000_000))
        words = ("run", town, "--out", out, "--seed", "3", "--checkpoint-every", "0.000001 s", "-q")
        said = bustle_command(*words, code=1).stderr
        assert "No space left on device" in said
        assert f"hint: `bustle resume {out}` goes on with the run from its last checkpoint" in said
        assert Checkpoints(out).exists and not (out / "manifest.json").exists()
        assert verify(out)
        assert "No space left on device" in bustle_command("resume", out, "-q", code=1).stderr
        filler.unlink()
        bustle_command("resume", out, "-q")
        same_as(out, undisturbed)


@pytest.mark.parametrize("room", [200, 1_000, 2_500, 4_000])
def test_a_disk_that_is_full_while_the_files_are_made_keeps_the_checkpoint(
    bustle_command: CommandLine,
    town: Path,
    tmp_path: Path,
    undisturbed: dict[str, bytes],
    room: int,
) -> None:
    with small_disk(tmp_path, 100_000) as disk:
        out, filler = disk / "out", disk / "filler"
        dies(town, out, "bustle.pipeline._open = die", 100)  # all rows are there, and no file is made of them
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        filler.write_bytes(bytes(max(0, free - room * 1_000)))
        said = bustle_command("resume", out, "-q", code=1).stderr
        assert "No space left on device" in said and "hint: `bustle resume" in said
        filler.unlink()
        bustle_command("resume", out, "-q")
        same_as(out, undisturbed)


def test_a_folder_that_can_only_be_read_is_told_and_the_checkpoint_stays(
    bustle_command: CommandLine, town: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path, 100_000) as disk:
        out = disk / "out"
        begun(town, out)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        said = bustle_command("resume", out, "-q", code=2).stderr
        assert "Read-only file system" in said
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        bustle_command("resume", out, "-q")
        assert verify(out) == []


# --- Ctrl-C


def started(words: list[str], out: Path) -> subprocess.Popen[str]:
    """A process that has saved a checkpoint of ``out``."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (out / "checkpoint" / "state").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def long_run(town: Path, out: Path) -> list[str]:
    town.write_text(TOWN.replace("length: 60 days", "length: 20000 days"))
    return command("run", town, "--out", out, "--checkpoint-every", "0.1 s")


def test_ctrl_c_keeps_what_happened_and_leaves_nothing_to_go_on_with(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = started(long_run(town, out), out)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 130, stderr
    assert "press Ctrl-C again to go on later with `bustle resume`" in stderr and "Traceback" not in stderr
    assert "buys" in stdout and verify(out) == []
    assert len(pl.read_parquet(out / "tables" / "buys.parquet")) > 0
    done = subprocess.run(command("resume", out), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: the run in {out} was ended by Ctrl-C: there is nothing to go on with\n"


def test_a_second_ctrl_c_keeps_the_checkpoint(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = started(long_run(town, out), out)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "press Ctrl-C again to go on later with `bustle resume`" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert f"hint: `bustle resume {out}` goes on with the run from its last checkpoint" in stderr
    assert Checkpoints(out).exists
