"""How Parquet files are encoded, and that everybody reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bustle.outputs.manifest import sha256_of
from bustle.outputs.parquet_file import ParquetFileWriter

ROWS, GROUP = 10_000, 4_096


def columns() -> pa.Table:
    """A column of every type that a log or a table has, and some values missing in each but the first."""
    rng = np.random.default_rng(1)
    n = np.arange(ROWS)

    def array(values: Any, type_: pa.DataType | None = None) -> pa.Array:
        return pa.array(values, type_, mask=rng.random(ROWS) < 0.1)

    money = pa.field("amount", pa.float64(), metadata={"unit": "money"})
    feature = pa.field("mean", pa.float64(), metadata={"unit": "money", "role": "feature"})
    fields = {
        pa.field("time", pa.timestamp("us", tz="Europe/Berlin")): pa.array(n * 1_234_567, pa.int64()).cast(
            pa.timestamp("us", tz="Europe/Berlin")
        ),
        pa.field("local", pa.timestamp("us")): array(n * 1_000_000, pa.timestamp("us")),
        pa.field("id", pa.int64()): array(rng.integers(0, 500, ROWS)),
        pa.field("episode", pa.int64()): array(rng.integers(-(2**63), 2**63 - 1, ROWS)),
        money: array(rng.integers(0, 5_000, ROWS) / 100),
        feature: array(rng.integers(0, 5_000, ROWS) / 300),
        pa.field("score", pa.float64()): array(rng.normal(size=ROWS)),
        pa.field("fraud", pa.bool_()): array(rng.random(ROWS) < 0.01),
        pa.field("kind", pa.dictionary(pa.int32(), pa.string())): pa.DictionaryArray.from_arrays(
            array(rng.integers(0, 3, ROWS), pa.int32()), pa.array(["grocery", "fuel", "travel"])
        ),
        pa.field("note", pa.string()): array([f"note {i % 50}" for i in range(ROWS)]),
    }
    return pa.Table.from_arrays(list(fields.values()), schema=pa.schema(list(fields)))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "all.parquet"
    table = columns()
    writer = ParquetFileWriter(path, table.schema)
    for first in range(0, ROWS, GROUP):
        writer.write(table.slice(first, GROUP).combine_chunks().to_batches())
    writer.close()
    return path


READERS: dict[str, Callable[[Path], Any]] = {
    "pyarrow": pq.read_table,
    "polars": lambda path: pl.read_parquet(path).to_arrow(),
    "polars, lazily": lambda path: pl.scan_parquet(path).collect(engine="streaming").to_arrow(),
    "pandas": lambda path: pa.Table.from_pandas(pd.read_parquet(path, dtype_backend="pyarrow"), preserve_index=False),
    "duckdb": lambda path: duckdb.read_parquet(str(path)).to_arrow_table(),
}


@pytest.mark.parametrize("reader", READERS)
def test_every_library_reads_every_column_as_it_was_written(file: Path, reader: str) -> None:
    read, written = READERS[reader](file), columns()
    assert read.column_names == written.column_names
    for name in written.column_names:
        assert _plain(read[name]) == _plain(written[name]), name


def _plain(column: pa.ChunkedArray) -> list[Any]:
    """Values without what libraries call their types: instants as microseconds, names as text."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.int64())
    return column.to_pylist()  # type: ignore[no-any-return]


def test_columns_are_encoded_by_what_they_hold(file: Path) -> None:
    group = pq.ParquetFile(file).metadata.row_group(0)
    encodings = {group.column(i).path_in_schema: set(group.column(i).encodings) for i in range(group.num_columns)}
    delta = {name for name, used in encodings.items() if "DELTA_BINARY_PACKED" in used}
    assert delta == {"time", "local", "id", "episode"}
    assert all("BYTE_STREAM_SPLIT" in encodings[name] for name in ("score", "mean"))
    assert {name for name, used in encodings.items() if "RLE_DICTIONARY" in used} == {"amount", "kind", "note"}
    assert "PLAIN" not in encodings["fraud"]


def test_row_groups_can_be_skipped_by_time(file: Path) -> None:
    metadata = pq.ParquetFile(file).metadata
    starts = [metadata.row_group(i).column(0).statistics.min for i in range(metadata.num_row_groups)]
    assert starts == sorted(starts)
    assert len(starts) == 3
    with_statistics = [
        metadata.row_group(0).column(i).path_in_schema
        for i in range(metadata.num_columns)
        if metadata.row_group(0).column(i).is_stats_set
    ]
    assert with_statistics == ["time", "local"]


def test_a_file_of_no_rows_has_its_columns(tmp_path: Path) -> None:
    path, schema = tmp_path / "none.parquet", columns().schema
    ParquetFileWriter(path, schema).close()
    assert pq.read_schema(path).equals(schema)
    assert pl.read_parquet(path).height == 0


def test_money_of_many_amounts_is_written_whole(tmp_path: Path) -> None:
    """Too many for a dictionary of one page, so that the rest of the row group is plain."""
    amounts = np.random.default_rng(1).permutation(300_000) / 100
    schema = pa.schema([pa.field("n", pa.int64()), pa.field("amount", pa.float64(), metadata={"unit": "money"})])
    writer = ParquetFileWriter(tmp_path / "money.parquet", schema)
    writer.write(pa.Table.from_arrays([pa.array(range(300_000)), pa.array(amounts)], schema=schema).to_batches())
    writer.close()
    for read in READERS.values():
        assert read(tmp_path / "money.parquet")["amount"].to_pylist() == amounts.tolist()


def test_a_file_is_hashed_while_it_is_written(tmp_path: Path) -> None:
    table = columns()
    writer = ParquetFileWriter(tmp_path / "all.parquet", table.schema)
    writer.write(table.to_batches())
    assert writer.close() == sha256_of(tmp_path / "all.parquet")
