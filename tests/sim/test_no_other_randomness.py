"""A run draws keyed numbers only: any other source raises, and the traps are shown to work."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bustle.scenarios.diagnostics import RunError
from bustle.sim.python_agents import PythonAgent

Simulate = Callable[..., Any]

TOWN = """
populations:
  shop: {size: 5, attributes: {w: pareto(alpha=1.3)}, links: {first: pick(buyer)}}
  buyer:
    size: 40
    attributes: {basket: "mixture(0.7, lognormal(median=28, sigma=0.9), 0.3, exponential(mean=3))"}
    states: {well: [ill], ill: [well]}
networks:
  haunts: {from: buyer, to: shop, degree: 1 + poisson(mean=3), weight: w}
  near: {among: buyer, kind: small_world, neighbours: 4, rewire: 0.2}
events: {purchase: {buyer: buyer, shop: shop, amount: money, case: label episode}}
behaviors:
  buy:
    who: buyer
    rate: 2 per day
    unless: ill
    do: |
      amount = lognormal(median=basket, sigma=0.5)
      emit purchase(buyer=self, shop=pick(haunts, by=w), amount=amount, case=episode())
  ail:
    who: buyer
    every: gamma(mean=3 days, shape=2)
    unless: ill
    do: |
      become(ill)
      after 1 day: mend()
  mend: {who: buyer, do: become(well)}
  breed: {who: buyer, rate: 0.1 per day, do: spawn(buyer)}
"""


class Trap(Exception):
    """Raised where something draws."""


def spring(*_: Any, **__: Any) -> Any:
    raise Trap


def set_traps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("random", "randint", "choice", "shuffle", "seed", "getrandbits", "uniform", "gauss", "sample"):
        monkeypatch.setattr(random, name, spring)
    for name in ("rand", "random", "randint", "normal", "choice", "seed", "default_rng", "shuffle", "uniform"):
        monkeypatch.setattr(np.random, name, spring)
    monkeypatch.setattr(os, "urandom", spring)
    for name in ("token_bytes", "randbits", "randbelow", "choice"):
        monkeypatch.setattr(secrets, name, spring)


def test_a_run_uses_no_other_randomness(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(make(TOWN, length="5 days").events())  # and compiles: Numba names its cache files at random
    set_traps(monkeypatch)
    assert list(make(TOWN, length="5 days").events()) == before
    assert len(before) > 200


@pytest.mark.parametrize(
    "draw",
    [
        lambda: random.random(),
        lambda: np.random.default_rng(),
        lambda: np.random.normal(),
        lambda: os.urandom(4),
        lambda: secrets.randbits(4),
    ],
)
def test_the_traps_catch_what_draws(monkeypatch: pytest.MonkeyPatch, draw: Callable[[], Any]) -> None:
    set_traps(monkeypatch)
    with pytest.raises(Trap):
        draw()


class Unkeyed(PythonAgent):
    """Draws as a Mesa agent would elsewhere."""

    def process(self) -> Any:
        yield self.after(hours=1)
        self.random.shuffle([1, 2])


class UnkeyedArrays(Unkeyed):
    def process(self) -> Any:
        yield self.after(hours=1)
        self.rng.normal()


class UnkeyedSets(Unkeyed):
    def process(self) -> Any:
        yield self.after(hours=1)
        self.model.agents.shuffle_do("step")


@pytest.mark.parametrize("cls", [Unkeyed, UnkeyedArrays, UnkeyedSets])
def test_mesa_s_own_generators_say_how_to_draw(simulate: Simulate, cls: type[PythonAgent]) -> None:
    with pytest.raises(RunError, match=r"draw with self\.draw"):
        simulate("populations: {a: {size: 2, class: some.py:Thing}}\n", classes={"a": cls})


SCRIPT = """
import hashlib
from bustle.agents.build import build_world
from bustle.scenarios.scenario import Scenario
from bustle.sim.reference import ReferenceEngine

model = Scenario.from_text(open({path!r}).read()).model
digest = hashlib.sha256()
for record in ReferenceEngine(model, build_world(model, 1), 1).events():
    digest.update(repr(record).encode())
print(digest.hexdigest())
"""


def test_two_processes_with_other_hash_seeds_give_the_same_events(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text("scenario: town\nclock: {start: 2026-01-01, length: 3 days}\n" + TOWN)
    outputs = set()
    for hash_seed in ("1", "2"):
        result = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(path=str(path))],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(result.stdout)
    assert len(outputs) == 1
