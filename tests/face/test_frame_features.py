from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest

import bustle

SCENARIO = """
scenario: town
clock: {start: 2026-03-20, length: 20 days, timezone: Europe/Berlin}
populations:
  shop: {size: 3, attributes: {kind: "categorical(food=0.7, books=0.3)"}}
  card: {size: 40}
events:
  payment: {card: card, shop: shop, amount: money, fraud: label bool}
behaviors:
  pay:
    who: card
    rate: 1 per day
    do: |
      emit payment(card=self, shop=pick(shop), amount=lognormal(median=20, sigma=1), fraud=bernoulli(p=0.3))
record:
  payments:
    each: payment
    columns: [time, card, shop, kind: shop.kind, amount, far: number(amount) / 3, big: amount > 50]
    labels: [fraud]
    known: time + (exponential(mean=4 days) if fraud else 10 days)
"""
ASKED: dict[str, Any] = {
    "card": {
        "windows": ["1 day", "7 days"],
        "count": True,
        "sum": ["amount", "far", "big"],
        "mean": ["amount", "far", "big"],
        "distinct": ["shop", "kind"],
        "since_last": True,
    },
    "kind": {"windows": "3 days", "count": True, "risk": "fraud"},
    "shop": {"windows": ["2 days", "30 days"], "known": "fraud", "found": "fraud", "risk": "fraud", "delay": "2 days"},
}


@pytest.fixture(scope="module")
def recorded() -> pl.DataFrame:
    """The table with the features that its scenario asks for."""
    sections = bustle.Scenario.from_text(SCENARIO)
    text = sections.checked.resolved_text().rstrip() + "\n    features: " + str(ASKED).replace("True", "true") + "\n"
    with bustle.Scenario.from_text(text).run() as run:
        return run.table("payments")


@pytest.fixture
def plain(recorded: pl.DataFrame) -> pl.DataFrame:
    return recorded.select("time", "card", "shop", "kind", "amount", "far", "big", "fraud", "known")


def paid(**columns: Any) -> pl.DataFrame:
    days = [date(2026, 1, day) for day in (1, 2, 5)]
    return pl.DataFrame({"time": days, "card": [7, 7, 7], "amount": [10.0, 0.1, 0.2], **columns})


def test_a_table_gets_the_features_that_its_scenario_would_have_recorded(
    recorded: pl.DataFrame, plain: pl.DataFrame
) -> None:
    assert bustle.features(plain, ASKED).equals(recorded)


def test_rows_may_stand_in_any_order(recorded: pl.DataFrame, plain: pl.DataFrame) -> None:
    mixed = plain.sample(fraction=1, shuffle=True, seed=3)
    made = bustle.features(mixed, ASKED)
    assert made.select(plain.columns).equals(mixed)
    assert made.sort("time").equals(recorded)


def test_a_pandas_frame_gives_a_pandas_frame_with_its_index(recorded: pl.DataFrame, plain: pl.DataFrame) -> None:
    frame = plain.to_pandas().set_index(pd.Index(range(100, 100 + plain.height)))
    made = bustle.features(frame, ASKED)
    assert isinstance(made, pd.DataFrame)
    assert made.index.equals(frame.index)
    names = recorded.columns[len(plain.columns) :]
    given = pl.from_pandas(made[names]).cast(pl.Float64)
    assert given.equals(recorded.select(names).cast(pl.Float64))


def test_amounts_in_whole_cents_are_summed_without_rounding_errors() -> None:
    made = bustle.features(paid(), {"card": {"windows": "9 days", "sum": "amount", "mean": "amount"}})
    assert made["card_sum_amount_9d"].to_list() == [10.0, 10.1, 10.3]
    assert made["card_mean_amount_9d"].to_list() == [10.0, 10.1 / 2, 10.3 / 3]


def test_other_numbers_are_summed_as_they_are() -> None:
    made = bustle.features(paid(amount=[1 / 3, 2 / 3, None]), {"card": {"windows": "9 days", "sum": "amount"}})
    assert made["card_sum_amount_9d"].to_list() == [1 / 3, 1.0, 1.0]


def test_labels_may_be_0_and_1_and_times_have_any_precision() -> None:
    start = datetime(2026, 1, 1)
    frame = pl.DataFrame(
        {
            "when": pl.Series([start + timedelta(hours=h) for h in range(4)], dtype=pl.Datetime("ns")),
            "told": pl.Series([start + timedelta(hours=h + 1) for h in range(4)], dtype=pl.Datetime("ms")),
            "nameDest": ["a", "a", "b", "a"],
            "isFraud": [1, 0, 1, 1],
        }
    )
    asked = {"nameDest": {"windows": "1 day", "risk": "isFraud"}}
    made = bustle.features(frame, asked, time="when", known="told")
    assert made["nameDest_risk_isFraud_1d"].to_list() == [None, 1.0, None, 0.5]


def test_a_column_that_is_a_label_somewhere_is_one_everywhere() -> None:
    frame = paid(fraud=[True, False, True], known=[date(2026, 1, 9)] * 3)
    with pytest.raises(bustle.ScenarioError, match="`fraud` is a label and would give the answer away"):
        bustle.features(frame, {"card": {"windows": "1 day", "risk": "fraud", "mean": "fraud"}})


def test_a_table_without_rows_gets_the_columns() -> None:
    made = bustle.features(paid().clear(), {"card": {"windows": ["1 day", "2 days"], "count": True}})
    assert made.columns[3:] == ["card_count_1d", "card_count_2d"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"crd": {"windows": "1 day", "count": True}}, "no column `crd`"),
        ({"card": {"windows": "1 day", "risk": "fraud"}}, "nothing says when that is"),
        ({"card": {"windows": 1, "count": True}}, "must be a duration"),
        ({"card": {"windows": "1 day", "mdian": "amount", "count": True}}, "unknown key `mdian`"),
        ({"card": ["count"]}, "must be a mapping"),
        ({"card": {"windows": "1 day", "sum": "time"}}, "a sum is taken of numbers"),
    ],
)
def test_what_is_asked_for_is_checked_like_a_scenario(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(bustle.ScenarioError, match=message):
        bustle.features(paid(fraud=[True, False, True]), asked)


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        ({}, {"time": "when"}, "no column `when`"),
        ({}, {"time": "amount"}, "the column `amount` holds no times but Float64"),
        ({"time": [date(2026, 1, 1), None, date(2026, 1, 2)]}, {}, "does not say of every row"),
        ({"known": [1, 2, 3]}, {"known": "known"}, "the column `known` holds no times"),
        (
            {"known": pl.Series([datetime(2026, 1, 9)] * 3).dt.replace_time_zone("UTC")},
            {},
            "one has a time zone and the other has none",
        ),
    ],
)
def test_times_that_cannot_be_used_are_told(columns: dict[str, Any], names: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bustle.features(paid(**columns), {"card": {"windows": "1 day", "count": True}}, **names)
