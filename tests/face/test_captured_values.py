from __future__ import annotations

from datetime import datetime

import polars as pl

import bustle

SCENARIO = """
scenario: scene
clock: {start: 2026-01-01, length: 20 days}
parameters: {limit: 20.0}
world: {sold: 0}
populations:
  person: {size: 10}
events:
  sale: {person: person}
behaviors:
  buy:
    who: person
    rate: 1 per day
    do: |
      sold += 1
      emit sale(person=self)
interventions:
  later: {at: 10 days, until: 15 days, set: {limit: 5}}
record:
  sales: {each: sale, columns: [time, limit, sold]}
"""


def test_a_row_holds_what_a_parameter_and_a_global_were_when_it_happened() -> None:
    with bustle.Scenario.from_text(SCENARIO).run() as run:
        sales = run.table("sales")
    lower = pl.col("time").is_between(datetime(2026, 1, 11), datetime(2026, 1, 16), closed="left")
    assert sales.select((pl.col("limit") == pl.when(lower).then(5.0).otherwise(20.0)).all()).item()
    assert sales["sold"].to_list() == list(range(1, sales.height + 1)) and sales.height > 100
