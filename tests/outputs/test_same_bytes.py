from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bustle.outputs.folder import files_in

_RUN = """
import sys
from pathlib import Path
from tests.outputs.scenes import record, shops
record(Path(sys.argv[1]), shops(), ("parquet", "csv", "jsonl", "arrow", "duckdb"))
"""


def test_two_processes_write_the_same_bytes_of_every_file(tmp_path: Path) -> None:
    for name, threads, seed in (("one", "1", "1"), ("two", "2", "2")):
        environment = os.environ | {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", _RUN, str(tmp_path / name)]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2], env=environment)
    names = list(files_in(tmp_path / "one"))
    assert names == list(files_in(tmp_path / "two"))
    assert "manifest.json" in names
    different = [n for n in names if (tmp_path / "one" / n).read_bytes() != (tmp_path / "two" / n).read_bytes()]
    # DuckDB writes random identifiers; the manifest, which is the same, holds a checksum of its rows.
    assert different == ["tables/dataset.duckdb"]
