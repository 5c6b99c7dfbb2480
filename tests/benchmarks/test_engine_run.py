"""Engines measured alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import benchmarks
from benchmarks.engine_run import EngineRun, Job, engine_run
from benchmarks.sizes import QUICK, USUAL, scale_of
from bustle import Scenario
from bustle.agents.making import WorldMaker

WALKERS = Path(benchmarks.__file__).parent / "scenarios" / "walkers.yaml"


def test_a_job_becomes_the_arguments_of_the_script() -> None:
    job = Job("card_fraud", "compiled", workers=2, length="5 days")
    assert job.arguments() == [
        *("card_fraud", "--engine", "compiled", "--workers", "2", "--seed", "1", "--length", "5 days")
    ]


def test_every_engine_schedule_and_number_of_workers_does_the_same() -> None:
    jobs = [Job("card_fraud", "reference", length="3 days", scale=0.05)]
    jobs += [
        Job("card_fraud", schedule=schedule, workers=workers, length="3 days", scale=0.05)
        for schedule in ("windows", "global")
        for workers in (1, 2)
    ]
    runs = [engine_run(job) for job in jobs]
    assert len({(run.agents, run.firings, run.rows) for run in runs}) == 1
    assert [run.engine.rpartition(" ")[2] for run in runs] == ["engine", "windows", "windows", "global", "global"]


def test_walkers_are_independent_and_tell_little() -> None:
    run = engine_run(Job(str(WALKERS), length="4 days", scale=0.05))
    assert run.islands == ["walker"]
    assert run.rows < run.firings / 100


def test_the_cost_of_a_firing_is_cpu_time() -> None:
    run = EngineRun("compiled engine", [], 1, 1_000, 0, 0.0, 0.0, seconds=9.0, cpu_seconds=1e-3, peak_megabytes=0.0)
    assert run.nanoseconds == 1_000


@pytest.mark.parametrize("cardholders", [*USUAL.growth, *QUICK.growth, USUAL.some, QUICK.many])
def test_scales_give_the_cardholders_that_are_asked_for(cardholders: int) -> None:
    model = Scenario.load("card_fraud").with_values(scale=scale_of(cardholders)).model
    assert WorldMaker(model, 1).size("cardholder") == cardholders
