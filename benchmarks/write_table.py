"""How long pyarrow takes merely to write a finished table again, from memory.

Prints JSON, a line for each way of writing: as bustle does (same encodings, compression and row groups), and as
pyarrow does if nothing is said, with two compressions.

    python -m benchmarks.write_table runs/card_fraud/tables/transactions.parquet
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bustle.outputs.parquet_options import ROW_GROUP, parquet_options

AS_BUSTLE = "same encodings and compression"
PLAIN = "pyarrow's own encodings, snappy"
"""What pyarrow does if nothing is said."""


def ways(schema: pa.Schema) -> dict[str, dict[str, Any]]:
    """Options of ``pq.write_table`` by what they mean."""
    return {
        AS_BUSTLE: {**parquet_options(schema), "row_group_size": ROW_GROUP},
        PLAIN: {"compression": "snappy"},
        "pyarrow's own encodings, zstd": {"compression": "zstd"},
    }


def write_times(path: Path, repeat: int) -> dict[str, dict[str, float]]:
    """Least wall-clock and CPU time of each way, in turn."""
    table = pq.read_table(path)
    found = {name: {"seconds": float("inf"), "cpu_seconds": float("inf")} for name in ways(table.schema)}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(repeat):
            for name, options in ways(table.schema).items():
                started, cpu_started = time.perf_counter(), time.process_time()
                pq.write_table(table, Path(scratch) / "table.parquet", **options)
                taken = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu_started}
                found[name] = {key: min(value, taken[key]) for key, value in found[name].items()}
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--repeat", type=int, default=2)
    given = parser.parse_args()
    print(json.dumps(write_times(given.table, given.repeat)))


if __name__ == "__main__":
    main()
