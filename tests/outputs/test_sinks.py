from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from bustle.outputs import sinks
from bustle.outputs.errors import OutputError
from bustle.outputs.log import LogWriter
from bustle.outputs.recorders import record_tables
from bustle.outputs.sinks import FORMATS, open_sink
from bustle.outputs.sinks.duckdb_file import table_digests
from bustle.scenarios.model import Clock
from tests.outputs.scenes import DAY, draws, fill, shops

ALL = tuple(FORMATS)
BATCH = pa.record_batch({"x": [1.5, None], "name": pa.array(["a", 'say "b", c']).dictionary_encode()})


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("run")
    model = shops(clock=Clock(20_454 * DAY, 10 * DAY, "Europe/Berlin"))
    with LogWriter(folder, model) as log:
        fill(log)
    record_tables(folder, model, draws, ALL)
    yield folder / "tables"


def test_arrow_and_parquet_hold_the_same_table(tables: Path) -> None:
    for path in tables.glob("*.parquet"):
        frame = pl.read_parquet(path)
        assert frame.equals(pl.read_ipc(path.with_suffix(".arrow")))
        assert frame.height > 0


def test_csv_reads_back_the_same_values(tables: Path) -> None:
    expected = pl.read_parquet(tables / "transactions.parquet").with_columns(pl.col("category").cast(pl.String))
    frame = pl.read_csv(tables / "transactions.csv", infer_schema_length=None)
    times = [pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f%:z") for name in ("time", "known")]
    local = [pl.col(name).dt.convert_time_zone("Europe/Berlin") for name in ("time", "known")]
    assert frame.with_columns(times).with_columns(local).equals(expected)
    assert frame["time"][1] == "2026-01-01T05:00:00.000000+01:00"


def test_json_lines_hold_a_complete_object_a_row(tables: Path) -> None:
    rows = [json.loads(line) for line in (tables / "transactions.jsonl").read_text().splitlines()]
    assert len(rows) == 12
    assert rows[5]["merchant"] is rows[5]["category"] is None
    assert rows[3] | {"known": ""} == {
        "time": "2026-01-01T15:00:00.000000+01:00", "card": 0, "merchant": 3, "category": "grocery", "basket": 0.05,
        "amount": 10.75, "fraud": True, "episode": 2**62 + 3, "known": "",
    }  # fmt: skip


def test_a_duckdb_file_holds_all_tables_with_comments(tables: Path) -> None:
    with duckdb.connect(str(tables / "dataset.duckdb"), read_only=True) as connection:
        names = connection.sql("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        assert [name for (name,) in names] == sorted(p.stem for p in tables.glob("*.parquet"))
        amounts = connection.sql("SELECT amount, category FROM transactions").fetchall()
        assert amounts[:2] == [(10.0, "grocery"), (10.25, "fuel")]
        comment = connection.sql("SELECT comment FROM duckdb_columns() WHERE column_name = 'fraud'").fetchall()
        assert comment == [("role: label; about: true if a thief paid",)]


def test_the_rows_of_a_duckdb_file_have_a_checksum_though_its_bytes_differ(tables: Path, tmp_path: Path) -> None:
    model = shops(clock=Clock(20_454 * DAY, 10 * DAY, "Europe/Berlin"))
    with LogWriter(tmp_path, model) as log:
        fill(log)
    record_tables(tmp_path, model, draws, ["duckdb"])
    again = tmp_path / "tables/dataset.duckdb"
    assert table_digests(again) == table_digests(tables / "dataset.duckdb")
    with duckdb.connect(str(again)) as connection:
        connection.execute("UPDATE transactions SET amount = amount + 0.01 WHERE card = 1")
    before, after = table_digests(tables / "dataset.duckdb"), table_digests(again)
    assert {name for name in before if before[name] != after[name]} == {"transactions"}


@pytest.mark.parametrize("format_", ALL)
def test_a_table_left_with_an_error_leaves_no_file(format_: str, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_sink(format_, tmp_path) as sink, sink.table("t", BATCH.schema) as table:
        table.write(BATCH)
        assert [p.name.split(".")[-1] for p in tmp_path.iterdir() if p.suffix != ".wal"] == ["partial"]
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format_", ["parquet", "csv", "jsonl", "arrow"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_reported_in_one_line_and_leaves_no_file(format_: str, tmp_path: Path) -> None:
    with open_sink(format_, tmp_path) as sink:
        path = sink.path("t")
        path.with_name(path.name + ".partial").symlink_to("/dev/full")
        with pytest.raises(OutputError, match=f"cannot write .*t.{format_}: .*No space left"):
            with sink.table("t", BATCH.schema) as table:
                for _ in range(20_000):
                    table.write(BATCH)
    assert not path.exists()


@pytest.mark.parametrize("format_", ["parquet", "csv", "jsonl", "arrow"])
def test_an_empty_table_is_a_whole_file(format_: str, tmp_path: Path) -> None:
    with open_sink(format_, tmp_path) as sink, sink.table("t", BATCH.schema):
        pass
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        "parquet": pl.read_parquet,
        "csv": pl.read_csv,
        "arrow": pl.read_ipc,
    }
    if format_ in readers:
        frame = readers[format_](tmp_path / f"t.{format_}")
        assert frame.columns == ["x", "name"]
        assert frame.height == 0


def test_an_unknown_format_is_named_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"unknown format `parket`: did you mean `parquet`\?"):
        open_sink("parket", tmp_path)


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "find_spec", lambda name: None if name == "duckdb" else find_spec(name))
    with pytest.raises(OutputError, match=r"the format `duckdb` needs an extra: pip install 'bustle\[duckdb\]'"):
        open_sink("duckdb", tmp_path)


def test_text_is_quoted_where_needed(tmp_path: Path) -> None:
    with open_sink("csv", tmp_path) as sink, sink.table("t", BATCH.schema) as table:
        table.write(BATCH)
    assert (tmp_path / "t.csv").read_text() == 'x,name\n1.5,a\n,"say ""b"", c"\n'


def test_local_times_without_a_zone_are_written_without_an_offset(tmp_path: Path) -> None:
    batch = pa.record_batch({"t": pa.array([datetime(2026, 1, 1, 12, 30)], pa.timestamp("us"))})
    with open_sink("csv", tmp_path) as sink, sink.table("t", batch.schema) as table:
        table.write(batch)
    assert (tmp_path / "t.csv").read_text() == "t\n2026-01-01T12:30:00.000000\n"
