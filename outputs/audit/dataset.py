"""What is audited: a run's folder, another folder of tables, or one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.outputs.folder import MANIFEST
from bustle.outputs.manifest import read_manifest
from bustle.scenarios.check.audits import KnownColumn
from bustle.scenarios.diagnostics import suggest
from bustle.scenarios.types import BOOL, INSTANT, NUMBER, TEXT, Type

EXTENSIONS = (".parquet", ".arrow", ".csv", ".jsonl")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Tables in files.

    Attributes:
        name: what reports call it.
        files: the tables' files by name; those beside a file that was given too.
        table: the table whose file was given; None where a folder was.
        audits: how the tables are audited, as the manifest holds it; None without a manifest.
    """

    name: str
    files: Mapping[str, Path]
    table: str | None = None
    audits: Mapping[str, object] | None = None

    def scan(self, table: str) -> pl.LazyFrame:
        """A table, lazily.

        Raises:
            OutputError: there is none, or it cannot be read.
        """
        if table not in self.files and self.audits is not None and table in self.audits:
            known = ", ".join(EXTENSIONS)
            raise OutputError(f"{self.name} has {table} in no format of {known}; `bustle record` writes it again")
        if table not in self.files:
            hint = suggest(table, self.files, "tables")
            raise OutputError(f"{self.name} has no table {table}" + (f" ({hint})" if hint else ""))
        path = self.files[table]
        with one_clear_line("read", path):
            try:
                frame = _scan(path)
                frame.collect_schema()
            except pl.exceptions.PolarsError as error:
                raise OutputError(f"cannot read {path}: {_first_line(error)}") from error
        return frame

    def columns(self, table: str) -> dict[str, KnownColumn]:
        """The columns of a table, with what their types in the file say; lists, structures and bytes are left out."""
        schema = self.scan(table).collect_schema()
        return {name: KnownColumn(_type_of(dtype)) for name, dtype in schema.items() if not _is_opaque(dtype)}

    def read(self, table: str, columns: list[str]) -> pl.DataFrame:
        """Some columns of a table.

        Raises:
            OutputError: there is no such table or column, or it cannot be read.
        """
        frame = self.scan(table)
        lacking = [name for name in columns if name not in frame.collect_schema()]
        if lacking:
            raise OutputError(f"table {table} of {self.name} has no column {lacking[0]}")
        with one_clear_line("read", self.files[table]):
            try:
                return frame.select(columns).collect()
            except pl.exceptions.PolarsError as error:
                raise OutputError(f"cannot read {self.files[table]}: {_first_line(error)}") from error


def open_dataset(target: Path) -> Dataset:
    """The dataset in a folder, or the one that a file belongs to.

    Raises:
        OutputError: there is nothing there that can be read.
    """
    if target.is_file():
        if target.suffix not in EXTENSIONS:
            raise OutputError(f"{target} has none of the extensions that can be read: {', '.join(EXTENSIONS)}")
        return Dataset(target.name, _tables_in(target.parent) | {target.stem: target}, target.stem)
    if not target.is_dir():
        raise OutputError(f"there is no file or folder {target}")
    name = target.resolve().name
    if (target / MANIFEST).is_file():
        audits = read_manifest(target).get("audit")
        return Dataset(name, _tables_in(target / "tables"), None, audits if isinstance(audits, dict) else {})
    files = _tables_in(target)
    if not files:
        raise OutputError(f"{target} holds no table ({', '.join(EXTENSIONS)}) and no {MANIFEST}")
    return Dataset(name, files)


def _tables_in(folder: Path) -> dict[str, Path]:
    """The table files of a folder by name; of several formats the one with the best types."""
    found: dict[str, Path] = {}
    for extension in EXTENSIONS:
        for path in sorted(folder.glob(f"*{extension}")):
            found.setdefault(path.stem, path)
    return found


def _scan(path: Path) -> pl.LazyFrame:
    match path.suffix:
        case ".parquet":
            return pl.scan_parquet(path)
        case ".arrow":
            return pl.scan_ipc(path)
        case ".jsonl":
            return pl.scan_ndjson(path, infer_schema_length=10_000)
        case _:
            return pl.scan_csv(path, infer_schema_length=10_000)


def _type_of(dtype: pl.DataType) -> Type:
    """The type of the language that a column of a file comes nearest to."""
    if dtype.is_numeric():
        return NUMBER
    if dtype == pl.Boolean:
        return BOOL
    return INSTANT if isinstance(dtype, pl.Datetime | pl.Date) else TEXT


def _is_opaque(dtype: pl.DataType) -> bool:
    """Whether the audit cannot look into a column of this type."""
    return dtype.is_nested() or dtype in (pl.Binary, pl.Object)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
