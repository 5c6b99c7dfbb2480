"""Where bustle keeps between runs what it would otherwise make again, in files that are whole or as good as none."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def cache_folder() -> Path:
    """Below ``BUSTLE_CACHE_DIR``, else in the user's cache folder. It need not exist, and may be deleted."""
    home = os.environ.get("BUSTLE_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "bustle"


def own_folder(name: str, *, make: bool = False) -> Path | None:
    """The folder ``name`` of the cache, if it is there and what is kept in it can be trusted."""
    folder = cache_folder() / name
    if make:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return None
    return folder if _is_own(folder) else None


def read_kept(path: Path) -> bytes | None:
    """What `write_kept` wrote; None if there is no such file, or a damaged one."""
    try:
        found = path.read_bytes()
    except OSError:
        return None
    checksum, content = found[:_DIGEST], found[_DIGEST:]
    return content if checksum == _checksum(content) else None


def write_kept(path: Path, content: bytes) -> None:
    """Write a file that comes into its place whole, whatever other processes do.

    Raises:
        OSError: it cannot be written.
    """
    import tempfile

    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as written:
        written.write(_checksum(content) + content)
    os.replace(written.name, path)


_DIGEST = 16
"""Bytes of the checksum that a kept file begins with."""


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()


def _is_own(folder: Path) -> bool:
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
