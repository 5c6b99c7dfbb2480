"""The card and the manifest are formats that people and programs read: their text is compared with a golden file.

After a change on purpose: ``python -m tests.outputs.golden`` writes the files again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bustle.outputs.card import dataset_card
from bustle.outputs.manifest import write_manifest
from bustle.outputs.recorders import record_tables
from bustle.scenarios.model import Intervention
from bustle.scenarios.types import INSTANT, WHOLE
from tests.outputs.golden import CARD, MANIFEST, golden_run
from tests.outputs.scenes import DAY, const, draws, record, shops


def test_the_card_reads_as_agreed(tmp_path: Path) -> None:
    golden_run(tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == CARD.read_text(encoding="utf-8")


def test_the_manifest_is_as_agreed_but_for_the_checksums(tmp_path: Path) -> None:
    golden_run(tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8")) | {"files": {}} == json.loads(
        MANIFEST.read_text(encoding="utf-8")
    )


def test_the_manifest_has_no_clock_time_host_or_path(tmp_path: Path) -> None:
    golden_run(tmp_path)
    text = (tmp_path / "manifest.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert set(json.loads(text)["files"]) == {
        "README.md", "log/agents/card.parquet", "log/agents/cardholder.parquet", "log/agents/merchant.parquet",
        "log/events/purchase.parquet", "log/networks/haunts.parquet", "log/samples/share.parquet", "scenario.yaml",
        "tables/cardholders.parquet", "tables/daily.parquet", "tables/haunts.parquet", "tables/pairs.parquet",
        "tables/share.parquet", "tables/transactions.parquet",
    }  # fmt: skip


def test_a_run_stopped_early_says_when(tmp_path: Path) -> None:
    model = shops()
    tables = record(tmp_path, model)
    assert "stopped at 2026-01-03 00:00:00" in dataset_card(tmp_path, model, tables, ended_at=2 * DAY)
    manifest = write_manifest(tmp_path, model, tables, ended_at=2 * DAY)
    assert (manifest["complete"], manifest["ended_at"]) == (False, "2026-01-03T00:00:00")


def test_the_values_seed_and_scale_of_the_run_are_told(tmp_path: Path) -> None:
    model = shops(values={"thieves": 1500}, scale=0.5, seed=99)
    card = dataset_card(tmp_path, model, record(tmp_path, model))
    assert "bustle run scenario.yaml --seed 99 --out again" in card
    assert "| `thieves` | 1,500 | 0 to 1,000 |" in card
    assert "with populations of 0.5 times the size in the scenario" in card


def test_interventions_are_told(tmp_path: Path) -> None:
    stricter = Intervention("stricter", const(3 * DAY, INSTANT), None, (("thieves", const(0, WHOLE)),), "less crime")
    model = shops(interventions={"stricter": stricter})
    card = dataset_card(tmp_path, model, record(tmp_path, model))
    assert "| `stricter` | 2026-01-04 00:00:00 | the end | `thieves = 0` | less crime |" in card


def test_text_that_is_markdown_breaks_no_table(tmp_path: Path) -> None:
    model = shops()
    strange = replace(model.populations["merchant"], about="a | b\nand more")
    model = replace(model, populations=model.populations | {"merchant": strange})
    assert "a \\| b and more |" in dataset_card(tmp_path, model, record(tmp_path, model))


@pytest.mark.parametrize(
    ("format_", "line"),
    [
        ("csv", 'pl.read_csv("tables/transactions.csv", try_parse_dates=True)'),
        ("jsonl", 'pd.read_json("tables/transactions.jsonl", lines=True)'),
        ("arrow", 'pd.read_feather("tables/transactions.arrow")'),
        ("duckdb", 'duckdb.connect("tables/dataset.duckdb", read_only=True)'),
    ],
)
def test_the_card_says_how_to_load_the_format_at_hand(tmp_path: Path, format_: str, line: str) -> None:
    model = shops()
    record(tmp_path, model, (format_,))
    assert line in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_python_code_of_the_card_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for format_ in ("parquet", "arrow", "csv", "jsonl", "duckdb"):
        run = tmp_path / format_
        model = shops()
        record(run, model, (format_,))
        monkeypatch.chdir(run)
        code = (run / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
        names: dict[str, object] = {}
        exec(code, names)
        assert len(names["frame"]) == 12  # type: ignore[arg-type]


def test_a_file_recorded_earlier_in_another_format_stays_in_the_manifest(tmp_path: Path) -> None:
    model = shops()
    record(tmp_path, model)
    tables = record_tables(tmp_path, model, draws, ["csv"])
    manifest = write_manifest(tmp_path, model, tables)
    assert manifest["tables"]["daily"]["files"] == ["tables/daily.parquet", "tables/daily.csv"]
