"""What a measurement says, and whether it is enough."""

from __future__ import annotations

import pytest

from benchmarks.findings import Cell, Finding, Goal, Table, cell_text, render

SLOW = Goal("seconds", 3.5, "at most", 2.0)
FAST = Goal("rows a second", 2_500_000.0, "at least", 2e6)


def test_a_goal_is_reached_on_the_right_side_of_its_limit() -> None:
    assert FAST.reached
    assert not SLOW.reached
    assert Goal("seconds", 2.0, "at most", 2.0).reached
    assert Goal("rows", 2.0, "at least", 2.0).reached


def test_a_goal_says_what_was_found_and_what_was_asked_for() -> None:
    assert FAST.text() == "reached: rows a second: 2,500,000 (asked for: at least 2,000,000)"
    assert SLOW.text() == "NOT REACHED: seconds: 3.50 (asked for: at most 2.00)"
    assert SLOW.text(judged=False) == "not judged: seconds: 3.50 (asked for: at most 2.00)"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("as it is", "as it is"),
        (1_234_567, "1,234,567"),
        (0.0, "0.00"),
        (0.0123, "0.012"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (1234.4, "1,234"),
    ],
)
def test_a_figure_is_told_with_as_many_digits_as_mean_something(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_a_finding_becomes_a_section_with_tables_goals_and_notes() -> None:
    finding = Finding("speed", "How quick it is.", (Table(("what", "seconds"), [("run", 3.5)]),), (SLOW,), ("Busy.",))
    assert render(finding).splitlines() == [
        "## speed",
        "",
        "How quick it is.",
        "",
        "| what | seconds |",
        "| --- | --- |",
        "| run | 3.50 |",
        "",
        "- NOT REACHED: seconds: 3.50 (asked for: at most 2.00)",
        "",
        "Busy.",
    ]
