"""Machine code on disk: kept once, loaded without a compiler, never trusted where it is damaged or not the user's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRAW = """
import sys
from bustle.agents.randomness import sample_many
print(float(sample_many("normal", 1, [2, 3], 4, 5, [0.0, 1.0])[1]), "numba" in sys.modules)
"""


def start(cache: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRAW],
        env=os.environ | {"BUSTLE_CACHE_DIR": str(cache)} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def drawn(cache: Path, **environment: str) -> tuple[str, bool]:
    """The draw of a process, and whether it has compiled."""
    process = start(cache, **environment)
    number, compiled = process.communicate()[0].split()
    assert process.returncode == 0
    return number, compiled == "True"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A cache folder with the code of one kernel, and what the kernel gives."""
    cache = tmp_path_factory.mktemp("cache")
    number, compiled = drawn(cache)
    assert compiled
    return cache, number


def code_of(cache: Path) -> Path:
    (file,) = cache.rglob("*.code")
    return file


def test_kept_code_is_loaded_without_a_compiler_and_gives_the_same(filled: tuple[Path, str]) -> None:
    cache, number = filled
    assert drawn(cache) == (number, False)


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied"])
def test_damaged_code_is_compiled_again(filled: tuple[Path, str], damage: str) -> None:
    cache, number = filled
    whole = code_of(cache).read_bytes()
    middle = len(whole) // 2
    damaged = {"cut": whole[:middle], "changed": whole[:middle] + b"?" + whole[middle + 1 :], "emptied": b""}[damage]
    code_of(cache).write_bytes(damaged)
    assert drawn(cache) == (number, True)
    assert drawn(cache) == (number, False)


def test_code_that_others_may_change_is_not_loaded(filled: tuple[Path, str]) -> None:
    cache, number = filled
    folder = code_of(cache).parent
    folder.chmod(0o777)
    try:
        assert drawn(cache) == (number, True)
    finally:
        folder.chmod(0o700)


def test_another_setting_of_the_compiler_is_other_code(filled: tuple[Path, str]) -> None:
    cache, _ = filled
    folders = set((cache / "bustle" / "machine_code").iterdir())
    assert drawn(cache, NUMBA_OPT="1")[1]
    (other,) = set((cache / "bustle" / "machine_code").iterdir()) - folders
    for file in other.iterdir():
        file.unlink()
    other.rmdir()


def test_without_a_folder_every_process_compiles(tmp_path: Path, filled: tuple[Path, str]) -> None:
    cache = tmp_path / "file"
    cache.touch()
    assert drawn(cache) == (filled[1], True)
    assert drawn(cache) == (filled[1], True)


def test_processes_may_compile_the_same_at_once(tmp_path: Path, filled: tuple[Path, str]) -> None:
    both = [start(tmp_path), start(tmp_path)]
    assert [process.communicate()[0].split()[0] for process in both] == [filled[1]] * 2
    assert drawn(tmp_path) == (filled[1], False)
    assert [file.suffix for file in code_of(tmp_path).parent.iterdir()] == [".code"]


def test_old_states_of_the_sources_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bustle import kept_code

    monkeypatch.setenv("BUSTLE_CACHE_DIR", str(tmp_path))
    code = kept_code.MachineCode(b"", "a", "b", "none", ())
    for age in range(kept_code.MOST + 3):
        monkeypatch.setattr(kept_code, "_stamp", lambda age=age: f"state {age}")
        kept_code.keep("rule", code)
        os.utime(tmp_path / "bustle" / "machine_code" / f"state {age}", (age, age))
    assert kept_code.is_kept("rule")
    left = {path.name for path in (tmp_path / "bustle" / "machine_code").iterdir()}
    assert left == {f"state {age}" for age in range(3, kept_code.MOST + 3)}


ROOMY = """
import numpy as np
from bustle.machine_code import kernel

@kernel
def merged(left, right):
    values = left[1:] if left[0] < right[0] else right[1:]
    return values.sum()

@kernel
def squares(count):
    room = np.empty(count, np.int64)
    for i in range(count):
        room[i] = i * i
    return room.sum()

if __name__ == "__main__":
    print([int(merged(np.arange(5), np.arange(3, 9))), squares(5), squares(50_000) > 0])
"""


def test_code_that_makes_arrays_may_follow_code_that_does_not(tmp_path: Path) -> None:
    file = tmp_path / "roomy.py"
    file.write_text(ROOMY)
    environment = os.environ | {"BUSTLE_CACHE_DIR": str(tmp_path)}
    for _ in ("compiled", "kept"):
        done = subprocess.run([sys.executable, str(file)], env=environment, capture_output=True, text=True)
        assert done.stdout == "[10, 30, True]\n", done.stderr
