from __future__ import annotations

from bustle.scenarios.model import EachTable, Feature
from bustle.scenarios.types import DURATION, MONEY, NUMBER, WHOLE, Quantity
from tests.scenarios.small import TOWN, model_of

DAY = 86_400_000_000
TABLE = """      stop
record:
  sales:
    each: sale
    columns: [time, person, shop, kind: shop.kind, amount, big: amount > 10]
    labels: [theft]
    known: time + 9 days
    features: {features}
"""


def features_of(features: str) -> dict[str, Feature]:
    table = model_of(TOWN + TABLE.replace("{features}", features)).tables["sales"]
    assert isinstance(table, EachTable)
    return {feature.name: feature for feature in table.features}


def test_columns_are_named_by_entity_measure_column_and_window() -> None:
    asked = "{person: {windows: [1 day, 36 hours], count: true, sum: amount, distinct: [shop, kind], since_last: true}}"
    assert list(features_of(asked)) == [
        "person_count_1d", "person_count_36h", "person_sum_amount_1d", "person_sum_amount_36h",
        "person_distinct_shop_1d", "person_distinct_shop_36h", "person_distinct_kind_1d", "person_distinct_kind_36h",
        "person_since_last",
    ]  # fmt: skip


def test_features_of_several_entities_stand_in_the_order_of_the_file() -> None:
    asked = "{shop: {windows: 7 days, risk: theft}, kind: {windows: 90 minutes, count: true}}"
    assert list(features_of(asked)) == ["shop_risk_theft_7d", "kind_count_90min"]


def test_a_measure_has_the_unit_of_its_column() -> None:
    asked = (
        "{person: {windows: 1 day, count: true, sum: [amount, big], mean: [amount, big], since_last: true, "
        "known: theft, found: theft, risk: theft}}"
    )
    assert {name.removeprefix("person_"): feature.type for name, feature in features_of(asked).items()} == {
        "count_1d": WHOLE,
        "sum_amount_1d": MONEY,
        "sum_big_1d": WHOLE,
        "mean_amount_1d": Quantity(money=1),
        "mean_big_1d": NUMBER,
        "known_theft_1d": WHOLE,
        "found_theft_1d": WHOLE,
        "risk_theft_1d": NUMBER,
        "since_last": DURATION,
    }


def test_a_delay_is_of_labels_alone() -> None:
    features = features_of("{shop: {windows: 30 days, count: true, risk: theft, delay: 7 days}}")
    assert {name: (f.window, f.delay) for name, f in features.items()} == {
        "shop_count_30d": (30 * DAY, None),
        "shop_risk_theft_30d": (30 * DAY, 7 * DAY),
    }


def test_what_is_switched_off_is_left_out() -> None:
    assert list(features_of("{shop: {windows: 1 day, count: false, since_last: true}}")) == ["shop_since_last"]


def test_features_change_nothing_of_what_the_log_holds() -> None:
    features = "{shop: {windows: 30 days, count: true, risk: theft}}"
    with_features = model_of(TOWN + TABLE.replace("{features}", features))
    without = model_of(TOWN + TABLE.replace("    features: {features}\n", ""))
    assert with_features.events == without.events
