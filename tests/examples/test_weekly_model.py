from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bustle
from bustle.pipeline import record_again
from examples import weekly_model

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with few cards and much fraud, recorded with the example's features."""
    out = tmp_path_factory.mktemp("weekly") / "run"
    bustle.run("card_payments", seed=1, scale=0.1, length="56 days", set={"fraud_rate": "1 percent"}, out=out)
    record_again(out, features=EXAMPLES / "features.yaml")
    return out


def test_a_model_that_looks_at_the_past_ranks_better_than_one_that_sees_the_row_alone(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weekly_model.main([str(folder), "--first", "5", "--picture", str(tmp_path / "weeks.png")])
    lines = capsys.readouterr().out.splitlines()
    found = np.array([[float(part) for part in line.split()[-2:]] for line in lines[1:]])
    assert found.shape == (2, 2)
    row_alone, with_past = found.mean(axis=0)
    assert with_past > 2 * row_alone
    assert (tmp_path / "weeks.png").read_bytes().startswith(b"\x89PNG")


def test_what_was_not_known_when_a_week_began_does_not_change_its_scores(folder: Path) -> None:
    payments = weekly_model.read(folder)
    (first, *_) = weekly_model.weekly(payments, payments.row, 5)
    start = first.start
    known = (pl.col("time") < start) & (pl.col("known") <= start)
    other = payments.table.with_columns(
        fraud=~pl.col("fraud"), observed=pl.when(known).then("observed").otherwise(~pl.col("observed"))
    )
    assert other["observed"].sum() > 10 * payments.table["observed"].sum()
    (again, *_) = weekly_model.weekly(replace(payments, table=other), payments.row, 5)
    np.testing.assert_array_equal(again.score, first.score)


def test_neither_ids_nor_labels_nor_the_time_itself_are_inputs(folder: Path) -> None:
    payments = weekly_model.read(folder)
    assert payments.row == ["category", "abroad", "entry", "amount", "hour", "weekday"]
    assert len(payments.features) == 3 * 6 + 1 + 3 * 4
