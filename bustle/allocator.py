"""How the C library keeps the memory of arrays that were freed."""

from __future__ import annotations

import ctypes
import sys

KEPT = 64 << 20
"""Bytes of freed memory that each of glibc's arenas may keep at its end."""

LARGEST = 32 << 20
"""Blocks of more bytes than this still come from the system, and go back to it."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of `mallopt`, in glibc's malloc.h."""


def keep_freed_memory() -> None:
    """Have glibc keep the memory of freed arrays for the next ones; nothing with other C libraries.

    A log and its tables are made in arrays of about a megabyte that live for milliseconds. Left to itself glibc gives
    their memory back to the system again and again, and gets it anew with every page filled with zeros: that takes as
    long as computing what the arrays hold. The setting is the process's, so it is for whoever owns the process to make.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, KEPT)
        mallopt(_MMAP_THRESHOLD, LARGEST)
