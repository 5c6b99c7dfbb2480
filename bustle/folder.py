"""The folder of a run: made empty before a run, emptied of what a failed run wrote."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from bustle.outputs.errors import OutputError, one_clear_line

OWN = ("log", "tables", "plots", "scenario.yaml", "manifest.json", "README.md")
"""What a run writes into its folder. Nothing else is ever removed."""


def prepare(folder: Path, *, force: bool) -> None:
    """Make ``folder`` ready for a run: there, and without an earlier run.

    Files that no run made are left alone, even with ``force``.

    Raises:
        FileExistsError: the folder holds something and ``force`` is not set.
        OutputError: it is no folder, holds files but no run, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder")
    occupied = folder.is_dir() and any(folder.iterdir())
    if occupied and not force:
        reason = "the folder exists and is not empty; --force replaces a run in it"
        raise FileExistsError(errno.EEXIST, reason, str(folder))
    if occupied and not is_run(folder):
        raise OutputError(f"{folder} holds files but no run; choose an empty folder")
    with one_clear_line("write to", folder):
        if occupied:
            clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / "scenario.yaml.partial"
        probe.touch()
        probe.unlink()


def is_run(folder: Path) -> bool:
    """True if a run, whole or not, is in ``folder``."""
    return (folder / "manifest.json").is_file() or (folder / "log" / "events").is_dir()


def clear(folder: Path) -> None:
    """Remove what a run wrote into ``folder``, the manifest first, so that what is left never looks complete."""
    (folder / "manifest.json").unlink(missing_ok=True)
    for name in OWN:
        for entry in (folder / name, folder / f"{name}.partial"):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
