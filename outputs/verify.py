"""Is a run's folder whole and unchanged?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from bustle.outputs.errors import OutputError
from bustle.outputs.folder import CHECKPOINT, CHECKPOINT_OPTIONS, MANIFEST, PLOTS, files_in
from bustle.outputs.manifest import read_manifest, sha256_of, side_by_side


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a run's folder.

    Attributes:
        kind: ``incomplete`` (a run died, or was killed), ``missing``, ``changed`` or ``extra`` (a file that the run did
            not write).
        path: the file, relative to the folder.
        text: what is wrong, in one line.
    """

    kind: Literal["incomplete", "missing", "changed", "extra"]
    path: str
    text: str

    def __str__(self) -> str:
        return self.text


def verify(folder: Path | str) -> list[Problem]:
    """Compare every file of the run in ``folder`` with its manifest; an empty list means that all is well.

    A run that was stopped on purpose and says so in its manifest is whole as far as it goes. Pictures drawn after the
    run are nobody's problem.

    Raises:
        OutputError: ``folder`` is no folder, or a file in it cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise OutputError(f"{folder} is no folder")
    present = list(files_in(folder))
    problems = [_half_written(path) for path in present if _is_partial(path)]
    try:
        manifest = read_manifest(folder)
    except OutputError as error:
        kind: Literal["incomplete", "changed"] = "changed" if MANIFEST in present else "incomplete"
        return [Problem(kind, MANIFEST, str(error)), *problems, *_checkpoint(folder)]
    files: dict[str, Any] = manifest["files"]
    compared = side_by_side(lambda path: _compared(folder, path, files[path]), list(files))
    problems += [problem for problem in compared if problem is not None]
    known = {MANIFEST, *files}
    problems += [
        Problem("extra", path, f"{path} was not written by the run")
        for path in present
        if path not in known and not _is_partial(path) and not path.startswith((f"{PLOTS}/", f"{CHECKPOINT}/"))
    ]
    return [*problems, *_checkpoint(folder)]


def _checkpoint(folder: Path) -> list[Problem]:
    """What is to be said of a checkpoint: a run takes it away when it is complete."""
    place = folder / CHECKPOINT
    if not place.exists():
        return []
    go_on = f": `bustle resume {folder}` goes on with it" if (place / CHECKPOINT_OPTIONS).is_file() else ""
    return [Problem("incomplete", CHECKPOINT, f"{CHECKPOINT} is there: the run has not ended{go_on}")]


def _is_partial(path: str) -> bool:
    return path.endswith((".partial", ".partial.wal"))


def _half_written(path: str) -> Problem:
    return Problem("incomplete", path, f"{path} is half written: a run died before it was complete")


def _compared(folder: Path, path: str, entry: Any) -> Problem | None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or not isinstance(entry, dict):
        return Problem("changed", MANIFEST, f"{MANIFEST} is damaged: it lists {path!r}")
    file = folder / path
    if not file.is_file():
        return Problem("missing", path, f"{path} is missing")
    if "tables_sha256" in entry:
        return _compared_database(file, path, entry["tables_sha256"])
    size = file.stat().st_size
    if size != entry.get("bytes"):
        return Problem("changed", path, f"{path} has {size} bytes; it was written with {entry.get('bytes')}")
    if sha256_of(file) != entry.get("sha256"):
        return Problem("changed", path, f"{path} has changed since it was written")
    return None


def _compared_database(file: Path, path: str, digests: Any) -> Problem | None:
    from bustle.outputs.sinks import check_formats
    from bustle.outputs.sinks.duckdb_file import table_digests

    check_formats(["duckdb"])
    try:
        found = table_digests(file)
    except OutputError as error:
        return Problem("changed", path, str(error))
    different = sorted(name for name in {*found, *digests} if found.get(name) != digests.get(name))
    if different:
        return Problem(
            "changed", path, f"{path}: the rows of {', '.join(different)} have changed since they were written"
        )
    return None
