"""What a run says when it cannot go on: the same words from every engine."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bustle.agents.aggregates import no_instant_of_nobody
from bustle.scenarios.diagnostics import RunError, Span
from bustle.scenarios.distributions import FORMS
from bustle.scenarios.model import Empirical, Expr
from bustle.scenarios.types import Agent

NEEDS = {
    "exp": "the result is too large",
    "log": "the argument must be above 0",
    "sqrt": "the argument must not be below 0",
}
"""What the arguments of some functions must be."""


def not_whole(value: float, span: Span | None) -> RunError:
    """A number that no 64-bit integer is near."""
    return RunError(f"{value} cannot be rounded to a whole number", span)


def nobody_to_ask(function: str, span: Span | None) -> RunError:
    """The first or the last instant of no agents: there is no instant that says so."""
    return RunError(no_instant_of_nobody(function), span)


def too_large(value: int, span: Span | None) -> RunError:
    """A whole number beyond 64 bits."""
    return RunError(f"{value} does not fit a whole number", span)


def division_by_zero(over: float, span: Span | None) -> RunError:
    """A division of ``over`` by zero."""
    return RunError(f"division of {over} by zero", span)


def no_power(base: float, exponent: float, span: Span | None) -> RunError:
    """A power that is no number."""
    return RunError(f"{base} ** {exponent} is not a number that can be held", span)


def outside_domain(function: str, value: float, span: Span | None) -> RunError:
    """An argument that a function of `NEEDS` does not take."""
    return RunError(f"{function}({value}): {NEEDS[function]}", span)


def bad_arguments(form: str, values: Sequence[float], span: Span | None) -> RunError:
    """The error of a draw whose arguments its distribution does not allow; names the first at fault."""
    name = FORMS[form].distribution
    for parameter, value in zip(FORMS[form].parameters, values, strict=True):
        low, high = parameter.minimum, parameter.maximum
        good = math.isfinite(value)
        if low is not None:
            good = good and (value > low if parameter.open else value >= low)
        if high is not None:
            good = good and value <= high
        if not good:
            needs = "a finite number" if low is None else f"{'above' if parameter.open else 'at least'} {low:g}"
            needs += "" if high is None else f" and at most {high:g}"
            return RunError(f"{name} needs `{parameter.name}` to be {needs}, but it is {value:g}", span)
    given = ", ".join(f"{p.name}={v:g}" for p, v in zip(FORMS[form].parameters, values, strict=True))
    return RunError(f"nothing can be drawn from {name}({given})", span)


def no_weight(span: Span | None) -> RunError:
    """Weights of which none is above 0."""
    return RunError("no weight is above 0, so nothing can be drawn", span)


def no_rows(expr: Empirical) -> RunError:
    """A column without rows."""
    return RunError(f"column `{expr.column}` of {expr.path} has no rows to draw from", expr.span)


def attribute_of_none(name: str, population: str) -> str:
    """The message of an attribute that is read of ``none``."""
    return f"`{name}` is read of none, where a {population} is needed"


def no_agent(problem: str, target: Expr) -> RunError:
    """A statement that needs an agent and meets none; ``problem`` says what it would do."""
    what = target.type.population if isinstance(target.type, Agent) else "agent"
    return RunError(f"{problem}, where a {what} is needed", target.span)


def no_event(event: str, field: str, span: Span | None) -> RunError:
    """A field of the event that set a firing off, read in a firing that was called."""
    return RunError(f"no `{event}` started this firing, so it has no `{field}`", span)


def no_delay(span: Span | None) -> RunError:
    """A delay that is not a number."""
    return RunError("the delay is not a number", span)


def no_gap(behavior: str, span: Span | None) -> RunError:
    """A gap that is not a number."""
    return RunError(f"the next gap of `{behavior}` is not a number", span)


def no_rate(behavior: str, rate: float, span: Span | None) -> RunError:
    """A rate that is not a finite number; ``rate`` is per microsecond."""
    return RunError(f"the rate of `{behavior}` is {rate * 1e6:g} per second", span)


def no_move(population: str, agent: int, former: str, state: str, span: Span | None) -> RunError:
    """A change of state that is not declared."""
    return RunError(
        f"{population} {agent} cannot become `{state}`: it is `{former}`, and that move is not declared", span
    )


def no_room(population: str) -> RunError:
    """More agents of a population than there is room for."""
    return RunError(f"no room is left for more agents of `{population}`")


def too_many_rows(event: str) -> RunError:
    """More rows of an event at one time than there is room for."""
    return RunError(f"too many rows of `{event}` at one time: there is no room for them")


def too_many_waiting() -> RunError:
    """More firings that wait than there is room for."""
    return RunError("too many firings wait: there is no room for them")
