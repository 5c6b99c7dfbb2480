"""Where bustle keeps between runs what it would otherwise make again."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def cache_folder() -> Path:
    """Below ``BUSTLE_CACHE_DIR``, else in the user's cache folder. It need not exist, and may be deleted."""
    home = os.environ.get("BUSTLE_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "bustle"


def is_own(folder: Path) -> bool:
    """Whether ``folder`` is there, belongs to the user, and nobody else may write to it: what is kept in it is trusted.

    False where no owner of a folder is known.
    """
    try:
        found = folder.lstat()
    except OSError:
        return False
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    own = hasattr(os, "getuid") and stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return own and not others_write
