"""Measurements that take turns."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.in_turn import in_turn, least_cpu, least_wall


@dataclass(frozen=True)
class Taken:
    """A measurement."""

    seconds: float
    cpu_seconds: float


def test_measurements_take_turns_and_keep_their_results_apart() -> None:
    order: list[str] = []

    def note(name: str) -> int:
        order.append(name)
        return len(order)

    found = in_turn({"a": lambda: note("a"), "b": lambda: note("b")}, 3)
    assert order == ["a", "b"] * 3
    assert found == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_the_least_times_are_each_taken_from_the_best_round() -> None:
    rounds = [Taken(3.0, 1.0), Taken(2.0, 1.5)]
    assert least_wall(rounds) == 2.0
    assert least_cpu(rounds) == 1.0
