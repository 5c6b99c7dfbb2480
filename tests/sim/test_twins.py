"""Draws are keyed by what they are for: changes reach only what they cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Simulate = Callable[..., Any]

TOWN = """
parameters: {zeal: {value: 1.0}, extra: {value: 0}}
populations:
  shop: {size: 30, attributes: {w: pareto(alpha=1.3)}}
  buyer:
    size: 400
    attributes:
      pace: gamma(mean=1.2, shape=2) per day
      basket: lognormal(median=28, sigma=0.9)
      keen: bernoulli(p=0.05)
    states: {well: [ill], ill: [well]}
networks: {haunts: {from: buyer, to: shop, degree: 6, weight: w}}
events:
  purchase: {buyer: buyer, shop: shop, amount: money}
  illness: {buyer: buyer}
behaviors:
  buy:
    who: buyer
    unless: ill
    rate: pace * (zeal if keen else 1)
    do: |
      MORE
      amount = lognormal(median=basket, sigma=0.5)
      emit purchase(buyer=self, shop=pick(haunts, by=w), amount=amount)
  fall_ill:
    who: buyer
    every: exponential(mean=20 days)
    unless: ill
    do: |
      become(ill)
      emit illness(buyer=self)
      after gamma(mean=2 days, shape=3): recover()
  recover: {who: buyer, do: become(well)}
NEW
"""


def town(more: str = "pass_ = 0", new: str = "") -> str:
    return TOWN.replace("MORE", more).replace("NEW", new)


def test_a_draw_more_in_one_rule_leaves_every_other_draw_as_it_was(simulate: Simulate) -> None:
    plain = simulate(town())
    drawn = simulate(town(more="mood = normal(mean=0, sd=1)"))
    assert len(plain.rows("purchase")) > 3000
    assert plain.memory.rows("purchase") == drawn.memory.rows("purchase")
    assert plain.memory.rows("illness") == drawn.memory.rows("illness")
    assert plain.agents("buyer") == drawn.agents("buyer")


def test_a_behavior_more_leaves_the_others_events_as_they_were(simulate: Simulate) -> None:
    plain = simulate(town())
    more = simulate(
        town(new='  browse: {who: buyer, rate: 3 per day, do: "one = pick(shop)\\nlooked = poisson(mean=2)"}')
    )
    assert plain.rows("purchase") == more.rows("purchase")
    assert plain.rows("illness") == more.rows("illness")
    assert more.counts.firings > plain.counts.firings + 5000


def test_a_what_if_that_touches_a_few_leaves_all_others_events_identical(simulate: Simulate) -> None:
    plain = simulate(town())
    changed = simulate(town() + "interventions: {zeal: {at: 3 days, until: 7 days, set: {zeal: 4}}}\n")
    keen = {index for index, yes in enumerate(plain.agents("buyer")["keen"]) if yes}
    assert 5 <= len(keen) <= 40

    def of(run: Any, touched: bool) -> list[dict[str, Any]]:
        return [row for row in run.rows("purchase") if (row["buyer"] in keen) == touched]

    assert of(plain, False) == of(changed, False)
    assert plain.rows("illness") == changed.rows("illness")
    assert len(of(changed, True)) > 1.5 * len(of(plain, True))
    early = [row for row in of(plain, True) if row["time"] < 3 * 86_400_000_000]
    assert early == [row for row in of(changed, True) if row["time"] < 3 * 86_400_000_000]


def test_another_seed_gives_another_run(simulate: Simulate) -> None:
    assert simulate(town(), seed=1).rows("purchase") != simulate(town(), seed=2).rows("purchase")
