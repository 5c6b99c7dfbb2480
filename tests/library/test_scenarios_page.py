"""The page of the shipped scenarios says what they are."""

from __future__ import annotations

from bustle.scenarios.library import shipped
from tests.library.scenarios_page import PAGE, filled


def test_every_shipped_scenario_stands_on_the_page_with_its_parameters_and_first_rows() -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    assert [section.split("\n")[0] for section in sections] == sorted(shipped())
    for name, section in zip(sorted(shipped()), sections, strict=True):
        assert f"<!-- parameters: {name} -->" in section
        assert "First rows of" in section


def test_parameters_and_first_rows_are_those_of_the_scenarios_now() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text) == text, "write it again: python -m tests.library.scenarios_page"
