"""``bustle run handbook_fraud`` beside a NumPy program written for that one model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.findings import Finding, Goal, Table
from benchmarks.in_turn import in_turn, least_cpu, least_wall
from benchmarks.process_cost import Cost, run_python
from benchmarks.sizes import Sizes
from benchmarks.whole_run import run_options

BUSTLE, TWO_WORKERS, NUMPY = "`bustle run`", "`bustle run --workers 2`", "the NumPy program"


def measure(sizes: Sizes) -> Finding:
    """Whole processes in turn, each from its start to its table on disk."""
    length = sizes.handbook_length
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch) / "run", Path(scratch) / "numpy.parquet"

        def bustle(workers: int) -> Cost:
            options = run_options(out=ours, length=length, workers=workers)
            return run_python(["-m", "bustle", "run", "handbook_fraud", "--quiet", "--force", *options])

        def numpy() -> Cost:
            days = None if length is None else length.partition(" ")[0]
            return run_python(["-m", "benchmarks.handbook_numpy", *run_options(out=theirs, days=days)])

        programs: dict[str, Callable[[], Cost]] = {
            BUSTLE: partial(bustle, 1),
            TWO_WORKERS: partial(bustle, 2),
            NUMPY: numpy,
        }
        in_turn(programs, 1)  # fills caches
        costs = in_turn(programs, sizes.repeat)
        tables = [ours / "tables" / "transactions.parquet"] * 2 + [theirs]
        rows = [pq.read_metadata(table).num_rows for table in tables]
        alike = form_of(tables[0]) == form_of(theirs)
    lines = [
        (name, n, least_wall(found), least_cpu(found), max(cost.peak_megabytes for cost in found))
        for (name, found), n in zip(costs.items(), rows, strict=True)
    ]
    wall, cpu = (least(costs[BUSTLE]) / rows[0] / (least(costs[NUMPY]) / rows[-1]) for least in (least_wall, least_cpu))
    return Finding(
        "handbook",
        "The handbook's table, from the start of Python to the Parquet file, in turn with a program written for this "
        "model alone. bustle also writes its event log, the agents, a card and checksums.",
        (Table(("program", "rows", "seconds", "CPU seconds", "peak memory, MB"), lines),),
        (
            Goal("wall-clock time a row, times the NumPy program's", wall, "at most", 1.0),
            Goal("CPU time a row, times the NumPy program's", cpu, "at most", 1.0),
        ),
        (f"Both tables have {'the same' if alike else 'DIFFERENT'} columns, types, encodings and compression.",),
    )


def form_of(path: Path) -> list[tuple[str, pa.DataType, str, frozenset[str]]]:
    """Name, type, compression and encodings of every column of a Parquet file."""
    schema, group = pq.read_schema(path), pq.read_metadata(path).row_group(0)
    chunks = [group.column(i) for i in range(group.num_columns)]
    return [
        (field.name, field.type, chunk.compression, frozenset(chunk.encodings))
        for field, chunk in zip(schema, chunks, strict=True)
    ]
