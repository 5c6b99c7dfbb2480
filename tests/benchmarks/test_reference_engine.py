"""Measuring loops and processes."""

from __future__ import annotations

import pytest

from benchmarks.bare_loops import LOOPS
from benchmarks.process_cost import run_python
from benchmarks.reference_engine import rates, render
from benchmarks.whole_run import WholeRun, run_options


@pytest.mark.parametrize("name", LOOPS)
def test_a_bare_loop_does_as_many_events_as_asked_for(name: str) -> None:
    loop = LOOPS[name](50, 20_000, 1)
    assert loop.events == pytest.approx(20_000, abs=5 * 20_000**0.5)
    assert loop.seconds > 0


def test_a_process_is_measured_with_its_own_memory_and_its_output() -> None:
    small = run_python(["-c", "print('{\"rows\": 3}')"])
    large = run_python(["-c", "kept = bytearray(200_000_000); print('{}')"])
    assert small.result == {"rows": 3}
    assert 150 < large.peak_megabytes - small.peak_megabytes < 250
    assert 0 < small.cpu_seconds < 10


def test_a_process_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        run_python(["-c", "raise SystemExit(3)"])


def test_loops_are_compared_with_the_engines_firings_by_cpu_time() -> None:
    engine = {"firings": 1_000, "rows": 500, "seconds": 3.0, "cpu_seconds": 2.0}
    lines = rates(engine, {"simpy": {"events": 1_000, "seconds": 0.6, "cpu_seconds": 0.5}})
    assert [line.ratio for line in lines] == [1.0, 0.5, 4.0]
    text = render(lines, [WholeRun("card_fraud", 500, 5.0, 4.0, 321.0)], 10, {"cores": 2})
    assert "| bare simpy | 1,000 | 0.60 | 0.50 | 2,000 | 4.00 |" in text
    assert "| `card_fraud` | 500 | 5.0 | 4.0 | 100 | 321 |" in text


def test_options_that_are_not_given_are_left_out() -> None:
    assert run_options(seed=1, length="5 days", scale=None) == ["--seed", "1", "--length", "5 days"]
