"""Where bustle keeps between runs what it would otherwise make again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Below ``BUSTLE_CACHE_DIR``, else in the user's cache folder. It need not exist, and may be deleted."""
    home = os.environ.get("BUSTLE_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "bustle"
