"""The compiled engine makes byte for byte what the reference makes, in every schedule, with any number of workers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bustle.scenarios.library import shipped
from bustle.scenarios.model import Emit
from bustle.scenarios.scenario import Scenario
from bustle.sim.reads import statements
from bustle.sim.reference import ReferenceEngine
from tests.library.test_every_scenario import SMALL
from tests.sim.engine_logs import Column, Log, Recording, first_difference, log_of
from tests.sim.engines_agree import disagreements, main, of_number, reference_log
from tests.sim.random_scenarios import random_scenario
from tests.sim.random_scenarios.shrinking import shrunk

QUICK = 100
"""Scenarios compared in every run of the tests."""

LONG = 2_000
"""Scenarios compared by the slow test."""

CHUNK = 10


def compare(first: int, end: int) -> None:
    """Fails with the first scenario that differs, and its text."""
    for number in range(first, end):
        found = list(of_number(number))
        if found:
            everything = "\n".join(map(str, found))
            pytest.fail(f"{everything}\n\n{random_scenario(number)}", pytrace=False)


@pytest.mark.parametrize("first", range(0, QUICK, CHUNK))
def test_both_engines_make_the_same_of_random_scenarios(first: int) -> None:
    compare(first, first + CHUNK)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(QUICK, LONG, 100))
def test_both_engines_make_the_same_of_many_random_scenarios(first: int, capsys: pytest.CaptureFixture[str]) -> None:
    """In other processes, since an engine keeps the machine code of each scenario."""
    assert main(["--from", str(first), "--to", str(min(first + 100, LONG))]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(set(shipped()) - {"mesa_market"}))
def test_both_engines_make_the_same_of_shipped_scenarios(name: str) -> None:
    """All but the one whose agents are written in Python, which only the reference runs."""
    small = SMALL[name]
    scenario = Scenario.load(name)
    model = scenario.with_values(small.get("set"), length=small["length"], scale=small.get("scale")).model
    assert not list(disagreements(name, model, 3))


# --- the machinery itself


def example_log(number: int = 3) -> Log:
    return reference_log(Scenario.from_text(random_scenario(number)).model, number)


def test_a_log_is_the_same_when_the_reference_runs_again() -> None:
    for number in range(12):
        assert first_difference(example_log(number), example_log(number)) == ""


def test_another_seed_gives_another_log() -> None:
    model = Scenario.from_text(random_scenario(3)).model
    assert first_difference(reference_log(model, 1), reference_log(model, 2))


def damaged(log: Log, table: str, column: str, row: int) -> Log:
    """The log with one bit of one value turned."""
    held = log.tables[table][column]
    assert isinstance(held.values, bytes)
    width = len(held.values) // len(held.listed())
    values = bytearray(held.values)
    values[row * width] ^= 1
    tables = {**log.tables, table: {**log.tables[table], column: Column(held.dtype, bytes(values))}}
    return replace(log, tables=tables)


def test_one_turned_bit_is_found_and_told() -> None:
    log = example_log()
    checked = 0
    for table, columns in log.tables.items():
        for name, column in columns.items():
            if isinstance(column.values, bytes) and column.listed():
                row = len(column.listed()) - 1
                told = first_difference(log, damaged(log, table, name, row))
                assert told.startswith(f"{table}, row {row}, {name}: "), told
                assert "\n" not in told
                checked += 1
    assert checked > 10


def test_what_is_missing_or_of_another_type_is_told() -> None:
    log = example_log()
    assert log.counts is not None
    name = next(name for name in log.tables if name.startswith("agents "))
    less = {key: value for key, value in log.tables.items() if key != name}
    assert "only in the first log" in first_difference(log, replace(log, tables=less))
    assert "only in the second log" in first_difference(replace(log, tables=less), log)
    key, column = next(iter(log.tables[name].items()))
    other = {**log.tables, name: {**log.tables[name], key: Column("<i2", column.values)}}
    assert "dtype" in first_difference(log, replace(log, tables=other))
    assert "counts" in first_difference(log, replace(log, counts=replace(log.counts, firings=-1)))
    assert "errors" in first_difference(log, Log(error="at noon: it broke"))
    assert first_difference(Log(error="it broke"), Log(error="it broke")) == ""


def test_a_crash_is_a_difference_even_if_both_crash() -> None:
    def broken(*_: object) -> ReferenceEngine:
        raise KeyError("oh")

    model = Scenario.from_text(random_scenario(3)).model
    log = log_of(broken, model, 1)
    assert "KeyError" in first_difference(log, log)


def test_the_kinds_of_values_in_samples_are_told_apart() -> None:
    values: list[object] = [1, 1.0, True, 0.0, -0.0, float("nan"), "1", None]
    sinks = []
    for value in values:
        sink = Recording()
        sink.write_sample("course", 0, (value,))
        sinks.append(Log(sink.tables()))
    for n, one in enumerate(sinks):
        for m, other in enumerate(sinks):
            assert (first_difference(one, other) == "") == (n == m), (values[n], values[m])


def test_a_scenario_is_shrunk_to_what_a_failure_is_about() -> None:
    def emits(text: str) -> bool:
        model = Scenario.from_text(text).model
        return any(isinstance(part, Emit) for b in model.behaviors.values() for part in statements(b.body))

    text = shrunk(random_scenario(3), emits)
    model = Scenario.from_text(text).model
    assert emits(text)
    assert len(model.behaviors) == 1 and len(text.splitlines()) < 30


def test_the_command_line_shows_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--show", "7"]) == 0
    assert capsys.readouterr().out == random_scenario(7) + "\n"
