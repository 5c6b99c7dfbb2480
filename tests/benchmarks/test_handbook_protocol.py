"""The handbook's evaluation, from a table to verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.handbook_numpy import Size, simulate, write_parquet
from benchmarks.handbook_protocol import METRICS, PUBLISHED, compare, evaluate, render


def test_published_values_agree_with_themselves() -> None:
    cells = compare([PUBLISHED, PUBLISHED])
    assert len(cells) == len(PUBLISHED) * len(METRICS)
    assert all(cell.agrees and cell.standard_error == 0 for cell in cells)


def test_a_mean_that_is_off_by_more_than_two_standard_errors_and_the_margin_is_called_off() -> None:
    shifted = {name: (auc + 0.021, ap, cp) for name, (auc, ap, cp) in PUBLISHED.items()}
    cells = compare([shifted, shifted])
    assert [cell.metric for cell in cells if not cell.agrees] == ["AUC"] * len(PUBLISHED)
    assert render(cells, "numpy", 2).count("OFF") == len(PUBLISHED)

    noisy = compare([{n: (auc + 0.3, ap, cp) for n, (auc, ap, cp) in PUBLISHED.items()}, PUBLISHED])
    assert all(cell.agrees for cell in noisy)


def test_frauds_of_a_small_table_are_found_by_every_classifier(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("xgboost")
    write_parquet(simulate(1, Size(customers=500, terminals=500, days=136, radius=20.0)), tmp_path / "table.parquet")
    results = evaluate(tmp_path / "table.parquet")
    assert list(results) == list(PUBLISHED)
    for auc, average_precision, precision in results.values():
        assert 0.6 < auc < 1
        assert 0.1 < average_precision < 1
        assert 0 < precision < 1
