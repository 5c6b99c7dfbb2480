"""Event logs attached to real SimPy environments and Mesa models."""

from __future__ import annotations

import random
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any

import mesa
import polars as pl
import pytest
import simpy

from bustle.outputs.attach import EventLog, record_mesa, record_simpy
from bustle.outputs.log import LogReader
from bustle.outputs.verify import verify
from bustle.scenarios import load


def table(folder: Path, name: str) -> pl.DataFrame:
    """A recorded table."""
    return pl.read_parquet(folder / "tables" / f"{name}.parquet")


# --- SimPy -----------------------------------------------------------------------

SERVED = {"served": {"customer": "id", "wait": "duration"}}


def bank(env: simpy.Environment, log: EventLog, customers: int) -> None:
    """Customers who queue for one counter."""
    counter, draw = simpy.Resource(env), random.Random(3)

    def customer(number: int) -> Generator[simpy.Event]:
        yield env.timeout(draw.uniform(0, 60))
        came = env.now
        with counter.request() as turn:
            yield turn
            log.emit("served", customer=number, wait=env.now - came)
            yield env.timeout(2.5)

    for number in range(customers):
        env.process(customer(number))


def test_a_simpy_environment_gives_the_time_and_its_unit(tmp_path: Path) -> None:
    env = simpy.Environment()
    with record_simpy(env, tmp_path / "out", SERVED, unit="minutes", start="2026-01-01T09:00") as log:
        bank(env, log, 40)
        env.run(until=480)
    served = table(tmp_path / "out", "served")
    assert served.height == 40 and served["time"].is_sorted()
    assert served["time"][0] >= datetime(2026, 1, 1, 9)
    gaps = served["time"].diff().drop_nulls().dt.total_seconds(fractional=True)
    assert gaps.min() == pytest.approx(150)
    assert (served["wait"] > 600).any()
    assert verify(tmp_path / "out") == []
    assert load(tmp_path / "out" / "scenario.yaml").model.clock.length == 480 * 60_000_000


def test_an_exception_in_a_process_leaves_no_complete_run(tmp_path: Path) -> None:
    env = simpy.Environment()

    def fails(log: EventLog) -> Generator[simpy.Event]:
        yield env.timeout(1)
        log.emit("served", customer=1, wait="long")

    with pytest.raises(TypeError, match="field wait: 'long' is no number"):
        with record_simpy(env, tmp_path / "out", SERVED, unit="minutes") as log:
            env.process(fails(log))
            env.run()
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_what_has_no_clock_is_no_environment(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="dict is no SimPy environment"):
        record_simpy({}, tmp_path / "out", SERVED, unit="minutes")


# --- Mesa ------------------------------------------------------------------------


class Sheep(mesa.Agent):  # type: ignore[misc]
    """Lives until a wolf comes."""

    def __init__(self, model: Any, wool: float = 1.0) -> None:
        super().__init__(model)
        self.wool = wool
        self.name = f"sheep {self.unique_id}"
        self.black = self.unique_id % 2 == 0


class Lamb(Sheep):
    """A sheep of a class of its own."""


