"""Writing a finished table again."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

import bustle
from benchmarks.handbook_numpy import Size, simulate, write_parquet
from benchmarks.measure_handbook import form_of
from benchmarks.write_table import AS_BUSTLE, ways, write_times


def test_a_table_is_written_again_in_the_form_of_bustle(tmp_path: Path) -> None:
    with bustle.run("card_fraud", scale=0.05, length="5 days") as run:
        path = run.folder / "tables" / "transactions.parquet"
        table = pq.read_table(path)
        for number, options in enumerate(ways(table.schema).values()):
            pq.write_table(table, tmp_path / f"{number}.parquet", **options)
        assert next(iter(ways(table.schema))) == AS_BUSTLE
        assert form_of(tmp_path / "0.parquet") == form_of(path)
        assert form_of(tmp_path / "1.parquet") != form_of(path)
        assert all(pq.read_table(tmp_path / f"{number}.parquet").equals(table) for number in range(3))
        times = write_times(path, 1)
    assert list(times) == list(ways(table.schema))
    assert all(found["seconds"] > 0 for found in times.values())


def test_the_numpy_program_writes_the_form_of_the_scenarios_table(tmp_path: Path) -> None:
    write_parquet(simulate(1, Size(customers=200, terminals=400, days=10, radius=20.0)), tmp_path / "table.parquet")
    values = {"customers": 200, "terminals": 400, "radius": 20.0}
    with bustle.run("handbook_fraud", set=values, length="10 days") as run:
        assert form_of(tmp_path / "table.parquet") == form_of(run.folder / "tables" / "transactions.parquet")
