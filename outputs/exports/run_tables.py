"""Tables of a run as an export reads them: by name, with the columns that it needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from bustle.outputs.errors import OutputError
from bustle.outputs.manifest import read_manifest


class RunTables:
    """The tables of the complete run in ``folder``.

    Attributes:
        scenario: the scenario's name.

    Raises:
        OutputError: the folder holds no complete run.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        manifest = read_manifest(self.folder)
        self.scenario: str = manifest["scenario"]["name"]
        self._tables: Collection[str] = manifest["tables"]

    def scan(self, name: str, columns: Collection[str]) -> pl.LazyFrame:
        """The table ``name`` with these columns.

        Raises:
            OutputError: there is no such table, it lacks a column, or no format that keeps types was written.
        """
        if name not in self._tables:
            raise OutputError(f"{self.folder} has no table {name}; it has {', '.join(self._tables) or 'none'}")
        parquet, arrow = (self.folder / "tables" / f"{name}.{extension}" for extension in ("parquet", "arrow"))
        if parquet.exists():
            table = pl.scan_parquet(parquet)
        elif arrow.exists():
            table = pl.scan_ipc(arrow)
        else:
            raise OutputError(f"the table {name} is in no format that keeps types; `bustle record` writes Parquet")
        missing = [column for column in columns if column not in table.collect_schema()]
        if missing:
            raise OutputError(f"the table {name} has no column {missing[0]}; it needs {', '.join(columns)}")
        return table.select(*columns)
