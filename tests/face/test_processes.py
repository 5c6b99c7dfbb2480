"""What needs a process of its own: hash seeds, signals, sudden death."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from bustle.outputs.verify import verify

LONG = """
scenario: long
clock: {start: 2026-01-01, length: 400 days}
populations:
  ticker: {size: 200}
events:
  tick: {ticker: ticker, odd: label bool}
behaviors:
  tick:
    who: ticker
    every: exponential(mean=1 minute)
    do: emit tick(ticker=self, odd=bernoulli(p=0.1))
record:
  ticks: {each: tick, columns: [time, ticker], labels: [odd]}
"""
"""A run that would take minutes: it is always ended by the test."""


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "bustle", *map(str, words)]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def start_long_run(tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A long run whose log has begun to grow."""
    scenario, out = tmp_path / "long.yaml", tmp_path / "out"
    scenario.write_text(LONG)
    process = subprocess.Popen(
        command("run", scenario, "--out", out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    log = out / "log" / "events" / "tick.parquet.partial"
    deadline = time.monotonic() + 120
    while not (log.exists() and log.stat().st_size > 1000):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process, out


def test_two_processes_give_the_same_bytes_in_every_file(shop: Path, tmp_path: Path) -> None:
    for hash_seed in ("1", "2"):
        out = tmp_path / hash_seed
        subprocess.run(
            command("run", shop, "--out", out, "--plot", "--quiet", "--format", "parquet,csv,jsonl,arrow"),
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
        )
    first, second = files_of(tmp_path / "1"), files_of(tmp_path / "2")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_a_killed_run_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    process, out = start_long_run(tmp_path)
    process.kill()
    process.communicate()
    assert all(path.name.endswith(".partial") for path in out.rglob("*") if path.is_file())
    assert "incomplete" in {problem.kind for problem in verify(out)}
    told = subprocess.run(command("verify", out), capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "incomplete" in told.stderr


def test_ctrl_c_keeps_what_happened_and_says_so(tmp_path: Path) -> None:
    process, out = start_long_run(tmp_path)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted" in stderr and "Traceback" not in stderr
    assert "ticks" in stdout
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["complete"] is False
    assert manifest["ended_at"] < manifest["end"]
    ticks = pl.read_parquet(out / "tables" / "ticks.parquet")
    assert len(ticks) == manifest["events"]["tick"]["rows"] > 0
    assert ticks["time"].max().isoformat() <= manifest["ended_at"]  # type: ignore[union-attr]
    assert verify(out) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is asked for")
def test_a_terminal_sees_the_simulated_date_and_the_speed_and_stdout_stays_clean(shop: Path, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        command("run", shop, "--out", tmp_path / "out", "--json"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"},
    )
    os.close(theirs)
    stdout, _ = done.communicate(timeout=120)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert json.loads(stdout)["complete"] is True
    assert "events/s" in shown and "2026-01-31" in shown
    assert "\x1b[3" not in shown  # no colour


def test_a_module_runs_as_the_command_does() -> None:
    told = subprocess.run(command("--version"), capture_output=True, text=True, check=True)
    assert told.stdout.startswith("bustle 0.")
