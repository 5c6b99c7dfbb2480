from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bustle.outputs.errors import OutputError
from bustle.outputs.folder import prepare
from bustle.outputs.log import LogWriter
from bustle.outputs.recorders import record_tables
from tests.outputs.full_disk import small_disk
from tests.outputs.scenes import draws, fill, shops


def batch(rows: int, start: int) -> dict[str, Any]:
    n = np.arange(start, start + rows)
    noise = np.random.default_rng(start).integers(0, 2**62, rows)
    return {
        "time": n, "behavior": n % 2, "agent": n % 3, "occurrence": n, "index": n * 0, "card": n % 3,
        "merchant": n % 4, "amount": noise, "fraud": n % 2 == 0, "episode": noise,
    }  # fmt: skip


def test_a_full_disk_ends_the_log_with_one_clear_line_and_leaves_no_file(tmp_path: Path) -> None:
    with small_disk(tmp_path, 500) as disk:
        with pytest.raises(OutputError, match=r"^cannot write .*purchase\.parquet: No space left on device$"):
            with LogWriter(disk, shops(), row_group=4096) as log:
                for start in range(0, 10**9, 4096):  # ends soon: the error comes from one of the next calls
                    log.write("purchase", batch(4096, start))
        assert start < 100 * 4096
        assert not list(disk.rglob("*.*"))


def test_a_disk_that_is_full_at_the_very_end_is_noticed_by_close(tmp_path: Path) -> None:
    with small_disk(tmp_path, 500) as disk:
        log = LogWriter(disk, shops())
        log.write("purchase", batch(40_000, 0))
        with pytest.raises(OutputError, match="No space left on device"):
            log.close()
        assert not list(disk.rglob("*.*"))


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl", "arrow"])
def test_a_disk_that_is_full_while_tables_are_made_leaves_no_table_and_the_log_whole(tmp_path: Path, form: str) -> None:
    model = shops()
    with small_disk(tmp_path, 3_000) as disk:
        with LogWriter(disk, model) as log:
            log.write("purchase", batch(70_000, 0))
            fill(_Rest(log))
        filler = disk / "filler"
        filler.write_bytes(bytes(1_000 * (3_000 - sum(p.stat().st_size for p in disk.rglob("*.*")) // 1_000 - 100)))
        with pytest.raises(OutputError, match=rf"^cannot write .*transactions\.{form}: No space left on device"):
            record_tables(disk, model, draws, [form])
        assert not [path for path in disk.rglob("tables/*") if path.stat().st_size]
        filler.unlink()
        tables = record_tables(disk, model, draws, ["parquet"])
        assert tables[0].rows == 70_000


class _Rest:
    """A log that takes agents, networks and samples, and no events."""

    def __init__(self, log: LogWriter) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def write(self, event: str, columns: Any) -> None:
        pass


def test_a_disk_that_can_only_be_read_is_reported_before_anything_is_made(tmp_path: Path) -> None:
    with small_disk(tmp_path, 100) as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(OutputError, match=r"^cannot write to .*: Read-only file system$"):
            prepare(disk / "out")
        with pytest.raises(OutputError, match=r"^cannot write .*purchase\.parquet: Read-only file system$"):
            LogWriter(disk, shops())
