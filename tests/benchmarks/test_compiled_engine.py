"""The command that measures the compiled engine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.compiled_engine import MEASUREMENTS, chosen
from benchmarks.engine_profile import side_by_side
from benchmarks.measure_million import room_for
from benchmarks.measure_profile import engine_table, run_table
from benchmarks.measure_workers import WALKERS
from benchmarks.process_cost import run_python


def test_all_measurements_are_taken_unless_some_are_named() -> None:
    assert chosen(None) == list(MEASUREMENTS)
    assert chosen("reference, growth") == ["reference", "growth"]
    with pytest.raises(ValueError, match="there is no measurement 'speed'; there are handbook, million"):
        chosen("speed")


def test_no_disk_has_room_for_everything() -> None:
    assert room_for(1)
    assert not room_for(10**15)


def test_a_profile_tells_the_shares_of_stages_and_what_happens_within_them() -> None:
    engine = engine_table({"cpu_seconds": 2.0, "firings": 1_000_000, "stages": {"sorting": 0.5, "all else": 1.5}})
    assert engine.rows == [
        ("sorting", 0.5, 500.0, "25 %"),
        ("all else", 1.5, 1500.0, "75 %"),
        ("all together", 2.0, 2000.0, "100 %"),
    ]
    stage = {"seconds": 1.0, "thread_seconds": 0.25, "cpu_seconds": 0.5}
    whole = run_table(
        "tiny", {"seconds": 1.0, "cpu_seconds": 0.5, "in_line": {"the run": stage}, "within": {"the log": stage}}
    )
    assert whole.rows == [("the run", 1.0, 0.5), ("all together", 1.0, 0.5), ("*the log*", 1.0, 0.25)]


def test_work_that_workers_share_out_takes_as_long_as_the_busiest_of_them() -> None:
    assert side_by_side([1.0, 3.0], 2) == 3.0
    assert side_by_side([2.0, 1.0, 1.5, 0.5], 2) == 2.5
    assert side_by_side([2.0, 1.0, 1.5], 1) == 4.5
    assert side_by_side([], 2) == 0.0


def test_workers_with_a_processor_each_take_less_time_for_the_same_work() -> None:
    size = [WALKERS, "--length", "2 days", "--scale", "0.5"]

    def profile(workers: int) -> Any:
        return run_python(["-m", "benchmarks.engine_profile", *size, "--workers", str(workers)]).result

    one, tries = profile(1), [profile(2) for _ in range(3)]
    assert one["undisturbed_seconds"] == pytest.approx(one["cpu_seconds"])
    for two in tries:
        assert one["firings"] == two["firings"]
        assert sum(two["stages"].values()) == pytest.approx(two["cpu_seconds"])
    # on a busy machine one worker may take nearly all of the work of a try; of all of three it does not
    assert min(two["undisturbed_seconds"] / two["cpu_seconds"] for two in tries) < 0.8


def test_the_command_measures_what_it_is_asked_to_and_judges_nothing_at_tiny_sizes() -> None:
    names = ["handbook", "reference"]
    command = ["-m", "benchmarks.compiled_engine", "--quick", "--json", "--only", ",".join(names)]
    found = json.loads(run_python(command).output)
    assert [finding["name"] for finding in found["findings"]] == names
    assert found["judged"] is False
    assert {"processor", "cores", "load", "numba"} <= set(found["machine"])
    handbook, reference = found["findings"]
    assert "the same" in handbook["notes"][0]
    assert len({row[1] for row in reference["tables"][0]["rows"]}) == 1  # all fire as often: the work is the same


@pytest.mark.slow
def test_every_measurement_can_be_taken() -> None:
    output = run_python(["-m", "benchmarks.compiled_engine", "--quick"]).output
    assert [line[3:] for line in output.splitlines() if line.startswith("## ")] == list(MEASUREMENTS)
    assert "reached:" not in output.lower()
