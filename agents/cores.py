"""The processors that there are, and how work is shared out among them."""

from __future__ import annotations

import os
from collections.abc import Callable


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_out(work: Callable[[int, int], None], size: int, least: int, *, threads: int | None = None) -> None:
    """Call ``work(first, end)`` for stretches that together are ``range(size)``, each in a thread of its own.

    Args:
        work: what is done; only what runs without the interpreter's lock runs side by side.
        size: how much there is to do.
        least: how much of it is worth a thread.
        threads: how many at most; one a core if not given.
    """
    shares = max(1, min(cores() if threads is None else threads, size // least))
    ends = [size * share // shares for share in range(shares + 1)]
    if shares == 1:
        work(0, size)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(shares, thread_name_prefix="bustle-share") as pool:
        for _ in pool.map(work, ends, ends[1:]):
            pass
