from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bustle.agents.build import World, build_world
from bustle.scenarios.model import Model
from bustle.scenarios.scenario import Scenario

HEAD = "scenario: test\nclock: {start: 2026-01-01, length: 30 days}\n"

ModelOf = Callable[..., Model]
WorldOf = Callable[..., World]


@pytest.fixture
def model_of(tmp_path: Path) -> ModelOf:
    """The checked model of some sections; files are looked up in the test's own folder."""

    def make(sections: str, scale: float | None = None) -> Model:
        scenario = Scenario.from_text(HEAD + sections, folder=tmp_path)
        return scenario.with_values(scale=scale).model

    return make


@pytest.fixture
def world_of(model_of: ModelOf) -> WorldOf:
    """The world of some sections."""

    def make(sections: str, seed: int = 1, scale: float | None = None) -> World:
        return build_world(model_of(sections, scale), seed)

    return make
