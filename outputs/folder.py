"""The folder of a run: made before a run, and freed of an earlier run only when asked to.

Only files that a run wrote are ever removed: those its manifest lists, and those that bear names only a run gives.
A file that somebody put beside them stays, and so does a folder that holds no run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from bustle.outputs.errors import OutputError, one_clear_line
from bustle.scenarios.files import CODE, DATA, KEPT

MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"
CARD = "README.md"
PLOTS = "plots"
LOG_KINDS = ("events", "agents", "networks", "samples", "snapshots")
TABLE_EXTENSIONS = ("parquet", "csv", "jsonl", "arrow")
DATABASE = "dataset.duckdb"
CHECKPOINT = "checkpoint"
CHECKPOINT_STATE, CHECKPOINT_SPOOL, CHECKPOINT_OPTIONS = "state", "log.spool", "options.json"
_PLOT_EXTENSIONS = (".png", ".svg", ".pdf")


class FolderOccupied(OutputError, FileExistsError):
    """A folder holds something already, and nobody said that it may be replaced."""


def prepare(folder: Path | str, *, force: bool = False) -> Path:
    """Make ``folder`` ready for a run: it is there, can be written, and holds no earlier run.

    Raises:
        FolderOccupied: the folder is not empty and ``force`` is not set.
        OutputError: it is no folder, holds files but no run, or cannot be written.
    """
    folder = Path(folder)
    with one_clear_line("write to", folder):
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder} is a file, not a folder")
        if folder.is_dir() and any(folder.iterdir()):
            if not force:
                raise FolderOccupied(f"{folder} exists and is not empty; force replaces a run in it")
            if not is_run(folder):
                raise OutputError(f"{folder} holds files but no run, so nothing in it is replaced")
            clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"{MANIFEST}.partial"
        probe.touch()
        probe.unlink()
    return folder


def is_run(folder: Path) -> bool:
    """True if ``folder`` holds a run of bustle, whether or not it is complete."""
    return _listed(folder) is not None or (folder / "log" / "events").is_dir() or _holds_checkpoint(folder)


def _holds_checkpoint(folder: Path) -> bool:
    """True if there is a checkpoint, or what a run has made of one: nothing else may be in it."""
    place = folder / CHECKPOINT
    if not place.is_dir() or place.is_symlink():
        return False
    return all(_is_place(_whole(f"{CHECKPOINT}/{path}")) for path in files_in(place))


def clear(folder: Path) -> None:
    """Remove the files of the run in ``folder``, the manifest first, so that what is left never looks complete."""
    files = list(owned_files(folder))
    (folder / MANIFEST).unlink(missing_ok=True)
    if _holds_checkpoint(folder):  # what is left is nothing to go on from
        (folder / CHECKPOINT / CHECKPOINT_OPTIONS).unlink(missing_ok=True)
    for path in files:
        if not path.startswith(f"{CHECKPOINT}/"):
            (folder / path).unlink(missing_ok=True)
    drop(folder / CHECKPOINT)
    named = (*(f"log/{kind}" for kind in LOG_KINDS), "log", "tables", PLOTS)
    _remove_empty(*_inputs(folder), *(folder / name for name in named))


def drop(checkpoint: Path) -> None:
    """Remove the files of a checkpoint, and last the one that says that there is one."""
    if not checkpoint.is_dir() or checkpoint.is_symlink():
        return
    options = checkpoint / CHECKPOINT_OPTIONS
    for path in files_in(checkpoint):
        if checkpoint / path != options and _is_place(_whole(f"{CHECKPOINT}/{path}")):
            (checkpoint / path).unlink(missing_ok=True)
    options.unlink(missing_ok=True)
    _remove_empty(*_inputs(checkpoint), checkpoint)


def _inputs(folder: Path) -> list[Path]:
    """The folders of kept files, the innermost first."""
    kept = folder / KEPT
    return [*sorted((path for path in kept.rglob("*") if path.is_dir()), reverse=True), kept]


def _remove_empty(*places: Path) -> None:
    for place in places:
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()


def owned_files(folder: Path) -> Iterator[str]:
    """The files in ``folder`` that its run wrote, as relative paths with ``/``: complete ones and partial ones."""
    listed = set(_listed(folder) or ())
    tables = cache(lambda: _tables(folder))  # asked only about files that no manifest lists
    for path in files_in(folder):
        pure = PurePosixPath(path)
        whole = _whole(path)
        if path in listed or path == MANIFEST or (whole != pure and _is_place(whole)):
            yield path
        elif _is_place(pure) and (pure.parts[0] != "tables" or pure.name == DATABASE or pure.stem in tables()):
            yield path


def files_in(folder: Path) -> Iterator[str]:
    """Every file in ``folder``, sorted, as relative paths with ``/``; links to folders are not followed."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            for inner in files_in(path):
                yield f"{path.name}/{inner}"
        else:
            yield path.name


def _whole(path: str) -> PurePosixPath:
    """The path under which a file appears when it is complete."""
    return PurePosixPath(path.removesuffix(".wal").removesuffix(".partial"))


def _is_place(path: PurePosixPath) -> bool:
    """True for the paths that a run may write."""
    match path.parts:
        case (name,):
            return name in (SCENARIO, MANIFEST, CARD)
        case ("log", kind, name):
            return kind in LOG_KINDS and name.endswith(".parquet")
        case ("tables", name):
            return name == DATABASE or name.endswith(tuple(f".{e}" for e in TABLE_EXTENSIONS))
        case ("plots", name):
            return name.endswith(_PLOT_EXTENSIONS)
        case ("checkpoint", name):
            return name in (SCENARIO, CHECKPOINT_STATE, CHECKPOINT_SPOOL, CHECKPOINT_OPTIONS)
        case ("inputs", *_, name) | ("checkpoint", "inputs", *_, name):
            return name.endswith((*DATA, *CODE))
        case _:
            return False


def _listed(folder: Path) -> list[str] | None:
    """The files that the manifest of a run lists; None where there is no such manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return list(manifest["files"]) if manifest["format"].startswith("bustle") else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _tables(folder: Path) -> set[str]:
    """The names of the tables that the run's scenario records, which a run that died may have left."""
    import yaml

    try:
        root = yaml.compose((folder / SCENARIO).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return set()
    sections = dict((key.value, value) for key, value in root.value) if isinstance(root, yaml.MappingNode) else {}
    record = sections.get("record")
    return {key.value for key, _ in record.value} if isinstance(record, yaml.MappingNode) else set()
