"""Loading a scenario and what runs it, without looking for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Nothing that is made in the ``with`` block is looked at by the garbage collector, then or later.

    Modules stay until the process ends, so the search among them only costs time: a tenth of a second of every start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
