from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bustle.scenarios.diagnostics import RunError

Simulate = Callable[..., Any]

TEMPLATE = """
parameters: {zero: {value: 0}, big: {value: 1e300}, minus: {value: -1}, wait: {value: 1 hour}}
populations:
  a:
    size: 1
    attributes: {x: 0.0, n: "round(1)", friend: {value: none, type: a}, amount: money(1), gap: 1 hour, due: start}
    states: {one: [two], two: []}
events: {tick: {x: number}}
behaviors:
  go: {who: a, at: 1 days, do: "STATEMENT"}
  later: {who: a, do: x = 1}
"""


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("x = 1 / zero", "division of 1 by zero"),
        ("x = 7.5 % zero", "by zero"),
        ("x = friend.x", "`x` is read of none, where a a is needed"),
        ("friend.x = 1", "`x` is assigned to none"),
        ("x = log(zero)", "log(0): the argument must be above 0"),
        ("x = sqrt(minus)", "sqrt(-1): the argument must not be below 0"),
        ("x = exp(big)", "the result is too large"),
        ("x = minus ** 0.5", "is not a number that can be held"),
        ("n = round(big)", "cannot be rounded to a whole number"),
        ("amount = money(big)", "cannot be rounded to a whole number"),
        ("due = min(due for a.two)", "`min` of instants over nobody has no value; ask `count` first"),
        ("x = (now - max(due for a where x > 5)) / 1 day", "`max` of instants over nobody has no value"),
        ("x = normal(mean=0, sd=minus)", "normal needs `sd` to be at least 0, but it is -1"),
        ("x = uniform(low=zero, high=minus)", "nothing can be drawn from uniform(low=0, high=-1)"),
        ("x = poisson(mean=minus)", "poisson needs `mean` to be at least 0, but it is -1"),
        ("friend.become(two)", "none cannot become anything"),
        ("after (big * big - big * big) * wait: later()", "the delay is not a number"),
    ],
)
def test_what_a_scenario_can_get_wrong_ends_the_run_with_one_line(
    simulate: Simulate, statement: str, message: str
) -> None:
    with pytest.raises(RunError) as caught:
        simulate(TEMPLATE.replace("STATEMENT", statement))
    assert message in caught.value.message
    assert caught.value.message.startswith("at 2026-01-02 00:00:00: ")
    assert caught.value.span is not None and caught.value.span.line > 8


def test_a_move_that_is_not_declared_ends_the_run(simulate: Simulate) -> None:
    with pytest.raises(RunError, match="a 0 cannot become `one`: it is `two`, and that move is not declared"):
        simulate(TEMPLATE.replace("STATEMENT", "become(two)\\nbecome(one)"))


def test_a_failing_branch_that_is_never_reached_is_no_error(simulate: Simulate) -> None:
    run = simulate(TEMPLATE.replace("STATEMENT", "x = 1 / zero if zero != 0 else 5"))
    assert run.agents("a")["x"] == [5]


def test_a_rate_that_is_not_a_number_ends_the_run(simulate: Simulate) -> None:
    with pytest.raises(RunError, match="the rate of `go`"):
        simulate(
            """
parameters: {big: {value: 1e300}}
populations: {a: {size: 1}}
events: {tick: {}}
behaviors: {go: {who: a, rate: (big * big - big * big) per day, do: emit tick()}}
"""
        )
