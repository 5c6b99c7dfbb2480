"""Tables that bustle did not make: formats, times, labels, ids and the mapping that says what they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import bustle
from bustle.outputs.audit import TableReport

ROWS = 6_000
RANDOM = np.random.default_rng(23)
SECONDS = np.sort(RANDOM.integers(0, 40 * 86_400, ROWS))
TIMES = [datetime(2026, 3, 1) + timedelta(seconds=int(second)) for second in SECONDS]
FRAUD = RANDOM.random(ROWS) < 0.05

FRAME = pl.DataFrame(
    {
        "when": TIMES,
        "payer": [f"C{number}" for number in RANDOM.integers(0, 100, ROWS)],
        "payee": [f"M{number}" for number in RANDOM.integers(0, 150, ROWS)],
        "amount": RANDOM.lognormal(3, 1, ROWS).round(2),
        "code": RANDOM.integers(0, 4, ROWS),
        "fraud": FRAUD,
    }
)
HOW: dict[str, Any] = {"time": "when", "payer": "payer", "payee": "payee", "amount": "amount", "label": "fraud"}


def audited(target: Path, **entries: Any) -> TableReport:
    report = bustle.audit(target, mapping={"payments": {**HOW, **entries}})
    return report.tables[0]


def values(report: TableReport) -> dict[str, float | None]:
    return {finding.check.name: finding.value for finding in report.findings}


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "payments.parquet"
    FRAME.write_parquet(path)
    return path


@pytest.mark.parametrize(
    "name, write",
    [
        ("payments.csv", pl.DataFrame.write_csv),
        ("payments.arrow", pl.DataFrame.write_ipc),
        ("payments.jsonl", pl.DataFrame.write_ndjson),
    ],
)
def test_every_format_gives_the_same_report(
    name: str, write: Callable[[pl.DataFrame, Path], Any], tmp_path: Path, parquet: Path
) -> None:
    write(FRAME, tmp_path / name)
    assert values(audited(tmp_path / name)) == values(audited(parquet))


def test_rows_may_stand_in_any_order(tmp_path: Path, parquet: Path) -> None:
    FRAME.sample(fraction=1, shuffle=True, seed=3).write_parquet(tmp_path / "payments.parquet")
    found, wanted = values(audited(tmp_path / "payments.parquet")), values(audited(parquet))
    assert found == {name: value if value is None else pytest.approx(value) for name, value in wanted.items()}


# --- times

OTHER_TIMES: dict[str, tuple[pl.Expr, Any]] = {
    "numbers of hours": (
        pl.lit(pl.Series(SECONDS / 3600)),
        {"column": "when", "unit": "1 hour", "start": "2026-03-01"},
    ),
    "numbers of minutes": (
        pl.lit(pl.Series(SECONDS / 60)),
        {"column": "when", "unit": "minutes", "start": "2026-03-01 00:00"},
    ),
    "German texts": (
        pl.col("when").dt.strftime("%d.%m.%Y %H:%M:%S"),
        {"column": "when", "format": "%d.%m.%Y %H:%M:%S"},
    ),
    "ISO texts": (pl.col("when").dt.strftime("%Y-%m-%dT%H:%M:%S"), "when"),
    "nanoseconds": (pl.col("when").cast(pl.Datetime("ns")), "when"),
}


@pytest.mark.parametrize("kind", OTHER_TIMES)
def test_times_may_be_texts_or_numbers(kind: str, tmp_path: Path, parquet: Path) -> None:
    column, how = OTHER_TIMES[kind]
    FRAME.with_columns(when=column).write_parquet(tmp_path / "payments.parquet")
    found, wanted = values(audited(tmp_path / "payments.parquet", time=how)), values(audited(parquet))
    assert found == {name: value if value is None else pytest.approx(value) for name, value in wanted.items()}


@pytest.mark.parametrize("as_text", [False, True])
def test_hours_are_those_that_the_clocks_showed(as_text: bool, tmp_path: Path) -> None:
    """In Berlin all rows are at noon, before and after the clocks are changed; in UTC they would be at two hours."""
    noons = pl.Series([datetime(2026, 3, 1, 12) + timedelta(days=n // 100) for n in range(4_000)])
    zoned = noons.dt.replace_time_zone("Europe/Berlin")
    frame = pl.DataFrame({"when": zoned.dt.strftime("%Y-%m-%dT%H:%M:%S%:z") if as_text else zoned})
    frame.write_parquet(tmp_path / "payments.parquet")
    mapping = {"payments": {"time": "when"}}
    report = bustle.audit(tmp_path / "payments.parquet", mapping=mapping)["payments"]
    assert report["hour ratio"].value == 4_000
    assert report["hour ratio"].detail.startswith("most at 12h")


# --- labels, categories, ids


@pytest.mark.parametrize(
    "label, how",
    [
        (pl.lit(pl.Series(FRAUD.astype(int))), "fraud"),
        (pl.lit(pl.Series(np.where(FRAUD, "Y", "N"))), {"column": "fraud", "values": "Y"}),
        (pl.lit(pl.Series(np.where(FRAUD, 3, 1))), {"column": "fraud", "values": ["2", "3"]}),
    ],
)
def test_labels_may_be_numbers_or_words(label: pl.Expr, how: Any, tmp_path: Path, parquet: Path) -> None:
    FRAME.with_columns(fraud=label).write_parquet(tmp_path / "payments.parquet")
    assert values(audited(tmp_path / "payments.parquet", label=how)) == values(audited(parquet))


def test_numbers_may_mean_categories(tmp_path: Path) -> None:
    """Frauds have the middle one of three codes: no threshold finds them, but the category does."""
    code = np.where(FRAUD, 1, RANDOM.choice([0, 2], ROWS))
    FRAME.with_columns(code=pl.lit(pl.Series(code))).write_parquet(tmp_path / "payments.parquet")
    assert audited(tmp_path / "payments.parquet")["single column"].value < 0.6  # type: ignore[operator]
    assert audited(tmp_path / "payments.parquet", categories="code")["single column"].value == 1


def test_texts_that_are_equal_name_the_same_account_and_numbers_do_not(tmp_path: Path) -> None:
    path = tmp_path / "payments.parquet"
    numbers = FRAME.with_columns(payer=pl.col("payer").str.slice(1), payee=pl.col("payee").str.slice(1))
    numbers.write_parquet(path)
    assert audited(path)["own payments"].value == pytest.approx(1 / 150, abs=0.005)
    numbers.cast({"payer": pl.Int64, "payee": pl.Int64}).write_parquet(path)
    assert audited(path)["own payments"].verdict == "skipped"
    assert audited(path, peers=True)["own payments"].value == pytest.approx(1 / 150, abs=0.005)


def test_money_flows_back_in_rows_of_other_kinds(tmp_path: Path) -> None:
    """Every payment of the first half is paid back in the second, in rows in which the payee's part is not played."""
    half = FRAME.head(ROWS // 2)
    back = half.rename({"payer": "payee", "payee": "payer"}).select(FRAME.columns)
    both = pl.concat([half.with_columns(kind=pl.lit("buy")), back.with_columns(kind=pl.lit("refund"))])
    both.write_parquet(tmp_path / "payments.parquet")
    report = audited(tmp_path / "payments.parquet", payee={"column": "payee", "where": {"kind": "buy"}})
    assert report["reciprocity"].value == 1
    assert report["payee slope"].detail.endswith(f"{ROWS // 2:,} rows")


def test_payees_of_another_table_count_though_nobody_pays_them(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "payments.csv")
    shops = pl.DataFrame({"id": range(1_000), "open": [True] * 300 + [False] * 700})
    shops.write_csv(tmp_path / "shops.csv")
    alone = audited(tmp_path / "payments.csv")["top payees"].detail
    all_of_them = audited(tmp_path / "payments.csv", payees="shops")["top payees"].detail
    some = audited(tmp_path, payees={"table": "shops", "where": {"open": "true"}})["top payees"].detail
    assert [text.split()[0] for text in (alone, all_of_them, some)] == ["150", "1,000", "300"]


def test_numbers_that_are_none_count_as_missing(tmp_path: Path) -> None:
    odd = FRAME["amount"].to_list()
    odd[:4] = [float("nan"), float("inf"), None, -1.0]
    labels = [float("nan")] * 10 + FRAUD[10:].astype(float).tolist()
    frame = FRAME.with_columns(amount=pl.Series(odd), fraud=pl.Series(labels))
    frame.write_parquet(tmp_path / "payments.parquet")
    report = audited(tmp_path / "payments.parquet")
    assert (report["amounts valid"].value, report["amounts valid"].detail) == (4, "3 missing, 1 below 0")
    assert report["prevalence"].detail == f"{FRAUD[10:].sum()} of 6,000 rows"
    assert report["prevalence of money"].value == pytest.approx(0.05, abs=0.01)


def test_lists_are_no_columns_of_a_payment(tmp_path: Path, parquet: Path) -> None:
    FRAME.with_columns(tags=pl.lit(pl.Series([["a", "b"]] * ROWS))).write_parquet(tmp_path / "payments.parquet")
    assert values(audited(tmp_path / "payments.parquet")) == values(audited(parquet))


# --- what cannot be done


@pytest.mark.parametrize(
    "change, message",
    [
        (pl.lit(None).cast(pl.Datetime("us")).alias("when"), "6,000 rows of the table payments have no when"),
        (pl.lit("soon").alias("when"), "such as 'soon', cannot be read as times: say their `format`"),
    ],
)
def test_rows_without_a_time_is_not_there_are_refused(change: pl.Expr, message: str, tmp_path: Path) -> None:
    FRAME.with_columns(change).write_parquet(tmp_path / "payments.parquet")
    with pytest.raises(bustle.OutputError, match=message):
        audited(tmp_path / "payments.parquet")


def test_numbers_of_hours_must_be_numbers(tmp_path: Path) -> None:
    FRAME.with_columns(when=pl.lit(float("nan"))).write_parquet(tmp_path / "payments.parquet")
    with pytest.raises(bustle.OutputError, match="6,000 rows of the table payments have no when"):
        audited(tmp_path / "payments.parquet", time={"column": "when", "unit": "1 hour"})


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    FRAME.clear().write_parquet(tmp_path / "payments.parquet")
    with pytest.raises(bustle.OutputError, match="has no rows"):
        audited(tmp_path / "payments.parquet")


def test_a_damaged_file_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "payments.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(bustle.OutputError, match=r"cannot read .*payments\.parquet") as caught:
        audited(tmp_path / "payments.parquet")
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_told_with_the_nearest(parquet: Path) -> None:
    with pytest.raises(bustle.ScenarioError) as caught:
        audited(parquet, payer="payr")
    (problem,) = caught.value.diagnostics
    assert (problem.message, problem.hint) == ("unknown column `payr`", "did you mean `payer` or `payee`?")


@pytest.mark.parametrize("rows", [1, 2, 3, 40])
@pytest.mark.parametrize("fraud", ["none", "all", "some"])
def test_a_table_of_a_few_rows_is_audited_without_a_verdict_on_what_needs_many(
    rows: int, fraud: str, tmp_path: Path
) -> None:
    labels = {"none": [False] * rows, "all": [True] * rows, "some": [n % 3 == 0 for n in range(rows)]}[fraud]
    FRAME.head(rows).with_columns(fraud=pl.Series(labels)).write_parquet(tmp_path / "payments.parquet")
    report = audited(tmp_path / "payments.parquet")
    for check in ("single column", "row alone", "telling ids", "weekday ratio", "burstiness", "payee slope", "benford"):
        assert report[check].verdict == "too few", check
