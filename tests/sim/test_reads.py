from __future__ import annotations

from typing import Any

import pytest

from bustle.scenarios.scenario import Scenario
from bustle.sim.reads import MEMBERSHIP, LinkHop, NetworkHop, Read, Write, reads, writes

HEAD = """
scenario: reading
clock: {start: 2026-01-01, length: 1 day}
parameters: {limit: {value: 3}}
world: {pressure: 1.0}
populations:
  owner: {size: 2, attributes: {x: 1.0}}
  card: {one_per: owner as owner, attributes: {y: 2.0}, states: {on: [off], off: []}}
networks: {near: {from: owner, to: card, degree: 1}}
events: {tick: {x: number}}
"""


def behavior(text: str) -> Any:
    model = Scenario.from_text(HEAD + "behaviors:\n  go:\n    who: card\n" + text).model
    return model.behaviors["go"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("y > limit", {Read("attribute", "card", "y"), Read("parameter", "", "limit")}),
        ("pressure > 1", {Read("global", "", "pressure")}),
        (
            "owner.x > 1",
            {Read("attribute", "card", "owner"), Read("attribute", "owner", "x", (LinkHop("card", "owner"),))},
        ),
        ("state == on", {Read("attribute", "card", "state")}),
        ("id == 3", set()),
        (
            "count(owner.near where y > 1) > 0",
            {
                Read("attribute", "card", "owner"),
                Read("attribute", "card", MEMBERSHIP, (LinkHop("card", "owner"), NetworkHop("near"))),
                Read("attribute", "card", "y", (LinkHop("card", "owner"), NetworkHop("near"))),
            },
        ),
        (
            "sum(x for owner) > self.y",
            {
                Read("attribute", "owner", MEMBERSHIP, None),
                Read("attribute", "owner", "x", None),
                Read("attribute", "card", "y"),
            },
        ),
    ],
)
def test_reads_are_found_with_the_way_to_them(condition: str, expected: set[Read]) -> None:
    found = behavior(f"    every: 1 hour\n    if: {condition}\n    do: stop\n")
    assert reads(found.condition) == expected


def test_writes_are_found_with_whose_they_are() -> None:
    found = behavior(
        """    every: 1 hour
    do: |
      y = 3
      pressure += 1
      if y > 2:
          become(off)
      for one in pick(owner, count=2):
          one.x = 5
      spawn(card, owner=owner)
      retire()
"""
    )
    assert writes(found.body) == {
        Write("attribute", "card", "y", own=True),
        Write("global", "", "pressure"),
        Write("attribute", "card", "state", own=True),
        Write("attribute", "owner", "x"),
        Write("attribute", "card", MEMBERSHIP),
        Write("attribute", "card", MEMBERSHIP, own=True),
    }
