"""Purchases counted from keyed draws alone."""

from __future__ import annotations

import bustle
from benchmarks.handbook_clock import purchases
from bustle.agents.rhythms import operational_time
from bustle.scenarios.calendar import Calendar


def test_the_count_from_draws_alone_is_to_the_purchase_that_of_a_run() -> None:
    scenario = bustle.Scenario.load("handbook_fraud").with_values(
        {"customers": 200, "terminals": 300, "radius": 60.0}, length="20 days", seed=11
    )
    model = scenario.model
    operational = operational_time(list(model.rhythms.values()), Calendar(model.clock), model.clock.length).total
    count, expected = purchases(11, 200, operational)
    with scenario.run() as run:
        assert len(run.table("transactions")) == count
    assert abs(count - expected) < 4 * expected**0.5
