"""Timers around functions."""

from __future__ import annotations

import time
from threading import Thread

import pytest

from benchmarks.process_age import process_age
from benchmarks.stopwatch import Stopwatch


class Worker:
    """Something with stages."""

    def sleep(self, seconds: float) -> str:
        """Wait without working."""
        time.sleep(seconds)
        return "slept"

    def fail(self) -> None:
        """Go wrong."""
        raise ValueError("on purpose")


def test_a_stage_counts_waiting_as_wall_clock_time_only_and_gives_what_the_function_gives() -> None:
    watch = Stopwatch()
    sleep = watch.timed(Worker().sleep, "sleeping")
    assert sleep(0.05) == "slept"
    stage = watch.stages["sleeping"]
    assert len(stage.calls) == 1
    assert stage.seconds >= 0.05
    assert stage.thread_seconds < 0.04


def test_functions_of_one_stage_are_added_up_over_threads() -> None:
    watch = Stopwatch()
    sleep = watch.timed(Worker().sleep, "sleeping")
    threads = [Thread(target=sleep, args=(0.02,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(watch.stages["sleeping"].calls) == 4
    assert watch.stages["sleeping"].seconds >= 0.08


def test_methods_are_timed_wherever_they_are_called_and_errors_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "fail", Worker.fail)  # brings it back afterwards
    watch = Stopwatch()
    watch.around(Worker, "fail", "failing")
    with pytest.raises(ValueError, match="on purpose"):
        Worker().fail()
    assert watch.stages["failing"].values()["calls"] == 1


def test_a_process_ages() -> None:
    before = process_age()
    sum(range(1_000_000))
    time.sleep(0.03)
    assert 0 < before <= process_age()
