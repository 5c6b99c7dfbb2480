"""Columns of the CSV and Parquet files that a scenario names.

A path in a scenario is untrusted: it must lead to a file inside the scenario's own folder, also when links
are followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import polars

SIZE_LIMIT = 2**31
"""Largest file that is read, in bytes."""

KINDS = ("whole", "number", "bool", "text")
"""What a column can hold; dates and times are text."""


DATA = (".csv", ".parquet")
"""How the names of data files end."""

CODE = (".py",)
"""How the names of files with agents written in Python end."""

KEPT = "inputs"
"""The folder beside a run's scenario where the run keeps the files it read."""


LookedUp = dict[tuple[str, str], Path | None]
"""Files by the folder and the path in it under which they were looked up; None for one that cannot be used."""

_LOOKED_UP: ContextVar[LookedUp | None] = ContextVar("looked_up", default=None)


@contextmanager
def files_looked_up() -> Iterator[LookedUp]:
    """Collects the files that are looked up in the ``with`` block."""
    found: LookedUp = {}
    token = _LOOKED_UP.set(found)
    try:
        yield found
    finally:
        _LOOKED_UP.reset(token)


def find_file(folder: str | Path, path: str, endings: Sequence[str] = DATA) -> Path:
    """The file that a scenario in ``folder`` means by ``path``: there, or among the files kept with a run.

    Raises:
        ValueError: The path leaves the folder, has none of the ``endings``, does not exist or is too large.
    """
    looked_up = _LOOKED_UP.get()
    if looked_up is not None:
        looked_up[str(folder), path] = None
    written = PurePosixPath(path)
    if not path or "\0" in path:
        raise ValueError("the path of a file must not be empty")
    if written.is_absolute() or PureWindowsPath(path).is_absolute() or PureWindowsPath(path).drive:
        raise ValueError(f"{path} must be a path from the scenario's folder, not an absolute one")
    if ".." in written.parts or ".." in PureWindowsPath(path).parts:
        raise ValueError(f"{path} must stay in the scenario's folder: `..` is not allowed")
    root = Path(folder).resolve()
    try:
        found = (root / written).resolve()
        if not found.is_file() and (kept := (root / KEPT / written).resolve()).is_file():
            found = kept
        is_there = found.is_file()
    except (OSError, RuntimeError) as error:  # a name that is too long, or links in a circle
        reason = error.strerror if isinstance(error, OSError) else "its links go in a circle"
        raise ValueError(f"{path} cannot be looked up: {reason}") from None
    if not found.is_relative_to(root):
        raise ValueError(f"{path} leads out of the scenario's folder through a link")
    if not is_there:
        raise ValueError(f"there is no file {path} in the scenario's folder")
    if found.suffix.lower() not in endings:
        raise ValueError(f"{path} must be a {' or '.join(endings)} file")
    size = found.stat().st_size
    if size > SIZE_LIMIT:
        raise ValueError(f"{path} is too large: {size:,} bytes, at most {SIZE_LIMIT:,} are read")
    if looked_up is not None:
        looked_up[str(folder), path] = found
    return found


def column_types(folder: str | Path, path: str) -> dict[str, str]:
    """What each column of a file holds, by name: one of `KINDS`.

    Whole numbers become numbers where values are missing. In CSV files the values decide.

    Raises:
        ValueError: The file cannot be used; the message says why.
    """
    frame = _read(find_file(folder, path), path, None)
    return {name: _kind(frame[name], path) for name in frame.columns}


def column_levels(folder: str | Path, path: str, column: str) -> tuple[str, ...]:
    """The distinct texts of a column, sorted: the levels of a category.

    Raises:
        ValueError: The file cannot be used, or has no such column of texts.
    """
    values = read_columns(folder, path, [column])[column]
    if values.dtype != np.dtype(object):
        raise ValueError(f"column `{column}` of {path} does not hold text")
    return tuple(sorted(set(values.tolist())))


def read_columns(folder: str | Path, path: str, names: Sequence[str] | None = None) -> dict[str, npt.NDArray[Any]]:
    """Columns of a file as arrays: float64, int64, bool or object (texts).

    Args:
        folder: The scenario's folder.
        path: The file, from that folder.
        names: The columns wanted; None for all.

    Returns:
        Arrays of one length by column. Missing numbers are NaN.

    Raises:
        ValueError: The file cannot be used, a column is not there, or a value is missing where it must not be.
    """
    frame = _read(find_file(folder, path), path, names)
    return {name: _values(frame[name], path) for name in frame.columns}


def _read(found: Path, path: str, names: Sequence[str] | None) -> polars.DataFrame:
    import polars

    try:
        if found.suffix.lower() == ".csv":
            scan = polars.scan_csv(found, infer_schema_length=None)
        else:
            scan = polars.scan_parquet(found, glob=False)
        there = scan.collect_schema().names()
        missing = [name for name in names or () if name not in there]
        if missing:
            raise ValueError(f"{path} has no column `{missing[0]}`; it has {', '.join(there)}")
        return scan.collect() if names is None else scan.select(list(dict.fromkeys(names))).collect()
    except (polars.exceptions.PolarsError, OSError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(f"{path} cannot be read: {first}") from None


def _kind(column: polars.Series, path: str) -> str:
    dtype = column.dtype
    if dtype.is_integer():
        return "number" if column.null_count() else "whole"
    if dtype.is_float() or dtype.is_decimal():
        return "number"
    name = str(dtype)
    if name == "Boolean":
        return "bool"
    if dtype.is_temporal() or name.startswith(("String", "Categorical", "Enum")):
        return "text"
    raise ValueError(f"column `{column.name}` of {path} holds {name}, which a scenario cannot use")


def _values(column: polars.Series, path: str) -> npt.NDArray[Any]:
    import polars

    kind = _kind(column, path)
    if kind == "number":
        return column.cast(polars.Float64).fill_null(float("nan")).to_numpy(writable=True)
    if column.null_count():
        row = int(column.is_null().arg_true()[0]) + 1
        raise ValueError(f"column `{column.name}` of {path} has no value in row {row}")
    if kind == "whole":
        if column.dtype == polars.UInt64 and len(column) and int(column.max()) >= 2**63:  # type: ignore[arg-type]
            raise ValueError(f"column `{column.name}` of {path} holds whole numbers above 2^63")
        return column.cast(polars.Int64).to_numpy(writable=True)
    if kind == "bool":
        return column.to_numpy(writable=True)
    texts = np.empty(len(column), dtype=object)
    texts[:] = column.cast(polars.String).to_list()
    return texts
