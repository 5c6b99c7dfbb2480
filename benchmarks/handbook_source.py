"""Where a handbook table comes from: the NumPy program or bustle's own scenario."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq

from benchmarks.handbook_numpy import simulate, write_parquet

Source = Literal["numpy", "bustle"]
SOURCES: tuple[Source, ...] = ("numpy", "bustle")


def make_table(source: Source, seed: int, folder: Path) -> Path:
    """Make the table of one seed in ``folder`` and return its Parquet file; one that is there is taken as it is.

    Raises:
        RuntimeError: bustle failed, or no table of its run has the handbook's columns.
    """
    if source == "numpy":
        path = folder / f"numpy-{seed}.parquet"
        if not path.exists():
            write_parquet(simulate(seed), path)
        return path
    run = folder / f"bustle-{seed}"
    if not (run / "manifest.json").exists():
        command = [sys.executable, "-m", "bustle", "run", "handbook_fraud", "--seed", str(seed), "--out", str(run)]
        ended = subprocess.run([*command, "--quiet", "--force"], capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RuntimeError(f"bustle run handbook_fraud --seed {seed} failed:\n{ended.stderr}")
    for path in sorted((run / "tables").glob("*.parquet")):
        if "TX_FRAUD_SCENARIO" in pq.read_schema(path).names:
            return path
    raise RuntimeError(f"no table of {run} has a column TX_FRAUD_SCENARIO")
