"""What starting costs: no heavy library before it is needed."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import bustle
from bustle.__main__ import BLAS_THREADS

HEAVY = {
    *("duckdb", "lark", "matplotlib", "mesa", "networkx", "numba"),
    *("numpy", "pandas", "polars", "pyarrow", "pydantic", "scipy", "simpy"),
}

REPORT = """
import sys
def report():
    print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def run_python(code: str) -> tuple[list[str], float]:
    """The top-level modules that ``code`` leaves loaded, and the CPU seconds the process took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", REPORT + code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    loaded = next(line for line in done.stdout.splitlines() if line.startswith("LOADED")).split()[1:]
    return loaded, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_importing_bustle_loads_nothing_heavy_and_is_quick() -> None:
    loaded, seconds = run_python("import bustle\nreport()")
    assert not HEAVY & set(loaded)
    assert seconds < 1.0  # 0.05 s on an idle machine; the bound leaves room for a busy one


def test_help_loads_nothing_heavy_and_is_quick() -> None:
    code = (
        "from bustle.cli.app import app\ntry:\n    app(['--help'])\nexcept SystemExit as ended:\n"
        "    assert not ended.code\nreport()"
    )
    loaded, seconds = run_python(code)
    assert not HEAVY & set(loaded)
    assert seconds < 2.0  # 0.3 s on an idle machine


@pytest.mark.parametrize("name", bustle.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(bustle, name) is not None


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        bustle.rum  # noqa: B018


def test_the_public_names_are_listed() -> None:
    assert dir(bustle) == sorted(bustle.__all__)


UNUSED = {
    *("duckdb", "lark", "matplotlib", "mesa", "networkx", "numba", "pandas", "polars", "pydantic", "rich", "simpy"),
    *("pyarrow.compute", "scipy.sparse", "scipy.spatial", "scipy.special", "scipy.stats"),
}
"""What a compiled run of a scenario that was run before, without pictures and correlated attributes, does not need."""

RUN = """
import sys
from bustle.cli.app import app
try:
    app(["run", sys.argv[1], "--scale", "0.02", "--engine", "compiled", "--out", sys.argv[2], "--force", "--quiet"])
except SystemExit as left:
    assert not left.code
print("LOADED", *sys.modules)
"""


def test_a_compiled_run_loads_only_what_it_needs(tmp_path: Path) -> None:
    run_code = [sys.executable, "-c", RUN, "handbook_fraud", str(tmp_path / "run")]
    subprocess.run(run_code, capture_output=True, check=True)  # checks and compiles
    done = subprocess.run(run_code, capture_output=True, text=True, check=True)
    assert not UNUSED & set(done.stdout.split())


def test_a_run_with_texts_loads_no_data_frames(tmp_path: Path) -> None:
    run_code = [sys.executable, "-c", RUN, "mobile_money", str(tmp_path / "run")]
    subprocess.run(run_code, capture_output=True, check=True)  # checks and compiles
    done = subprocess.run(run_code, capture_output=True, text=True, check=True)
    assert not {"numba", "pandas", "polars", "pydantic"} & set(done.stdout.split())


THREADS = """
from bustle.__main__ import keep_blas_to_one_thread
keep_blas_to_one_thread()
import os, numpy
print(len(os.listdir("/proc/self/task")), os.environ.get("OPENBLAS_NUM_THREADS"))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted on Linux")
def test_the_command_starts_no_threads_for_linear_algebra() -> None:
    bare = {name: value for name, value in os.environ.items() if name not in BLAS_THREADS}
    done = subprocess.run([sys.executable, "-c", THREADS], env=bare, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1"]


@pytest.mark.parametrize(("name", "kept"), [("OPENBLAS_NUM_THREADS", "3"), ("OMP_NUM_THREADS", "None")])
def test_the_number_of_threads_for_linear_algebra_may_be_told(name: str, kept: str) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in BLAS_THREADS}
    code = THREADS.replace("/proc/self/task", ".")
    done = subprocess.run(
        [sys.executable, "-c", code], env=bare | {name: "3"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[1] == kept


def test_the_command_ends_with_the_code_of_what_it_did_and_all_that_it_said() -> None:
    good = subprocess.run([sys.executable, "-m", "bustle", "list", "--json"], capture_output=True, text=True)
    assert good.returncode == 0 and "card_fraud" in json.loads(good.stdout)
    bad = subprocess.run([sys.executable, "-m", "bustle", "check", "nothing"], capture_output=True, text=True)
    assert bad.returncode == 2 and "no scenario file" in bad.stderr
