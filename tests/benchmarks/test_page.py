"""Measurements on a page of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

import benchmarks
from benchmarks.compiled_engine import MEASUREMENTS
from benchmarks.page import GOALS, MACHINE, goals_table, parts, with_parts

PAGE = """# Speed

<!-- measured: goals -->
<!-- end -->

By hand.

<!-- measured: growth -->
old
<!-- end -->

<!-- measured: writing -->
- NOT REACHED: seconds: 3.50 (asked for: at most 2.00)
<!-- end -->
"""


def test_new_text_takes_the_place_of_the_old_and_all_else_stays() -> None:
    page = with_parts(PAGE, {"growth": "## growth\n\n- reached: cost, times: 1.20 (asked for: at most 2.00)"})
    assert "By hand." in page
    assert "old" not in page
    assert parts(page)["growth"].startswith("## growth")
    assert parts(page)["writing"] == parts(PAGE)["writing"]
    assert parts(page)[GOALS].splitlines()[2:] == [
        "| growth | cost, times | 1.20 | at most 2.00 | reached |",
        "| writing | seconds | 3.50 | at most 2.00 | NOT REACHED |",
    ]
    assert with_parts(page, {}) == page


def test_a_page_without_marks_for_a_measurement_takes_none() -> None:
    with pytest.raises(ValueError, match="no marks <!-- measured: handbook -->"):
        with_parts(PAGE, {"handbook": "text"})


def test_lines_that_were_not_judged_are_no_goals() -> None:
    assert len(goals_table({"growth": "- not judged: cost: 1.00 (asked for: at most 2.00)"}).splitlines()) == 2


def test_the_page_about_performance_has_marks_for_every_measurement_and_its_table_of_goals_is_theirs() -> None:
    page = (Path(benchmarks.__file__).parents[1] / "docs" / "performance.md").read_text(encoding="utf-8")
    assert {MACHINE, GOALS, *MEASUREMENTS} <= set(parts(page))
    assert with_parts(page, {}) == page
