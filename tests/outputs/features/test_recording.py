from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from bustle.pipeline import execute, record_again
from bustle.scenarios import Scenario
from bustle.scenarios.model import EachTable
from tests.outputs.features.by_definition import feature_of

TOWN = """
scenario: town
clock: {start: 2026-03-20, length: 20 days, timezone: Europe/Berlin}   # summer time begins on the 29th
populations:
  shop: {size: 3, attributes: {kind: "categorical(food=0.7, books=0.3)"}}
  card: {size: 5}
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
    where: amount > 5
    columns: [time, card, shop, kind: shop.kind, amount]
    labels: [fraud]
    known: time + (exponential(mean=4 days) if fraud else 10 days)
    features:
      card: {windows: [1 day, 7 days], count: true, sum: amount, mean: amount, distinct: shop, since_last: true}
      kind: {windows: 3 days, count: true, risk: fraud}
      shop: {windows: [2 days, 30 days], known: fraud, found: fraud, risk: fraud, delay: 2 days}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("features") / "run"
    execute(Scenario.from_text(TOWN), folder)
    return folder


def table(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "tables" / "payments.parquet")


def microseconds(time: datetime | None) -> int | None:
    return None if time is None else (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows with instants in microseconds and amounts in cents."""
    times = [{name: microseconds(row[name]) for name in ("time", "known")} for row in frame.iter_rows(named=True)]
    return [
        row | held | {"amount": round(row["amount"] * 100)}
        for row, held in zip(frame.iter_rows(named=True), times, strict=True)
    ]


def test_a_recorded_feature_is_what_its_definition_says(run: Path) -> None:
    frame = table(run)
    rows = rows_of(frame)
    target = Scenario.from_text(TOWN).model.tables["payments"]
    assert isinstance(target, EachTable) and len(target.features) == 2 * 4 + 1 + 2 + 2 * 3
    factors = {"sum": 100.0, "since_last": 1e6}
    for feature in target.features:
        wanted = [feature_of(feature, rows, number) for number in range(len(rows))]
        over = factors.get(feature.measure, 1.0)
        assert frame[feature.name].to_list() == [None if v is None else v / over for v in wanted], feature.name


def test_features_are_marked_in_the_file_the_manifest_and_the_card(run: Path) -> None:
    field = pq.read_schema(run / "tables" / "payments.parquet").field("card_mean_amount_7d")
    assert field.metadata == {
        b"role": b"feature",
        b"unit": b"money",
        b"about": b"mean of amount over the rows of this card in the last 7 days, this one included",
    }
    manifest = (run / "manifest.json").read_text(encoding="utf-8")
    assert manifest.count('"role": "feature"') == 17
    assert "| `kind_risk_fraud_3d` | float64 |  | feature |" in (run / "README.md").read_text(encoding="utf-8")


def test_features_can_be_added_to_a_run_by_recording_it_again(tmp_path: Path, run: Path) -> None:
    plain = tmp_path / "plain"
    execute(Scenario.from_text(TOWN[: TOWN.index("    features:")]), plain)
    (plain / "scenario.yaml").write_text((run / "scenario.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    record_again(plain)
    assert table(plain).equals(table(run))


def test_nothing_of_the_temporary_files_is_left(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == {"README.md", "log", "manifest.json", "scenario.yaml", "tables"}
