"""Small scenarios to check one thing at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from bustle.scenarios import Scenario, ScenarioError
from bustle.scenarios.diagnostics import Diagnostic
from bustle.scenarios.model import Behavior, Expr, Model

HEAD = "scenario: small\nclock: {start: 2026-01-01, length: 30 days}\n"

TOWN = """
scenario: town
clock: {start: 2026-01-01, length: 30 days}
parameters: {share: 0.5, people: 10, wait: 4 hours, pace: 2 per day, fee: {value: 3, unit: money}, open: true}
world: {sold: 0, till: money(0), heat: 0.5}
populations:
  shop:
    size: 3
    attributes: {kind: "categorical(food=0.7, books=0.3)", pull: pareto(alpha=1.3), stock: 5, x: 0.5, y: 0.5}
  person:
    size: people
    attributes: {income: "lognormal(median=30, sigma=0.5)", visits: 0, trip: none, budget: money(10), x: 1.5, y: 2.5}
    links: {home: shop, work: shop}
    states: {out: [inside], inside: [out]}
  wallet: {one_per: person as owner, attributes: {coins: 3}}
networks:
  near: {from: person, to: shop, degree: 2}
  friends: {among: person, degree: 2}
events:
  sale: {person: person, shop: shop, amount: money, theft: label bool, trip: label episode}
behaviors:
  note: {who: person, arguments: {trip_id: episode}, do: stop}
  visit:
    who: person
    rate: pace
    do: |
      trip = episode()
"""
"""A town with people, shops and wallets; what is added at its end goes on with the rule of `visit`."""


def model_of(text: str, folder: str | Path = ".") -> Model:
    """The model of a whole scenario."""
    return Scenario.from_text(text, folder=folder).model


def rule(*lines: str, text: str = TOWN) -> Behavior:
    """The last behavior of a scenario with more lines of its rule."""
    model = model_of(text + "".join(f"      {line}\n" for line in lines))
    return list(model.behaviors.values())[-1]


def problems_of(text: str, folder: str | Path = ".") -> tuple[Diagnostic, ...]:
    """What is wrong with a whole scenario."""
    try:
        Scenario.from_text(text, folder=folder)
    except ScenarioError as error:
        return error.diagnostics
    return ()


def problem_of_rule(*lines: str, text: str = TOWN) -> Diagnostic:
    """The only problem of a scenario with more lines of its last rule."""
    found = problems_of(text + "".join(f"      {line}\n" for line in lines))
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def value_of(expression: str, text: str = TOWN) -> Expr:
    """The typed form of an expression in the rule of `visit`."""
    value: Expr = rule(f"value = {expression}", text=text).body[-1].value  # type: ignore[union-attr]
    return value


def parts(node: Any) -> Iterator[Any]:
    """Every part of a typed behavior, expression or table, itself included."""
    if isinstance(node, tuple):
        for item in node:
            yield from parts(item)
    elif is_dataclass(node) and not isinstance(node, type):
        yield node
        for field in fields(node):
            if field.name not in ("type", "span"):
                yield from parts(getattr(node, field.name))


def purposes(node: Any) -> list[str]:
    """The purposes of every draw in a typed part, in the order of the text."""
    return [part.purpose for part in parts(node) if hasattr(part, "purpose")]