class Wolf(mesa.Agent):  # type: ignore[misc]
    """Eats a sheep a day while there are any."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.energy = 5

    def step(self) -> None:
        """Eat, or starve."""
        flock = [a for a in self.model.agents if isinstance(a, Sheep)]
        prey = self.random.choice(flock) if flock else None
        self.model.log.emit("meal", wolf=self, prey=prey)
        if prey is None:
            self.energy -= 1
        else:
            prey.wool = 0.0
            prey.remove()


class Field(mesa.Model):  # type: ignore[misc]
    """Sheep and wolves, with a lamb born on the third day."""

    log: EventLog

    def __init__(self, sheep: int, wolves: int) -> None:
        super().__init__(seed=1)
        Wolf.create_agents(self, wolves)
        Sheep.create_agents(self, sheep, 2.0)

    def step(self) -> None:
        """One day."""
        if self.steps == 3:
            Lamb(self, 0.5)
        self.agents.select(agent_type=Wolf).shuffle_do("step")


MEAL = {"meal": {"wolf": "Wolf", "prey": "Sheep"}}
AGENTS = {"Wolf": ["energy"], "Sheep": ["wool", "name", "black"]}


def test_a_mesa_model_gains_events_agents_and_a_manifest(tmp_path: Path) -> None:
    model = Field(sheep=3, wolves=1)
    with record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents=AGENTS, seed=1) as log:
        model.log = log
        for _ in range(5):
            model.step()
    meals = table(tmp_path / "out", "meal")
    assert meals["time"].to_list() == [datetime(2026, 1, day) for day in range(1, 6)]
    assert meals["wolf"].to_list() == [0] * 5
    assert sorted(p for p in meals["prey"] if p is not None) == [0, 1, 2, 3] and meals["prey"][4] is None
    wolves, sheep = table(tmp_path / "out", "Wolf"), table(tmp_path / "out", "Sheep")
    assert wolves.to_dicts() == [{"id": 0, "unique_id": 1, "energy": 4.0}]
    assert sheep["unique_id"].to_list() == [2, 3, 4, 5]
    assert sheep["wool"].to_list() == [0.0] * 4
    assert sheep["black"].to_list() == [True, False, True, False]
    log_of_sheep = LogReader(tmp_path / "out").agents("Sheep").collect()
    assert log_of_sheep["born"].to_list() == [datetime(2026, 1, 1)] * 3 + [datetime(2026, 1, 3)]
    assert log_of_sheep["retired"].sort().to_list() == [datetime(2026, 1, day) for day in range(1, 5)]
    assert verify(tmp_path / "out") == []
    assert load(tmp_path / "out" / "scenario.yaml").model.clock.length == 5 * 86_400_000_000


def test_the_model_gets_its_own_methods_back(tmp_path: Path) -> None:
    model = Field(sheep=2, wolves=1)
    before = set(vars(model))
    with record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents=AGENTS):
        assert "register_agent" in vars(model)
    assert set(vars(model)) == before
    with pytest.raises(RuntimeError), record_mesa(model, tmp_path / "b", MEAL, step="1 day", agents=AGENTS):
        raise RuntimeError
    assert set(vars(model)) == before
    with pytest.raises(FileExistsError):
        record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents=AGENTS)
    assert set(vars(model)) == before


def test_the_model_runs_as_it_would_without_the_log(tmp_path: Path) -> None:
    class Silent:
        def emit(self, *_: Any, **__: Any) -> None: ...

    alone, logged = Field(sheep=20, wolves=3), Field(sheep=20, wolves=3)
    alone.log = Silent()  # type: ignore[assignment]
    with record_mesa(logged, tmp_path / "out", MEAL, step="1 day", agents=AGENTS) as logged.log:
        for model in (alone, logged):
            for _ in range(4):
                model.step()
    assert [a.unique_id for a in alone.agents] == [a.unique_id for a in logged.agents]
    assert alone.random.getstate() == logged.random.getstate()


def test_types_of_attributes_can_be_said(tmp_path: Path) -> None:
    model = Field(sheep=1, wolves=0)
    with record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents={"Wolf": {"energy": "whole"}, "Sheep": []}):
        Wolf(model)
    assert table(tmp_path / "out", "Wolf").to_dicts() == [{"id": 0, "unique_id": 2, "energy": 5}]


def test_a_clock_of_the_model_s_own_is_used(tmp_path: Path) -> None:
    model, time = Field(sheep=1, wolves=1), 0.25
    with record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents=AGENTS, clock=lambda: time) as model.log:
        model.step()
    assert table(tmp_path / "out", "meal")["time"].to_list() == [datetime(2026, 1, 1, 6)]


@pytest.mark.parametrize(
    ("agents", "kind", "message"),
    [
        ({"Wolf": ["enrgy"]}, ValueError, "a Wolf has no attribute 'enrgy'; did you mean `energy`?"),
        ({"Wolf": ["model"]}, ValueError, "the type of Wolf.model cannot be seen"),
        ({"Bear": ["energy"]}, ValueError, "there is no Bear yet"),
        ({"Wolf": {"energy": "kilos"}}, ValueError, "Wolf.energy: there is no type 'kilos'"),
        ({"Wolf": "energy"}, ValueError, "as a list, such as ['energy']"),
        ({"meal": []}, ValueError, "meal names an event and a population"),
    ],
)
def test_agents_that_cannot_be_recorded_are_refused(
    tmp_path: Path, agents: Any, kind: type[Exception], message: str
) -> None:
    model = Field(sheep=1, wolves=1)
    with pytest.raises(kind) as raised:
        record_mesa(model, tmp_path / "out", {"meal": {}}, step="1 day", agents=agents)
    assert message in str(raised.value)
    assert "register_agent" not in vars(model)


def test_an_agent_of_another_class_or_model_is_refused(tmp_path: Path) -> None:
    model, other = Field(sheep=1, wolves=1), Field(sheep=0, wolves=3)
    with record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents=AGENTS) as log:
        sheep = next(iter(model.agents.select(agent_type=Sheep)))
        with pytest.raises(TypeError, match=r"field wolf: .* is no Wolf of the model"):
            log.emit("meal", wolf=sheep, prey=None)
        with pytest.raises(TypeError, match="is no Wolf of the model"):
            log.emit("meal", wolf=other.agents[2], prey=None)
        with pytest.raises(TypeError, match="3 is no Wolf of the model"):
            log.emit("meal", wolf=3, prey=None)


def test_a_value_that_changed_its_type_is_named(tmp_path: Path) -> None:
    model = Field(sheep=0, wolves=1)
    with pytest.raises(TypeError, match=r"Wolf\.energy: 'full' is no number"):
        with record_mesa(model, tmp_path / "out", MEAL, step="1 day", agents=AGENTS | {"Sheep": []}):
            model.agents[0].energy = "full"
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_what_is_no_mesa_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"object is no Mesa model \(3.0 or newer\)"):
        record_mesa(object(), tmp_path / "out", MEAL, step="1 day")
